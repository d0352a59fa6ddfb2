package import Bytes
package import JSON

/// One value of a document that is to be another: `--set POINTER=VALUE`.
package struct ConfigChange: Equatable, Sendable {
  /// RFC 6901; `-` is behind the last element of an array.
  package var pointer: ByteString
  package var value: JSONValue

  package init(_ pointer: ByteString, _ value: JSONValue) {
    self.pointer = pointer
    self.value = value
  }

  /// A value that is no JSON is a string; nil if there is no pointer, or half a document.
  package init?(_ text: ByteString) {
    guard let (pointer, value) = text.cut(at: UInt8(ascii: "=")), pointer.hasPrefix("/") else {
      return nil
    }
    self.pointer = pointer
    do throws(JSONError) { self.value = try JSONValue.parse(Array(value.bytes)) } catch {
      if value.hasPrefix("{") || value.hasPrefix("[") || value.hasPrefix("\"") { return nil }
      self.value = .string(value)
    }
  }

  /// What is missing on the way is made.
  package func apply(to tree: inout JSONValue) throws(ConfigError) {
    let steps = pointer.split(on: UInt8(ascii: "/")).dropFirst().map { ConfigChange.unescaped($0) }
    try ConfigChange.set(value, at: steps[...], in: &tree, "")
  }

  private static func set(
    _ value: JSONValue, at path: ArraySlice<ByteString>, in tree: inout JSONValue,
    _ pointer: ByteString
  ) throws(ConfigError) {
    guard let step = path.first else {
      tree = value
      return
    }
    let rest = path.dropFirst()
    let here = pointer + "/" + pointerToken(step)
    // A list begins with its first element.
    let made: JSONValue =
      rest.first == "-" || rest.first == "0" ? .array([]) : .object(JSONObject())
    switch tree {
    case .object(var object):
      var child = object[step] ?? .null
      if case .null = child { child = made }
      try set(value, at: rest, in: &child, here)
      object[step] = child
      tree = .object(object)
    case .array(var elements):
      let count = elements.count
      let index = step == "-" ? count : step.unsignedDecimal.flatMap { Int(exactly: $0) }
      guard let index, index <= count else {
        throw ConfigError(
          pointer,
          "has " + ByteString(decimal: count) + (count == 1 ? " element" : " elements")
            + ", and no " + quoted(step))
      }
      if index == count { elements.append(made) }
      try set(value, at: rest, in: &elements[index], here)
      tree = .array(elements)
    case .null, .bool, .number, .string:
      throw ConfigError(pointer, "is neither an object nor an array, and has no " + quoted(step))
    }
  }

  private static func unescaped(_ token: ByteString) -> ByteString {
    let parts = token.split(on: UInt8(ascii: "~"))
    return parts.dropFirst().reduce(parts.first ?? "") { text, part in
      switch part.bytes.first {
      case 0x30: text + "~" + part.dropFirst(1)
      case 0x31: text + "/" + part.dropFirst(1)
      default: text + "~" + part
      }
    }
  }
}
