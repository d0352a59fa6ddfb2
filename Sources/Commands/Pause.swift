import Bytes
import Container
import Plan
import Report

/// `pause`: freezes every process of a container.
enum Pause {
  static func perform(_ id: ByteString, _ context: CommandContext) throws(CommandFailure) -> Int32 {
    try ControlExecutor(.pause, id: id, context).perform()
    return 0
  }
}
