/// A reader of JSON that shares no line with the product's: it looks at what was accepted and says
/// what nobody may ever accept. It takes for granted that the text is JSON.
struct Scan {
  indirect enum Node {
    case object([(name: [UInt8], value: Node)])
    case array([Node])
    case string([UInt8])
    /// As spelled.
    case number(String)
    /// `true`, `false` or `null`.
    case word(String)
  }

  private let text: [UInt8]
  private var at = 0
  /// What was found that must be refused.
  private(set) var fault: String?

  /// The tree of `text`, and what is wrong with it.
  static func read(_ text: [UInt8]) -> (root: Node, fault: String?) {
    var scan = Scan(text: text)
    let root = scan.value()
    scan.blanks()
    if scan.at != text.count { scan.fault = "text behind the value" }
    return (root, scan.fault)
  }

  private init(text: [UInt8]) { self.text = text }

  /// 0 at the end, which is no byte of JSON.
  private var byte: UInt8 { at < text.count ? text[at] : 0 }

  private mutating func blanks() {
    while [0x20, 0x09, 0x0a, 0x0d].contains(byte) { at += 1 }
  }

  private mutating func value() -> Node {
    blanks()
    switch byte {
    case UInt8(ascii: "{"):
      var members: [(name: [UInt8], value: Node)] = []
      list(until: "}") { scan in
        let name = scan.string()
        scan.blanks()
        scan.at += 1
        if members.contains(where: { $0.name == name }) { scan.fault = "a duplicate name" }
        members.append((name, scan.value()))
      }
      return .object(members)
    case UInt8(ascii: "["):
      var elements: [Node] = []
      list(until: "]") { scan in elements.append(scan.value()) }
      return .array(elements)
    case UInt8(ascii: "\""):
      return .string(string())
    case UInt8(ascii: "-"), 0x30...0x39:
      let start = at
      while "+-.eE0123456789".utf8.contains(byte) { at += 1 }
      return .number(String(decoding: text[start..<at], as: UTF8.self))
    default:
      let start = at
      while (0x61...0x7a).contains(byte) { at += 1 }
      return .word(String(decoding: text[start..<at], as: UTF8.self))
    }
  }

  private mutating func list(until end: Unicode.Scalar, _ item: (inout Scan) -> Void) {
    at += 1
    while true {
      blanks()
      if byte == UInt8(ascii: end) || at >= text.count { break }
      if byte == UInt8(ascii: ",") { at += 1 }
      blanks()
      item(&self)
    }
    at += 1
  }

  /// The string that begins here, with its escapes resolved.
  private mutating func string() -> [UInt8] {
    var units: [UInt16] = []
    var bytes: [UInt8] = []
    at += 1
    while byte != UInt8(ascii: "\""), at < text.count {
      if byte == 0 { fault = "a NUL in a string" }
      guard byte == UInt8(ascii: "\\") else {
        bytes.append(byte)
        at += 1
        continue
      }
      at += 1
      let escape = byte
      at += 1
      switch escape {
      case UInt8(ascii: "u"):
        let digits = String(decoding: text[at..<min(at + 4, text.count)], as: UTF8.self)
        at += 4
        let unit = UInt16(digits, radix: 16) ?? 0
        if unit == 0 { fault = "a NUL in a string" }
        units = units.count == 1 ? units + [unit] : [unit]
        if UTF16.isLeadSurrogate(unit) { continue }
        bytes += String(decoding: units, as: UTF16.self).utf8
        units = []
      case UInt8(ascii: "b"): bytes.append(0x08)
      case UInt8(ascii: "f"): bytes.append(0x0c)
      case UInt8(ascii: "n"): bytes.append(0x0a)
      case UInt8(ascii: "r"): bytes.append(0x0d)
      case UInt8(ascii: "t"): bytes.append(0x09)
      default: bytes.append(escape)
      }
    }
    at += 1
    return bytes
  }
}
