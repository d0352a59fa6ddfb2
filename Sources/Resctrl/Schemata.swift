import Bytes

/// The text of a `schemata` file: for each resource a line with the values of its domains,
/// `L3:0=ff;1=ff`. The kernel pads names and values with blanks.
struct Schemata {
  private var resources = [(name: ByteString, domains: [Domain])]()

  private struct Domain: Equatable {
    let id: ByteString
    let value: ByteString
  }

  init(_ text: ByteString) {
    for line in text.split(on: 0x0a) {
      guard let (name, domains) = line.cut(at: UInt8(ascii: ":")) else { continue }
      resources.append((Schemata.plain(name), Schemata.domains(domains)))
    }
  }

  /// Whether each value of `line` is here too.
  func contain(_ line: ByteString) -> Bool {
    guard let (name, domains) = line.cut(at: UInt8(ascii: ":")),
      let own = resources.first(where: { $0.name == Schemata.plain(name) })
    else { return false }
    return Schemata.domains(domains).allSatisfy { own.domains.contains($0) }
  }

  /// Of the resource that a line is about.
  static func name(of line: ByteString) -> ByteString {
    plain(line.cut(at: UInt8(ascii: ":"))?.before ?? line)
  }

  private static func domains(_ text: ByteString) -> [Domain] {
    text.split(on: UInt8(ascii: ";")).compactMap {
      guard let (id, value) = $0.cut(at: UInt8(ascii: "=")) else { return nil }
      return Domain(id: number(id), value: number(value))
    }
  }

  private static func plain(_ text: ByteString) -> ByteString {
    ByteString(text.bytes.filter { $0 != UInt8(ascii: " ") })
  }

  /// Masks and numbers, whatever zeros are before them.
  private static func number(_ text: ByteString) -> ByteString {
    let text = plain(text).lowercased
    let digits = (text.hasPrefix("0x") ? text.dropFirst(2) : text).bytes
    return ByteString(digits.drop { $0 == UInt8(ascii: "0") })
  }
}
