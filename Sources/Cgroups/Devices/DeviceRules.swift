import Bytes
import OCISpec

/// One rule about access to device nodes.
struct DeviceRule: Equatable, Sendable {
  enum Kind: Equatable, Sendable { case any, block, character }

  /// Bits as the kernel hands them to a device program.
  struct Access: OptionSet, Sendable {
    let rawValue: UInt32
    static let makeNode = Access(rawValue: 1)
    static let read = Access(rawValue: 2)
    static let write = Access(rawValue: 4)
    static let all: Access = [.makeNode, .read, .write]
  }

  var allow: Bool
  var kind: Kind = .any
  /// None stands for every number.
  var major: UInt32?
  var minor: UInt32?
  var access: Access = .all

  /// Whether no device and no access escapes this rule.
  var isTotal: Bool { kind == .any && major == nil && minor == nil && access == .all }
}

extension DeviceRule {
  /// The kernel's verifier takes time, and patience, with the square of the length.
  static let mostRules = 512

  /// The rules of `linux.resources.devices`, between what holds without them: everything is denied
  /// before (DR-5), and what every program expects is allowed after, so that no rule of the
  /// configuration takes it away (DR-6).
  static func list(_ rules: [Resources.DeviceRule], warnings: inout [ByteString])
    throws(ConfigError) -> [DeviceRule]
  {
    let pointer: ByteString = "/linux/resources/devices"
    if rules.count > mostRules { throw ConfigError(pointer, "more than 512 rules") }
    var list = [DeviceRule(allow: false)]
    for (index, rule) in rules.enumerated() {
      let rule = try DeviceRule(
        rule, pointer: pointer + "/" + ByteString(decimal: index), warnings: &warnings)
      if rule.isTotal { list.removeAll() }
      list.append(rule)
    }
    return list == [DeviceRule(allow: true)] ? list : list + builtIn
  }

  private init(
    _ rule: Resources.DeviceRule, pointer: ByteString, warnings: inout [ByteString]
  ) throws(ConfigError) {
    allow = rule.allow
    switch rule.type {
    case nil, "a": kind = .any
    case "b": kind = .block
    case "c": kind = .character
    default:
      throw ConfigError(
        pointer + "/type", "unknown type " + quoted(rule.type ?? "") + "; a, b or c")
    }
    major = try DeviceRule.number(rule.major, pointer + "/major")
    minor = try DeviceRule.number(rule.minor, pointer + "/minor")
    guard let letters = rule.access, !letters.isEmpty else {
      guard kind == .any else { throw ConfigError(pointer, "no `access`") }
      access = .all
      return
    }
    access = []
    var isKnown = true
    for letter in letters.bytes {
      switch letter {
      case UInt8(ascii: "r"): access.insert(.read)
      case UInt8(ascii: "w"): access.insert(.write)
      case UInt8(ascii: "m"): access.insert(.makeNode)
      default: isKnown = false
      }
    }
    if isKnown { return }
    // As runc and crun, but never to less protection than was asked for: what is meant by another
    // letter is not allowed, and whoever denies it denies everything.
    warnings.append(
      pointer + "/access: " + quoted(letters) + " has letters other than r, w and m: "
        + (allow ? "they allow nothing" : "all access is denied"))
    if !allow { access = .all }
  }

  private static func number(_ value: Int64?, _ pointer: ByteString) throws(ConfigError) -> UInt32?
  {
    guard let value, value != -1 else { return nil }
    guard let number = UInt32(exactly: value) else {
      throw ConfigError(pointer, "out of range: " + ByteString(decimal: value))
    }
    return number
  }

  /// Nodes may be made, and the default devices and terminals may be used.
  private static var builtIn: [DeviceRule] {
    let nodes: [(UInt32, UInt32?)] = [
      (1, 3), (1, 5), (1, 7), (1, 8), (1, 9),  // null zero full random urandom
      (5, 0), (5, 2), (136, nil),  // tty ptmx pts
      (10, 200),  // net/tun
    ]
    return [DeviceRule(allow: true, access: .makeNode)]
      + nodes.map { DeviceRule(allow: true, kind: .character, major: $0, minor: $1) }
  }
}
