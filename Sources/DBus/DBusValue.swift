package import Bytes

/// A value with its type (D-Bus specification, "Type System"). Of the types those that systemd's
/// interface uses; file descriptors and floating point are not among them.
package indirect enum DBusValue: Equatable, Sendable {
  case byte(UInt8)
  case boolean(Bool)
  case int16(Int16)
  case uint16(UInt16)
  case int32(Int32)
  case uint32(UInt32)
  case int64(Int64)
  case uint64(UInt64)
  case string(ByteString)
  case objectPath(ByteString)
  case signature(ByteString)
  /// With the signature of its elements, as an empty one has to tell its type, too.
  case array(ByteString, [DBusValue])
  case structure([DBusValue])
  case dictionaryEntry(DBusValue, DBusValue)
  case variant(DBusValue)

  /// An array of strings, `as`.
  package static func strings(_ values: [ByteString]) -> DBusValue {
    .array("s", values.map { .string($0) })
  }

  /// An array of bytes, `ay`.
  package static func bytes(_ values: [UInt8]) -> DBusValue {
    .array("y", values.map { .byte($0) })
  }

  package var signature: ByteString {
    switch self {
    case .byte: "y"
    case .boolean: "b"
    case .int16: "n"
    case .uint16: "q"
    case .int32: "i"
    case .uint32: "u"
    case .int64: "x"
    case .uint64: "t"
    case .string: "s"
    case .objectPath: "o"
    case .signature: "g"
    case .array(let element, _): "a" + element
    case .structure(let members): "(" + members.map { $0.signature }.joined(by: "") + ")"
    case .dictionaryEntry(let key, let value): "{" + key.signature + value.signature + "}"
    case .variant: "v"
    }
  }

  /// The text of a string, a path or a signature, also inside of a variant.
  package var text: ByteString? {
    switch self {
    case .string(let text), .objectPath(let text), .signature(let text): text
    case .variant(let value): value.text
    case .byte, .boolean, .int16, .uint16, .int32, .uint32, .int64, .uint64, .array, .structure,
      .dictionaryEntry:
      nil
    }
  }
}
