package import Bytes
package import JSON

// The combinators that every reader of a document is made of. An error starts at the value and
// collects its pointer on the way out, so that a good document costs no pointer at all.

/// What is read from one JSON value.
package protocol JSONReadable: Sendable {
  static func read(_ value: JSONValue) throws(ConfigError) -> Self
}

extension JSONReadable {
  /// Reads a whole document.
  package static func decode(_ text: [UInt8]) throws(ConfigError) -> Self {
    try read(try parsed(text))
  }

  package static func parsed(_ text: [UInt8]) throws(ConfigError) -> JSONValue {
    do throws(JSONError) {
      return try JSONValue.parse(text)
    } catch {
      throw ConfigError(offset: error.offset, in: text, error.reason)
    }
  }
}

/// What one property may ask for, in entries where no unit is named: work and memory stay bounded,
/// and no engine comes near.
package enum Bound {
  package static var list: Int { 4096 }
  package static var hooks: Int { 64 }
  package static var namespaces: Int { 8 }
  package static var rlimits: Int { 16 }
  /// What the kernel takes in one map.
  package static var mappings: Int { 340 }
  /// `NGROUPS_MAX`.
  package static var groups: Int { 65_536 }
  package static var sysctls: Int { 512 }
  package static var seccompRules: Int { 8192 }
  /// In bytes, with the NUL: `MAX_ARG_STRLEN`, of the kernel.
  package static var argument: Int { 131_072 }
  package static var arguments: Int { 131_072 }
  /// In bytes: what execve(2) takes of arguments and environment together.
  package static var argumentBytes: Int { 6 << 20 }
  /// In bytes, with the NUL: `PATH_MAX`.
  package static var path: Int { 4096 }
  /// In bytes: `NAME_MAX`.
  package static var pathComponent: Int { 255 }
}

extension JSONObject {
  /// The member `name`, which must be there.
  package func required<Value>(
    _ name: StaticString, _ read: (JSONValue) throws(ConfigError) -> Value
  ) throws(ConfigError) -> Value {
    guard let value = try optional(name, read) else {
      throw ConfigError("/" + ByteString(stringLiteral: name), "missing")
    }
    return value
  }

  /// The member `name`, nil if it is absent or `null` (JS-3).
  package func optional<Value>(
    _ name: StaticString, _ read: (JSONValue) throws(ConfigError) -> Value
  ) throws(ConfigError) -> Value? {
    guard let value = value(of: name) else { return nil }
    do throws(ConfigError) {
      return try read(value)
    } catch {
      throw error.below(ByteString(stringLiteral: name))
    }
  }

  /// The text `name`, nil if it is absent or empty: many producers do not tell these two apart.
  package func nonEmpty(
    _ name: StaticString,
    _ read: (JSONValue) throws(ConfigError) -> ByteString = Read.text
  ) throws(ConfigError) -> ByteString? {
    if case .string(let text)? = value(of: name), text.isEmpty { return nil }
    return try optional(name, read)
  }

  /// The array `name`, empty if it is absent.
  package func list<Element>(
    _ name: StaticString, limit: Int = Bound.list,
    _ read: (JSONValue) throws(ConfigError) -> Element
  ) throws(ConfigError) -> [Element] {
    try optional(name) { (value) throws(ConfigError) in
      try Read.list(value, limit: limit, read)
    } ?? []
  }

  /// The object `name` as a map, empty if it is absent. No key is empty (AN-1).
  package func map<Value>(
    _ name: StaticString, limit: Int = Bound.list,
    _ read: (JSONValue) throws(ConfigError) -> Value
  ) throws(ConfigError) -> [Entry<Value>] {
    try optional(name) { (value) throws(ConfigError) in
      try Read.map(value, limit: limit, read)
    } ?? []
  }
}

extension ConfigError {
  /// The same fault as seen from one level up.
  fileprivate func below(_ token: ByteString) -> ConfigError {
    ConfigError("/" + pointerToken(token) + pointer, reason)
  }
}

