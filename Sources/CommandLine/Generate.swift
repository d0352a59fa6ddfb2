import Bytes

/// `apus generate`: papers made from the table.
enum Generate {
  static func text(_ operands: [ByteString]) throws(ArgumentError) -> ByteString {
    throw ArgumentError(message: "`generate` is not implemented in this version")
  }
}
