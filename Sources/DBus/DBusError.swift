package import Bytes
package import Linux

/// Why a call over the bus failed. Without the kernel's own text, which engines would take for the fate
/// of the container's program.
package enum DBusError: Error, Equatable, Sendable {
  /// A call on the socket of this bus failed.
  case unreachable(ByteString, SyscallError)
  /// The bus closed the connection.
  case closed(ByteString)
  /// The other side answered with an error: its name and its text.
  case refused(name: ByteString, text: ByteString)
  /// What arrived is not a message.
  case malformed(StaticString)
  /// No answer to this call in time.
  case timeout(ByteString)
  /// This address is of a kind that is not supported.
  case unsupported(ByteString)

  package static func == (left: DBusError, right: DBusError) -> Bool {
    left.message == right.message
  }

  package var message: ByteString {
    switch self {
    case .unreachable(let address, let error):
      "the message bus at `" + address.escaped(.path) + "` cannot be reached: " + error.call
        + " failed with " + (error.errno.symbol.isEmpty ? error.errno.text : error.errno.symbol)
    case .closed(let address):
      "the message bus at `" + address.escaped(.path) + "` closed the connection"
    case .refused(let name, let text):
      text.escaped(.sentence) + " (" + name.escaped() + ")"
    case .malformed(let what): "the message bus sent " + ByteString(stringLiteral: what)
    case .timeout(let what): "no answer to " + what + " in time"
    case .unsupported(let address):
      "the message bus address `" + address.escaped(.path) + "` is not supported"
    }
  }
}
