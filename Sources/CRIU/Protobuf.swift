package import Bytes

/// What of Protocol Buffers CRIU's messages are made of: variable-length numbers and bytes with a
/// length (protobuf.dev, "Encoding").
package struct ProtobufWriter: Equatable, Sendable {
  package private(set) var bytes: [UInt8] = []

  package init() {}

  package mutating func add(_ field: UInt32, _ value: UInt64) {
    addKey(field, wireType: 0)
    addVarint(value)
  }

  /// A negative number takes ten bytes, as `int32` and `sint` of version 2 do.
  package mutating func add(_ field: UInt32, _ value: Int32) {
    add(field, UInt64(bitPattern: Int64(value)))
  }

  package mutating func add(_ field: UInt32, _ value: Bool) {
    add(field, UInt64(value ? 1 : 0))
  }

  package mutating func add(_ field: UInt32, _ value: ByteString) {
    addBytes(field, Array(value.bytes))
  }

  package mutating func add(_ field: UInt32, _ message: ProtobufWriter) {
    addBytes(field, message.bytes)
  }

  private mutating func addBytes(_ field: UInt32, _ value: [UInt8]) {
    addKey(field, wireType: 2)
    addVarint(UInt64(value.count))
    bytes += value
  }

  private mutating func addKey(_ field: UInt32, wireType: UInt64) {
    addVarint(UInt64(field) << 3 | wireType)
  }

  private mutating func addVarint(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(truncatingIfNeeded: rest))
  }
}

/// A message that is not one.
package struct ProtobufError: Error, Equatable, Sendable {
  package let reason: ByteString
}

/// The fields of one message in their order. Fields that are not known are for the caller to skip; of one
/// that comes twice the last counts.
package struct ProtobufReader {
  package enum Value: Equatable, Sendable {
    case number(UInt64)
    case bytes([UInt8])
    /// 32 or 64 bits, which none of CRIU's fields has.
    case fixed
  }

  private let bytes: ArraySlice<UInt8>
  private var position: Int

  package init(_ bytes: [UInt8]) {
    self.bytes = bytes[...]
    position = 0
  }

  /// nil at the end.
  package mutating func next() throws(ProtobufError) -> (field: UInt32, value: Value)? {
    if position == bytes.endIndex { return nil }
    let key = try varint()
    guard let field = UInt32(exactly: key >> 3), field > 0 else {
      throw ProtobufError(reason: "a field without a number")
    }
    switch key & 7 {
    case 0: return (field, .number(try varint()))
    case 1:
      _ = try take(8)
      return (field, .fixed)
    case 2: return (field, .bytes(try take(try varint())))
    case 5:
      _ = try take(4)
      return (field, .fixed)
    default: throw ProtobufError(reason: "an unknown wire type")
    }
  }

  private mutating func take(_ count: UInt64) throws(ProtobufError) -> [UInt8] {
    guard count <= UInt64(bytes.endIndex - position) else {
      throw ProtobufError(reason: "a field that exceeds its message")
    }
    let end = position + Int(count)
    defer { position = end }
    return Array(bytes[position..<end])
  }

  private mutating func varint() throws(ProtobufError) -> UInt64 {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while position < bytes.endIndex {
      let byte = bytes[position]
      position += 1
      // The tenth byte has room for one bit.
      if shift == 63 && byte > 1 { throw ProtobufError(reason: "a number above 64 bits") }
      value |= UInt64(byte & 0x7f) << shift
      if byte < 0x80 { return value }
      shift += 7
    }
    throw ProtobufError(reason: "a number that is cut short")
  }
}
