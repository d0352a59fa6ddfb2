import Bytes

/// Writes values in little-endian order, each aligned to its size from the start of the message.
struct MessageWriter {
  private(set) var bytes: [UInt8] = []

  mutating func align(to size: Int) {
    while bytes.count % size != 0 { bytes.append(0) }
  }

  mutating func write(_ value: DBusValue) {
    switch value {
    case .byte(let number): bytes.append(number)
    case .boolean(let flag): number(UInt32(flag ? 1 : 0))
    case .int16(let value): number(value)
    case .uint16(let value): number(value)
    case .int32(let value): number(value)
    case .uint32(let value): number(value)
    case .int64(let value): number(value)
    case .uint64(let value): number(value)
    case .string(let text), .objectPath(let text):
      number(UInt32(truncatingIfNeeded: text.count))
      bytes += text.bytes
      bytes.append(0)
    case .signature(let text): signature(text)
    case .array(let element, let values): array(element, values)
    case .structure(let members):
      align(to: 8)
      for member in members { write(member) }
    case .dictionaryEntry(let key, let value):
      align(to: 8)
      write(key)
      write(value)
    case .variant(let value):
      signature(value.signature)
      write(value)
    }
  }

  mutating func number(_ value: some FixedWidthInteger) {
    align(to: value.bitWidth / 8)
    bytes.append(littleEndian: value)
  }

  private mutating func signature(_ text: ByteString) {
    bytes.append(UInt8(truncatingIfNeeded: text.count))
    bytes += text.bytes
    bytes.append(0)
  }

  private mutating func array(_ element: ByteString, _ values: [DBusValue]) {
    number(UInt32(0))
    let lengthAt = bytes.count - 4
    // The padding before the first element does not count, and is there even without one.
    align(to: Alignment.of(element[0]))
    let start = bytes.count
    for value in values { write(value) }
    let length = UInt32(truncatingIfNeeded: bytes.count - start)
    bytes.replace(at: lengthAt, littleEndian: length)
  }
}

enum Alignment {
  static func of(_ type: UInt8) -> Int {
    switch type {
    case UInt8(ascii: "y"), UInt8(ascii: "g"), UInt8(ascii: "v"): 1
    case UInt8(ascii: "n"), UInt8(ascii: "q"): 2
    case UInt8(ascii: "x"), UInt8(ascii: "t"), UInt8(ascii: "d"), UInt8(ascii: "("),
      UInt8(ascii: "{"):
      8
    default: 4
    }
  }
}

/// Reads values by their signature, and refuses what does not fit into the message.
struct MessageReader {
  private let bytes: [UInt8]
  private(set) var position: Int
  private let isBigEndian: Bool
  private var depth = 0

  init(_ bytes: [UInt8], at position: Int = 0, isBigEndian: Bool = false) {
    self.bytes = bytes
    self.position = position
    self.isBigEndian = isBigEndian
  }

  mutating func align(to size: Int) throws(DBusError) {
    let over = position % size
    if over != 0 { try skip(size - over) }
  }

  private mutating func skip(_ count: Int) throws(DBusError) {
    guard count <= bytes.count - position else { throw .malformed("a value beyond its end") }
    position += count
  }

  /// The values of a whole signature.
  mutating func values(_ signature: ByteString) throws(DBusError) -> [DBusValue] {
    var types = signature.bytes
    var values = [DBusValue]()
    while !types.isEmpty { values.append(try value(&types)) }
    return values
  }

