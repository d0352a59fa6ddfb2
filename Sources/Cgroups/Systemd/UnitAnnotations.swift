import Bytes
import DBus
import OCISpec

/// `org.systemd.property.NAME` annotations: properties of the unit, as text of GVariant.
enum UnitAnnotations {
  private static let prefix: ByteString = "org.systemd.property."

  static func properties(_ annotations: [Entry<ByteString>]) throws(ConfigError) -> [UnitProperty] {
    var properties = [UnitProperty]()
    for entry in annotations where entry.key.hasPrefix(prefix) {
      let pointer = "/annotations/" + pointerToken(entry.key)
      var name = entry.key.dropFirst(prefix.count)
      guard name.count >= 3, name.bytes.allSatisfy(isLetter) else {
        throw ConfigError(pointer, quoted(name) + " is not a property name")
      }
      guard var value = GVariantText.parse(entry.value) else {
        throw ConfigError(pointer, quoted(entry.value) + " is not a property value")
      }
      if isSeconds(name) {
        guard let microseconds = microseconds(value) else {
          throw ConfigError(pointer, quoted(entry.value) + " is not a number of seconds")
        }
        name = name.dropLast(3) + "USec"
        value = .uint64(microseconds)
      }
      properties.append(UnitProperty(name: name, value: value))
    }
    return properties
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    byte >= 0x41 && byte <= 0x5a || byte >= 0x61 && byte <= 0x7a
  }

  /// `TimeoutStopSec`, as unit files have it, and not `CPUQuotaPerSecUSec`, as the bus has it.
  private static func isSeconds(_ name: ByteString) -> Bool {
    guard name.hasSuffix("Sec"), name.count > 3 else { return false }
    let before = name[name.count - 4]
    return before >= 0x61 && before <= 0x7a
  }

  private static func microseconds(_ value: DBusValue) -> UInt64? {
    let seconds: UInt64? =
      switch value {
      case .int32(let number): UInt64(exactly: number)
      case .uint32(let number): UInt64(number)
      case .int64(let number): UInt64(exactly: number)
      case .uint64(let number): number
      case .byte, .boolean, .int16, .uint16, .string, .objectPath, .signature, .array, .structure,
        .dictionaryEntry, .variant:
        nil
      }
    guard let (product, overflow) = seconds?.multipliedReportingOverflow(by: 1_000_000), !overflow
    else { return nil }
    return product
  }
}

/// The text form of the values that occur: strings and lists of them, flags, whole numbers.
enum GVariantText {
  static func parse(_ text: ByteString) -> DBusValue? {
    switch text {
    case "true": return .boolean(true)
    case "false": return .boolean(false)
    default: break
    }
    if let (type, number) = text.cut(at: 0x20) {
      switch type {
      case "byte": return integer(number).flatMap { UInt8(exactly: $0) }.map { .byte($0) }
      case "int16": return integer(number).flatMap { Int16(exactly: $0) }.map { .int16($0) }
      case "uint16": return integer(number).flatMap { UInt16(exactly: $0) }.map { .uint16($0) }
      case "int32": return integer(number).flatMap { Int32(exactly: $0) }.map { .int32($0) }
      case "uint32": return integer(number).flatMap { UInt32(exactly: $0) }.map { .uint32($0) }
      case "int64": return integer(number).map { .int64($0) }
      case "uint64": return trimmed(number).unsignedDecimal.map { .uint64($0) }
      case "objectpath": return string(trimmed(number)).map { .objectPath($0) }
      case "signature": return string(trimmed(number)).map { .signature($0) }
      default: break
      }
    }
    if let text = string(text) { return .string(text) }
    if text.hasPrefix("[") { return list(text) }
    return integer(text).flatMap { Int32(exactly: $0) }.map { .int32($0) }
  }

  private static func integer(_ text: ByteString) -> Int64? { trimmed(text).signedDecimal }

  private static func trimmed(_ text: ByteString) -> ByteString {
    ByteString(text.bytes.drop { $0 == 0x20 }.reversed().drop { $0 == 0x20 }.reversed())
  }

  private static func string(_ text: ByteString) -> ByteString? {
    var rest = text.bytes
    guard let string = string(&rest), rest.isEmpty else { return nil }
    return string
  }

  /// A quoted string, taken off `rest`.
  private static func string(_ rest: inout ArraySlice<UInt8>) -> ByteString? {
    guard let quote = rest.popFirst(), quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"")
    else { return nil }
    var result = [UInt8]()
    while let byte = rest.popFirst() {
      if byte == quote { return ByteString(result) }
      guard byte == UInt8(ascii: "\\") else {
        result.append(byte)
        continue
      }
      switch rest.popFirst() {
      case UInt8(ascii: "n"): result.append(0x0a)
      case UInt8(ascii: "t"): result.append(0x09)
      case UInt8(ascii: "\\"): result.append(UInt8(ascii: "\\"))
      case UInt8(ascii: "'"): result.append(UInt8(ascii: "'"))
      case UInt8(ascii: "\""): result.append(UInt8(ascii: "\""))
      default: return nil
      }
    }
    return nil
  }

  private static func list(_ text: ByteString) -> DBusValue? {
    var rest = text.bytes.dropFirst()
    var strings = [ByteString]()
    while true {
      rest = rest.drop { $0 == 0x20 }
      guard let string = string(&rest) else { return nil }
      strings.append(string)
      rest = rest.drop { $0 == 0x20 }
      switch rest.popFirst() {
      case UInt8(ascii: ","): continue
      case UInt8(ascii: "]"): return rest.isEmpty ? .strings(strings) : nil
      default: return nil
      }
    }
  }
}
