// Literals where a text is looked for: none of them becomes a text of its own.

extension StaticString {
  /// Tables have their names as literals, which cost nothing until one is shown.
  @inline(__always)
  package var text: ByteString { ByteString(stringLiteral: self) }
}

extension [ByteString] {
  /// Whether one of them is the literal, of which no text is made.
  @inline(__always)
  package func contains(_ literal: StaticString) -> Bool {
    unsafe contains(text: literal.utf8Start)
  }

  @inline(never)
  private func contains(text: UnsafePointer<UInt8>) -> Bool {
    for element in self where unsafe element.isEqual(toText: text) { return true }
    return false
  }
}

extension ByteString? {
  @inline(__always)
  package static func == (left: ByteString?, right: StaticString) -> Bool {
    left.map { unsafe $0.isEqual(toText: right.utf8Start) } ?? false
  }

  @inline(__always)
  package static func != (left: ByteString?, right: StaticString) -> Bool { !(left == right) }

  @inline(__always)
  package static func ~= (pattern: StaticString, value: ByteString?) -> Bool { value == pattern }
}
