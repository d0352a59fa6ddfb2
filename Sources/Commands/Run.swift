import Bytes
import Console
import Container
import Launch
import Linux
import Report
import Tracing

/// `run`: create and start, and in the foreground wait and delete too.
enum Run {
  static func perform(_ options: RunOptions, _ context: CommandContext) throws(CommandFailure)
    -> Int32
  {
    if !options.detach && !options.noSubreaper {
      // Children that the program leaves behind are reaped here.
      try attempt(SyscallError.self, ThisProcess.setChildSubreaper(true))
    }
    if let profile = options.profile { try Output.check(new: profile) }
    var options = options
    if options.create.changes.rootfs != nil {
      options.create.id = try attempt(SyscallError.self, generatedID())
    }
    let executor = try Create.executor(
      options.create, context, isDetached: options.detach, waitsForStart: false,
      holdsStart: !options.breaks.isEmpty)
    if !options.breaks.isEmpty { executor.breaks = try BreakPoints(options.breaks, executor) }
    var supervisor: CallSupervisor?
    if let purpose = options.create.supervision {
      executor.beforeStart = { (child, plan, program) throws(SyscallError) in
        let started = try CallSupervisor.start(beside: child, plan, program, purpose)
        supervisor = started
        return started.result
      }
    }
    try executor.perform()
    context.log.showWarnings()
    guard let stage = executor.stage else { return 1 }
    if options.detach {
      if options.create.changes.rootfs != nil {
        try Output.write(Array((options.create.id + "\n").bytes))
      }
      try executor.notifyProxy?.wait(for: stage.child)
      return 0
    }
    let status = try wait(
      stage.child, executor, isSubreaper: !options.noSubreaper, keeps: options.keep)
    if let supervisor { try CallSupervisor.tell(supervisor, status, options) }
    return status
  }

  private static func generatedID() throws(SyscallError) -> ByteString {
    "run-" + ByteString(decimal: ThisProcess.id) + "-"
      + ByteString(hexadecimal: try Random.number() & 0xffff, width: 4)
  }

  static func wait(
    _ child: ProcessHandle, _ executor: HostExecutor, isSubreaper: Bool, keeps: Bool
  ) throws(CommandFailure) -> Int32 {
    let end: ProcessEnd
    let start = Clock.monotonicNanoseconds
    let span = executor.context.trace?.begin(.program, "the program of the container")
    do throws(SyscallError) {
      end = try ForegroundRelay(
        child, master: executor.terminal, isSubreaper: isSubreaper,
        extraSource: executor.notifyProxy?.extraSource
      ).run()
    } catch {
      child.end()
      try Teardown.perform(endOf: executor)
      throw CommandFailure(error)
    }
    executor.context.trace?.end(span)
    EndReport.keep(
      end, of: child, since: start, executor.record, executor.cgroup,
      end == .exited(0) ? executor.plan : executor.planWithRules,
      keptIn: keeps ? executor.directory : nil, executor.context)
    if !keeps { try Teardown.perform(endOf: executor) }
    return end.exitStatus
  }
}
