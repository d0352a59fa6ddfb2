import Bytes
import Console
import Container
import Launch
import Linux
import Plan
import Report

/// `restore`: a container from the images of a `checkpoint`; in the foreground it is waited for and
/// deleted, as by `run`.
enum Restore {
  static func perform(_ options: RestoreOptions, _ context: CommandContext)
    throws(CommandFailure) -> Int32
  {
    if context.host.effectiveUserID != 0 {
      throw CommandFailure("restore needs root: criu cannot restore a container without it")
    }
    if !options.detach && !options.noSubreaper {
      try attempt(SyscallError.self, ThisProcess.setChildSubreaper(true))
    }
    let executor = try Create.executor(
      options.create, context, isDetached: options.detach, waitsForStart: false,
      images: try options.images.request)
    try executor.perform()
    context.log.showWarnings()
    guard let child = executor.child else { return 1 }
    if options.detach { return 0 }
    return try Run.wait(
      child, executor, isSubreaper: !options.noSubreaper, keeps: false)
  }
}
