import Bytes
import Container
import Linux
import Report
import StateStore

/// Which containers a command with `--regex` is about.
enum Matching {
  /// The ids that `pattern` means; itself unless it is a regular expression.
  static func ids(_ id: ByteString, isPattern: Bool, _ context: CommandContext)
    throws(CommandFailure) -> [ByteString]
  {
    guard isPattern else { return [id] }
    guard let pattern = RegularExpression(id) else {
      throw CommandFailure(quoted(id) + " is not an extended regular expression")
    }
    let ids = try attempt(StateError.self, StateListing(context.root).ids)
    let found = ids.map { $0.text }.filter { pattern.matches($0) }
    if found.isEmpty { context.log.warning("no container's id matches " + quoted(id)) }
    return found
  }
}