  /// One complete type, taken off `types`.
  private mutating func value(_ types: inout ArraySlice<UInt8>) throws(DBusError) -> DBusValue {
    guard let type = types.popFirst() else { throw .malformed("an incomplete signature") }
    depth += 1
    defer { depth -= 1 }
    // 64 containers, which the bus lets pass (D-Bus specification, "Valid Signatures"), and a value in
    // the innermost.
    guard depth <= 65 else { throw .malformed("values nested too deep") }
    switch type {
    case UInt8(ascii: "y"): return .byte(try number())
    case UInt8(ascii: "b"): return .boolean(try number(UInt32.self) != 0)
    case UInt8(ascii: "n"): return .int16(try number())
    case UInt8(ascii: "q"): return .uint16(try number())
    case UInt8(ascii: "i"): return .int32(try number())
    case UInt8(ascii: "u"), UInt8(ascii: "h"): return .uint32(try number())
    case UInt8(ascii: "x"): return .int64(try number())
    // A double, which another user's signal may have, as its bits.
    case UInt8(ascii: "t"), UInt8(ascii: "d"): return .uint64(try number())
    case UInt8(ascii: "s"): return .string(try text(Int(try number(UInt32.self))))
    case UInt8(ascii: "o"): return .objectPath(try text(Int(try number(UInt32.self))))
    case UInt8(ascii: "g"): return .signature(try text(Int(try number(UInt8.self))))
    case UInt8(ascii: "v"):
      var inner = try text(Int(try number(UInt8.self))).bytes
      let value = try value(&inner)
      guard inner.isEmpty else { throw .malformed("a variant of several values") }
      return .variant(value)
    case UInt8(ascii: "a"): return try array(&types)
    case UInt8(ascii: "("), UInt8(ascii: "{"):
      return try members(&types, end: type == UInt8(ascii: "(") ? UInt8(ascii: ")") : 0x7d)
    default: throw .malformed("an unknown type")
    }
  }

  private mutating func members(_ types: inout ArraySlice<UInt8>, end: UInt8) throws(DBusError)
    -> DBusValue
  {
    try align(to: 8)
    var members = [DBusValue]()
    while types.first != end { members.append(try value(&types)) }
    types = types.dropFirst()
    if end == UInt8(ascii: ")") { return .structure(members) }
    guard members.count == 2 else { throw .malformed("an entry that is not a pair") }
    return .dictionaryEntry(members[0], members[1])
  }

  private mutating func array(_ types: inout ArraySlice<UInt8>) throws(DBusError) -> DBusValue {
    let length = Int(try number(UInt32.self))
    guard let first = types.first else { throw .malformed("an incomplete signature") }
    try align(to: Alignment.of(first))
    guard length <= bytes.count - position else { throw .malformed("an array beyond its end") }
    let end = position + length
    let element = try DBusSignature.first(of: types)
    var values = [DBusValue]()
    while position < end {
      var inner = types.prefix(element)
      let before = position
      values.append(try value(&inner))
      // Elements without a size would never end.
      guard position > before else { throw .malformed("an array of nothing") }
    }
    guard position == end else { throw .malformed("an array beyond its end") }
    let signature = ByteString(types.prefix(element))
    types = types.dropFirst(element)
    return .array(signature, values)
  }

  mutating func number<Number: FixedWidthInteger>(_ type: Number.Type = Number.self)
    throws(DBusError) -> Number
  {
    let size = Number.bitWidth / 8
    try align(to: size)
    let start = position
    try skip(size)
    var value: Number = 0
    for index in 0..<size {
      let shift = isBigEndian ? size - 1 - index : index
      value |= Number(truncatingIfNeeded: bytes[start + index]) << (shift * 8)
    }
    return value
  }

  private mutating func text(_ count: Int) throws(DBusError) -> ByteString {
    let start = position
    try skip(count)
    let text = bytes[start..<position]
    try skip(1)
    if text.contains(0) { throw .malformed("text with a NUL") }
    return ByteString(text)
  }
}

enum DBusSignature {
  /// How many bytes the first complete type takes.
  static func first(of types: ArraySlice<UInt8>) throws(DBusError) -> Int {
    var open = 0
    for (index, type) in types.enumerated() {
      switch type {
      case UInt8(ascii: "a"): continue
      case UInt8(ascii: "("), UInt8(ascii: "{"): open += 1
      case UInt8(ascii: ")"), UInt8(ascii: "}"): open -= 1
      default: break
      }
      if open == 0 { return index + 1 }
      if open < 0 || index >= 255 { break }
    }
    throw .malformed("an incomplete signature")
  }
}
