import Bytes
import Console
import Container
import Launch
import Linux
import Plan
import Report
import StateStore

/// `exec`: one more process in a running container, by the same steps as its init.
enum Exec {
  static func perform(_ options: ExecOptions, _ context: CommandContext) throws(CommandFailure)
    -> Int32
  {
    do throws(CommandFailure) {
      return try join(options, context)
    } catch {
      // A program may well end with 1.
      throw error.with(exitStatus: CommandFailure.execStatus)
    }
  }

  private static func join(_ options: ExecOptions, _ context: CommandContext)
    throws(CommandFailure) -> Int32
  {
    let executor = try executor(options, context)
    try executor.perform()
    context.log.showWarnings()
    guard !options.detach, let stage = executor.stage else { return 0 }
    let end = try attempt(
      SyscallError.self, ForegroundRelay(stage.child, master: stage.terminal).run())
    // What is open the kernel closes in one go; we would do it one by one.
    if context.trace == nil { ThisProcess.exit(end.exitStatus) }
    return end.exitStatus
  }

  private static func executor(_ options: ExecOptions, _ context: CommandContext)
    throws(CommandFailure) -> HostExecutor
  {
    let container = try Container.require(options.id, context)
    try container.check(options.ignorePaused ? .execIgnoringPause : .exec, context)
    guard let initProcess = try container.openInit() else {
      throw CommandFailure("cannot exec in a stopped container")
    }
    let plan = try plan(options, container, context)
    try checkTerminal(plan, options)
    let request = HostRequest(
      consoleSocket: options.consoleSocket, pidfdSocket: options.pidfdSocket,
      pidFile: options.pidFile, isDetached: options.detach, waitsForStart: false)
    return HostExecutor(
      .process(
        .init(
          plan: plan, container: container, initProcess: initProcess, cgroups: options.cgroups)),
      HostOrder.exec(plan, request),
      LaunchOptions(
        isDetached: options.detach, waitsForStart: false, preserveFds: options.preserveFds),
      context
    ) {
      let pid = container.record.initProcess?.pid
      return Explanation(container, context, exec: plan.exec, pid: pid)?.explain($0, options) ?? $0
    }
  }

  private static func checkTerminal(_ plan: ExecPlan, _ options: ExecOptions)
    throws(CommandFailure)
  {
    guard plan.exec.program?.terminal != nil else { return }
    if options.consoleSocket == nil && options.detach {
      throw CommandFailure("a detached process with a terminal needs --console-socket")
    }
  }
}
