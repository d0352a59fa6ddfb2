import Bytes
import Container
import Launch
import Linux
import OCISpec
import Plan
import Report
import StateStore

/// `create`: the container with everything but its program running.
enum Create {
  static func perform(_ options: CreateOptions, _ context: CommandContext) throws(CommandFailure)
    -> Int32
  {
    let executor = try executor(options, context, isDetached: true, waitsForStart: true)
    try executor.perform()
    return 0
  }

  /// Everything up to the first look at the host: for `create` and `run`.
  static func executor(
    _ options: CreateOptions, _ context: CommandContext, isDetached: Bool, waitsForStart: Bool,
    holdsStart: Bool = false, images: ImageRequest? = nil
  ) throws(CommandFailure) -> HostExecutor {
    _ = try attempt(StateError.self, ContainerID(options.id))
    let options = try attempt(SyscallError.self, options.resolved)
    let (plan, config) = try readPlan(options, context, isDetached: isDetached)
    if plan.exec.program == nil, !waitsForStart {
      throw ConfigExplanation(config, options.config).withoutProgram()
    }
    try checkTerminal(plan, options, isDetached: isDetached)
    let bundle = try CommandFailure.from { () throws(SyscallError) in
      SharedDescriptor(try Handle.currentDirectory.open(options.bundle, [.path, .directory]))
    }
    let request = HostRequest(
      consoleSocket: options.consoleSocket, pidfdSocket: options.pidfdSocket,
      pidFile: options.pidFile, isDetached: isDetached, waitsForStart: waitsForStart,
      holdsStart: holdsStart || options.supervision != nil)
    return HostExecutor(
      .container(.init(plan: plan, config: config, bundle: bundle)),
      images.map { .restore(plan, $0, request) } ?? .create(plan, request),
      LaunchOptions(
        isDetached: isDetached, waitsForStart: waitsForStart, preserveFds: options.preserveFds,
        supervision: options.supervision),
      context
    ) {
      Explanation(
        ConfigReading.withRules(plan, of: config, context), file: options.config,
        host: context.host
      ).explain($0)
    }
  }

  /// Reads, decodes and plans the bundle: no effect so far.
  private static func readPlan(
    _ options: CreateOptions, _ context: CommandContext, isDetached: Bool
  ) throws(CommandFailure) -> (CreatePlan, config: [UInt8]) {
    let bytes = try options.changes.text(of: options.config, context, isDetached: isDetached)
    let nonce = try CommandFailure.from { () throws(SyscallError) in
      options.noNewKeyring ? nil : try Random.number()
    }
    if let name = NotifyProxy.strangeManager {
      context.log.warning(
        "NOTIFY_SOCKET: readiness cannot be reported to " + quoted(name)
          + ", which is neither a path nor an abstract name")
    }
    do throws(ConfigError) {
      let request = CreateRequest(
        id: options.id, bundle: options.bundle, cgroupManager: context.cgroupManager,
        noPivot: options.noPivot, noNewKeyring: options.noNewKeyring,
        keyringNonce: nonce,
        notifyDirectory: NotifyProxy.managerPath.map { _ in
          StateDirectory.notifyPath(options.id, in: context.root)
        })
      let reading = try ConfigReading(
        bytes, needsRules: options.supervision != nil, context)
      var config = reading.config
      config.nameListener()
      try config.prepare(for: options.supervision)
      var plan = try CreatePlan.make(config, request, host: context.host)
      DocumentWarnings.tell(reading.document, config, plan, context.log)
      if options.supervision == nil { reading.note(in: &plan.exec) }
      return (plan, bytes)
    } catch {
      throw ConfigExplanation(bytes, options.config).failure(error)
    }
  }

  /// A terminal's master must have somewhere to go (PR-2).
  private static func checkTerminal(
    _ plan: CreatePlan, _ options: CreateOptions, isDetached: Bool
  ) throws(CommandFailure) {
    let wantsTerminal = plan.exec.program?.terminal != nil
    if wantsTerminal, isDetached, options.consoleSocket == nil {
      throw CommandFailure(
        "config.json /process/terminal: a detached container with a terminal needs "
          + "--console-socket")
    }
    if options.consoleSocket != nil, !wantsTerminal || !isDetached {
      throw CommandFailure(
        "--console-socket needs a detached container with /process/terminal in config.json")
    }
  }
}
