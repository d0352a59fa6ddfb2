package import Bytes
import Cgroups
import Console
import Container
import Diagnosis
import Launch
import Linux
import Namespaces
import OCISpec
import Plan
import Report
import Rootfs
import StateStore

package struct DebugOptions: Equatable, Sendable {
  /// Without arguments a shell.
  package var exec: ExecOptions
  package var tools: ByteString?
  package var isPrivileged: Bool
  /// `--init-view`.
  package var onlyPrints: Bool

  package init(exec: ExecOptions, tools: ByteString?, isPrivileged: Bool, onlyPrints: Bool) {
    self.exec = exec
    self.tools = tools
    self.isPrivileged = isPrivileged
    self.onlyPrints = onlyPrints
  }
}

/// `debug`: an `exec` with tools of the host, in a root and a cgroup that end with it.
enum DebugCommand {
  static func perform(_ options: DebugOptions, _ context: CommandContext)
    throws(CommandFailure) -> Int32
  {
    do throws(CommandFailure) {
      return try join(options, context)
    } catch {
      throw error.with(exitStatus: CommandFailure.execStatus)
    }
  }

  private static func join(_ options: DebugOptions, _ context: CommandContext)
    throws(CommandFailure) -> Int32
  {
    let container = try Container.require(options.exec.id, context)
    try container.check(.execIgnoringPause, context)
    guard let initProcess = try container.openInit() else {
      throw CommandFailure("cannot exec in a stopped container")
    }
    let plan = try plan(options, container, context)
    if options.onlyPrints {
      try Output.write(Array(commands(initProcess.pid, plan, options).bytes))
      return 0
    }
    let executor = HostExecutor(
      .process(.init(plan: plan, container: container, initProcess: initProcess, cgroups: [])),
      HostOrder.exec(plan, HostRequest(isDetached: false, waitsForStart: false)),
      LaunchOptions(isDetached: false, waitsForStart: false, preserveFds: 0), context
    ) { explained($0) }
    try executor.perform()
    context.log.showWarnings()
    guard let stage = executor.stage else { return 0 }
    let end: ProcessEnd
    do throws(SyscallError) {
      end = try ForegroundRelay(stage.child, master: stage.terminal).run()
    } catch {
      stage.child.end()
      try executor.endDebug()
      throw CommandFailure(error)
    }
    try executor.endDebug()
    return end.exitStatus
  }

  private static func explained(_ failure: CommandFailure) -> CommandFailure {
    guard failure.message.hasPrefix("exec: \""),
      ByteString("not found in $PATH").occurs(in: failure.message)
    else { return failure }
    return failure.diagnosed(
      Diagnosis(
        .execNotInPath, "neither the container nor the tools have it",
        hint: "`ls " + ToolRoot.place + "/bin` in it lists the tools, --tools DIR brings others"))
  }

  private static func plan(
    _ options: DebugOptions, _ container: Container, _ context: CommandContext
  ) throws(CommandFailure) -> ExecPlan {
    var config = try container.config()
    config.nameListener()
    if options.isPrivileged { config.linux.seccomp = nil }
    do throws(ConfigError) {
      var warnings = [ByteString]()
      let cgroup = try CgroupPlan.make(
        config: config, id: container.record.id, manager: .cgroupfs, host: context.host,
        warnings: &warnings)
      let plan = try ExecPlan.make(
        process(options, config), config: config, container: container.record.id,
        keyring: container.record.keyring, host: context.host, pointer: "/process",
        debug: DebugPlan(tools: options.tools, deviceProgram: cgroup.deviceProgram))
      DocumentWarnings.tell(planned: plan.warnings, context.log)
      return plan
    } catch {
      var failure = CommandFailure(error)
      if let option = options.exec.option(for: error.pointer) {
        failure.message = option + ": " + error.reason
        failure.report?.pointer = ""
      }
      throw failure
    }
  }

  private static func process(_ options: DebugOptions, _ config: Config) -> OCISpec.Process {
    var exec = options.exec
    if exec.arguments.isEmpty {
      exec.arguments = ["sh"]
      let streams: [Handle] = [.standardInput, .standardOutput]
      exec.tty = exec.tty || streams.allSatisfy { Terminal.isTerminal($0) }
    }
    if options.isPrivileged {
      exec.capabilities = Capability.names
      exec.noNewPrivileges = false
      if exec.user == nil { exec.user = ExecUser(uid: 0, gid: 0) }
    }
    var process = Exec.fromOptions(exec, config.process)
    // The container's come last: whoever wrote them is who is looked at.
    let path = process.env.last { $0.hasPrefix("PATH=") }?.dropFirst(5) ?? ""
    process.env.append(
      "PATH=" + ToolRoot.searchPath + (path.isEmpty ? ":" + ProgramSearch.defaultPath : ":" + path))
    // Who asked for them by name has them as another user than root, too.
    process.capabilities?.inheritable += options.exec.capabilities
    process.capabilities?.ambient += options.exec.capabilities
    if options.isPrivileged {
      process.apparmorProfile = nil
      process.selinuxLabel = nil
    }
    return process
  }

  /// For a look without the runtime.
  private static func commands(_ pid: Int32, _ plan: ExecPlan, _ options: DebugOptions)
    -> ByteString
  {
    let target = "nsenter --target " + ByteString(decimal: pid)
    var others: ByteString = " --pid"
    for kind in plan.joins where kind != .mount { others += " --" + kind.enterOption }
    let command = options.exec.arguments.isEmpty ? "sh" : options.exec.arguments.joined(by: " ")
    return "# init is process " + ByteString(decimal: pid) + ", its root is /proc/"
      + ByteString(decimal: pid) + "/root\n# with the programs of the container\n" + target
      + " --mount" + others + " --root --wd " + command
      + "\n# with the programs of the host, in its mount namespace\n" + target + others + " "
      + command + "\n"
  }
}