/// Readers of one value, to hand to the combinators.
package enum Read {
  package static func object(_ value: JSONValue) throws(ConfigError) -> JSONObject {
    guard case .object(let object) = value else { throw mismatch("an object", value) }
    return object
  }

  package static func text(_ value: JSONValue) throws(ConfigError) -> ByteString {
    guard case .string(let text) = value else { throw mismatch("a string", value) }
    return text
  }

  package static func flag(_ value: JSONValue) throws(ConfigError) -> Bool {
    guard case .bool(let flag) = value else { throw mismatch("true or false", value) }
    return flag
  }

  /// Digits that fit the width: no fraction or exponent, a minus only where one makes sense
  /// (JS-4; CVE-2024-40635 is a uid that wrapped to 0).
  package static func integer<Value: FixedWidthInteger>(
    _ value: JSONValue
  ) throws(ConfigError) -> Value {
    guard case .number(let digits) = value else { throw mismatch("a number", value) }
    let exact =
      Value.isSigned
      ? digits.signedDecimal.flatMap { Value(exactly: $0) }
      : digits.unsignedDecimal.flatMap { Value(exactly: $0) }
    guard let exact else {
      let range = ByteString(decimal: Value.min) + " to " + ByteString(decimal: Value.max)
      throw ConfigError("", quoted(digits) + " is not a whole number from " + range)
    }
    return exact
  }

  package static func list<Element>(
    _ value: JSONValue, limit: Int = Bound.list,
    _ read: (JSONValue) throws(ConfigError) -> Element
  ) throws(ConfigError) -> [Element] {
    guard case .array(let elements) = value else { throw mismatch("an array", value) }
    guard elements.count <= limit else { throw tooMany(limit) }
    var result: [Element] = []
    result.reserveCapacity(elements.count)
    for (index, element) in elements.enumerated() {
      do throws(ConfigError) {
        result.append(try read(element))
      } catch {
        throw error.below(ByteString(decimal: index))
      }
    }
    return result
  }

  package static func map<Value>(
    _ value: JSONValue, limit: Int = Bound.list,
    _ read: (JSONValue) throws(ConfigError) -> Value
  ) throws(ConfigError) -> [Entry<Value>] {
    let members = try object(value).members
    guard members.count <= limit else { throw tooMany(limit) }
    var result: [Entry<Value>] = []
    result.reserveCapacity(members.count)
    for member in members {
      if member.name.isEmpty { throw ConfigError("/", "empty key") }
      do throws(ConfigError) {
        result.append(Entry(member.name, try read(member.value)))
      } catch {
        throw error.below(member.name)
      }
    }
    return result
  }

  package static func strings(_ value: JSONValue) throws(ConfigError) -> [ByteString] {
    try list(value, text)
  }

  /// A file name that the kernel can take.
  package static func path(_ value: JSONValue) throws(ConfigError) -> ByteString {
    let path = try text(value)
    guard path.count < Bound.path else { throw ConfigError("", "longer than 4095 bytes") }
    var length = 0
    for byte in path.bytes {
      length = byte == UInt8(ascii: "/") ? 0 : length + 1
      if length > Bound.pathComponent {
        throw ConfigError("", "a component is longer than 255 bytes")
      }
    }
    return path
  }

  /// One string of an argument list or environment: longer ones cannot be executed.
  package static func argument(_ value: JSONValue) throws(ConfigError) -> ByteString {
    let argument = try text(value)
    guard argument.count < Bound.argument else {
      throw ConfigError("", "argument list too long: this is longer than 131071 bytes")
    }
    return argument
  }

  package static func arguments(_ value: JSONValue) throws(ConfigError) -> [ByteString] {
    try list(value, limit: Bound.arguments, argument)
  }

  private static func tooMany(_ limit: Int) -> ConfigError {
    ConfigError("", "more than " + ByteString(decimal: limit) + " entries")
  }

  private static func mismatch(_ wanted: ByteString, _ value: JSONValue) -> ConfigError {
    let found: ByteString =
      switch value {
      case .null: "null"
      case .bool: "true or false"
      case .number: "a number"
      case .string: "a string"
      case .array: "an array"
      case .object: "an object"
      }
    return ConfigError("", "expected " + wanted + ", found " + found)
  }
}
