import Bytes
import Diagnosis
import JSON
import Linux

/// What to write instead of a value that has the wrong type.
struct ValueRepair {
  let pointer: ByteString
  /// The value as it stands there; nil if it cannot be read by itself.
  let value: JSONValue?

  /// - Parameter reason: of the refusal, `expected a number, found a string`.
  func hint(_ reason: ByteString) -> ByteString {
    switch value {
    case .string(let text):
      if reason.hasPrefix("expected a number") { return number(text) }
      if reason.hasPrefix("expected an array") { return list(text) }
      if reason.hasPrefix("expected an object") { return object(text) }
    case .number(let digits):
      if reason.hasPrefix("expected an array"), member == "additionalGids" {
        return "write a list: [" + digits + "]"
      }
      if reason.hasPrefix("expected a string") { return "write it in quotes: " + digits.inJSON }
      if reason.hasPrefix("expected true") {
        return digits == "0" ? "write false" : "write true"
      }
    case .array(let elements):
      let words = elements.compactMap { (element) -> ByteString? in
        if case .string(let word) = element { word } else { nil }
      }
      if reason.hasPrefix("expected a string") { return one(words) }
      if reason.hasPrefix("expected an object") { return object(words) }
    case .object(let object):
      if reason.hasPrefix("expected an array") { return list(object) }
    case .bool(let flag) where reason.hasPrefix("expected a string"):
      return flag ? "write it in quotes: \"true\"" : "write it in quotes: \"false\""
    case .null, .bool, nil: break
    }
    return reason.hasPrefix("expected true") ? "write true or false, without quotes" : ""
  }

  private var steps: [ByteString] { pointer.split(on: UInt8(ascii: "/")) }
  private var member: ByteString { steps.last ?? "" }
  /// Of an element, the list that it is in.
  private var list: ByteString {
    let steps = steps
    return steps.count > 1 && member.unsignedDecimal != nil ? steps[steps.count - 2] : ""
  }

  // Numbers.

  private func number(_ text: ByteString) -> ByteString {
    if member == "fileMode" || member == "umask", let mode = digits(text, base: 8) {
      return "write it as a decimal number: " + ByteString(decimal: mode)
    }
    if text.signedDecimal != nil || text.unsignedDecimal != nil {
      return "write it without quotes: " + text
    }
    if text.hasPrefix("0x"), let value = digits(text.dropFirst(2), base: 16) {
      return "write it as a decimal number: " + ByteString(decimal: value)
    }
    if let bytes = size(text) { return "write the number of bytes: " + ByteString(decimal: bytes) }
    switch text.lowercased {
    case "unlimited", "infinity", "max":
      return steps.contains("rlimits")
        ? "write 18446744073709551615, which is no limit" : "write -1, which is no limit"
    default: break
    }
    if member == "uid" || member == "gid" || list == "additionalGids" {
      return text == "root"
        ? "write 0, the number of root"
        : "write the number that `id` shows: names are not looked up"
    }
    for number in 1...133 as ClosedRange<Int32> where Errno(rawValue: number).symbol == text {
      return "write its number: " + ByteString(decimal: number)
    }
    return "write a whole number"
  }

  private func digits(_ text: ByteString, base: UInt64) -> UInt64? {
    guard !text.isEmpty, text.count < 12 else { return nil }
    var value: UInt64 = 0
    for byte in text.lowercased.bytes {
      let digit =
        (0x30...0x39).contains(byte) ? byte - 0x30 : (0x61...0x66).contains(byte) ? byte - 87 : 255
      guard UInt64(digit) < base else { return nil }
      value = value * base + UInt64(digit)
    }
    return value
  }

  /// `512m`, `1GiB`, `64 MB`: powers of 1024, as people mean them here.
  private func size(_ text: ByteString) -> UInt64? {
    let digits = ByteString(text.bytes.prefix { (0x30...0x39).contains($0) })
    guard let number = digits.unsignedDecimal, number < 1 << 20 else { return nil }
    var unit = text.lowercased.dropFirst(digits.count)
    while unit.hasPrefix(" ") { unit = unit.dropFirst(1) }
    let units: [ByteString] = ["k", "m", "g", "t"]
    for (index, letter) in units.enumerated()
    where unit == letter || unit == letter + "b" || unit == letter + "i" || unit == letter + "ib" {
      return number << UInt64(10 * (index + 1))
    }
    return unit == "b" ? number : nil
  }

  // Lists.

  private func list(_ text: ByteString) -> ByteString {
    if member == "uidMappings" || member == "gidMappings" {
      return ValueRepair.mapping(text).map { "write a list: [" + $0 + "]" } ?? ""
    }
    if member == "additionalGids" { return "write a list of numbers: [" + text + "]" }
    let words =
      switch member {
      case "args": CommandWords.arguments(text)
      case "options", "env": text.split(on: UInt8(ascii: ","))
      default: [text]
      }
    return "write a list of strings: " + ByteString.listInJSON(words)
  }

