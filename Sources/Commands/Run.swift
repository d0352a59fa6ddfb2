import Bytes
import Console
import Hooks
import Launch
import Linux
import OCISpec
import Plan

/// `run`: create and start, and in the foreground wait and delete too.
enum Run {
  static func perform(_ options: RunOptions, _ context: CommandContext) throws(CommandFailure)
    -> Int32
  {
    if !options.detach && !options.noSubreaper {
      // Children that the program leaves behind are reaped here.
      try CommandFailure.from { () throws(SyscallError) in
        try ThisProcess.setChildSubreaper(true)
      }
    }
    let creation = try Creation.perform(
      options.create, context, isDetached: options.detach, makesFIFOs: false)
    guard let stage = creation.stage else { return 1 }
    let proxy: NotifyProxy?
    do throws(CommandFailure) {
      proxy = try NotifyProxy.open(creation.directory, creation.context.log)
      try start(stage, creation)
      try creation.writePidFile(stage.child)
      creation.release()
    } catch {
      throw creation.failed(error)
    }
    // From here on signals are the container's.
    Interruption.disarm()
    context.log.showWarnings()
    if options.detach {
      try proxy?.wait(for: stage.child)
      return 0
    }
    return try wait(stage, creation, options, proxy)
  }

  private static func start(_ stage: ParentStage, _ creation: Creation) throws(CommandFailure) {
    let outcome = try CommandFailure.from { () throws(StepFailure) in
      try stage.proceed()
      return try stage.outcome()
    }
    switch outcome {
    case .executed: break
    case .failed(let failure): throw CommandFailure(failure)
    case .died: throw CommandFailure("init ended before it executed the program")
    }
    let poststart = creation.plan.hooks[.poststart]
    if poststart.isEmpty { return }
    do throws(HookFailure) {
      try creation.hooks(status: .running, pid: stage.child.pid).run(poststart)
    } catch {
      throw CommandFailure(error.message)
    }
  }

  private static func wait(
    _ stage: ParentStage, _ creation: Creation, _ options: RunOptions, _ proxy: NotifyProxy?
  ) throws(CommandFailure) -> Int32 {
    let end: ProcessEnd
    let start = Clock.monotonicNanoseconds
    do throws(SyscallError) {
      end = try ForegroundRelay(
        stage.child, master: stage.terminal, isSubreaper: !options.noSubreaper,
        companion: proxy?.companion
      ).run()
    } catch {
      stage.child.end()
      try Removal.perform(endOf: creation)
      throw CommandFailure(error)
    }
    EndReport.keep(
      end, of: stage.child, since: start, creation.record, creation.cgroup,
      keptIn: options.keep ? creation.directory : nil, creation.context)
    if !options.keep { try Removal.perform(endOf: creation) }
    return end.exitStatus
  }
}
