import Bytes
import Container
import Plan
import Report

/// `resume`: lets a paused container go on.
enum Resume {
  static func perform(_ id: ByteString, _ context: CommandContext) throws(CommandFailure) -> Int32 {
    try ControlExecutor(.resume, id: id, context).perform()
    return 0
  }
}