  private func list(_ object: JSONObject) -> ByteString {
    let separator: ByteString = member == "env" ? "=" : ""
    let words = object.members.map { member in
      (separator.isEmpty ? "" : member.name + separator) + scalar(member.value)
    }
    switch member {
    case "env", "args": return "write a list of strings: " + ByteString.listInJSON(words)
    default: return "write a list, its members in [ ]: [{…}]"
    }
  }

  private func scalar(_ value: JSONValue) -> ByteString {
    switch value {
    case .string(let text), .number(let text): text
    case .bool(let flag): flag ? "true" : "false"
    case .null, .array, .object: ""
    }
  }

  private func one(_ words: [ByteString]) -> ByteString {
    words.count == 1 ? "write it without brackets: " + words[0].inJSON : "write one string"
  }

  // Objects.

  private func object(_ text: ByteString) -> ByteString {
    let key: ByteString
    switch list {
    case "namespaces", "rlimits": key = "type"
    case "mounts": return "write an object: " + ValueRepair.mount(text)
    case "uidMappings", "gidMappings":
      return ValueRepair.mapping(text).map { "write an object: " + $0 } ?? ""
    case "devices": key = "path"
    default:
      switch member {
      case "root": key = "path"
      case "user": return ValueRepair.user(text)
      case "seccomp":
        return "write an object: {\"defaultAction\": "
          + (text.hasPrefix("SCMP_ACT_") ? text : "SCMP_ACT_ALLOW").inJSON
          + "}, or remove it: profiles are not read from files"
      default:
        guard steps.count > 2, steps[1] == "hooks" || steps[2] == "hooks" else { return "" }
        key = "path"
      }
    }
    return "write an object: {" + key.inJSON + ": " + text.inJSON + "}"
  }

  private func object(_ words: [ByteString]) -> ByteString {
    switch member {
    case "capabilities":
      let list = ByteString.listInJSON(words)
      return "write an object: {\"bounding\": " + list + ", \"effective\": " + list
        + ", \"permitted\": " + list + "}"
    case "hooks": return "write an object, with the kind of each hook: {\"createRuntime\": […]}"
    default:
      let pairs = words.compactMap { $0.cut(at: UInt8(ascii: "=")) }
      if pairs.isEmpty { return "" }
      return "write an object: {"
        + pairs.prefix(6).map { $0.before.inJSON + ": " + $0.after.inJSON }.joined(by: ", ") + "}"
    }
  }
}

// Objects that other tools write as one string.
extension ValueRepair {
  /// `UID:GID`, as `docker run --user` takes it.
  fileprivate static func user(_ text: ByteString) -> ByteString {
    let parts = text.split(on: UInt8(ascii: ":"))
    if text == "root" || text == "root:root" {
      return "write the numbers: {\"uid\": 0, \"gid\": 0}"
    }
    guard parts.count < 3, let user = parts.first, user.unsignedDecimal != nil,
      let group = parts.last, group.unsignedDecimal != nil
    else {
      return "write the numbers that `id` shows, {\"uid\": UID, \"gid\": GID}: names are not"
        + " looked up"
    }
    return "write the numbers: {\"uid\": " + user + ", \"gid\": " + group + "}"
  }

  /// `SOURCE:DESTINATION:OPTIONS`, as `docker run --volume` takes it.
  fileprivate static func mount(_ text: ByteString) -> ByteString {
    let parts = text.split(on: UInt8(ascii: ":"))
    guard parts.count == 2 || parts.count == 3, parts[0].hasPrefix("/"), parts[1].hasPrefix("/")
    else { return "{\"destination\": " + text.inJSON + "}" }
    let options = parts.count == 3 ? parts[2].split(on: UInt8(ascii: ",")) : []
    return "{\"destination\": " + parts[1].inJSON + ", \"source\": " + parts[0].inJSON
      + ", \"type\": \"bind\", \"options\": " + ByteString.listInJSON(["bind"] + options) + "}"
  }

  /// `CONTAINER:HOST:SIZE`, as `podman run --uidmap` takes it.
  fileprivate static func mapping(_ text: ByteString) -> ByteString? {
    let parts = text.split(on: UInt8(ascii: ":"))
    guard parts.count == 3, parts.allSatisfy({ $0.unsignedDecimal != nil }) else { return nil }
    return "{\"containerID\": " + parts[0] + ", \"hostID\": " + parts[1] + ", \"size\": "
      + parts[2] + "}"
  }
}
