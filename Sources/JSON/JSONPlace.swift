package import Bytes

/// A place in a text, as editors count: both from 1, the column in bytes.
package struct JSONPlace: Equatable, Sendable {
  package let line: Int
  package let column: Int

  package init(line: Int, column: Int) {
    self.line = line
    self.column = column
  }

  /// - Parameter offset: the byte, counted from 0.
  package init(offset: Int, in text: [UInt8]) {
    let end = min(max(offset, 0), text.count)
    var line = 1
    var start = 0
    for index in 0..<end where text[index] == 0x0a {
      line += 1
      start = index + 1
    }
    self.line = line
    column = end - start + 1
  }
}

/// Where in a text a value stands: looked for only once something is wrong with it, so that the
/// parser need not remember.
package struct JSONLocator {
  private let text: [UInt8]

  package init(_ text: [UInt8]) { self.text = text }

  /// The bytes of the value at `path`, or of the last value on the way to it that is there.
  ///
  /// - Parameter spelled: how a step of `path` spells the name of a member.
  package func range(
    of path: [ByteString], spelled: (ByteString) -> ByteString = { $0 }
  ) -> Range<Int> {
    var start = skipSpace(0)
    for step in path {
      guard let next = child(step, ofValueAt: start, spelled) else { break }
      start = next
    }
    return start..<max(start, end(ofValueAt: start))
  }

  /// The bytes of the name, with its quotes, of the member at `path`.
  package func nameRange(
    of path: [ByteString], spelled: (ByteString) -> ByteString = { $0 }
  ) -> Range<Int>? {
    guard let last = path.last else { return nil }
    var start = skipSpace(0)
    for step in path.dropLast() {
      guard let next = child(step, ofValueAt: start, spelled) else { return nil }
      start = next
    }
    var found: Range<Int>?
    eachMember(ofObjectAt: start) { at, name, _ in
      if spelled(name) == last { found = at..<end(ofStringAt: at) }
      return found == nil
    }
    return found
  }

  /// Where the member `name` of the object at `path` is named for the second time.
  package func secondName(_ name: ByteString, in path: [ByteString]) -> Int? {
    var start = skipSpace(0)
    for step in path {
      guard let next = child(step, ofValueAt: start, { $0 }) else { return nil }
      start = next
    }
    var seen = 0
    var found: Int?
    eachMember(ofObjectAt: start) { at, member, _ in
      if member == name { seen += 1 }
      if seen == 2 { found = at }
      return found == nil
    }
    return found
  }

  private func child(
    _ step: ByteString, ofValueAt start: Int, _ spelled: (ByteString) -> ByteString
  ) -> Int? {
    guard start < text.count else { return nil }
    var found: Int?
    if text[start] == UInt8(ascii: "{") {
      eachMember(ofObjectAt: start) { _, name, value in
        if spelled(name) == step { found = value }
        return found == nil
      }
    } else if text[start] == UInt8(ascii: "["), let wanted = step.unsignedDecimal {
      var at = skipSpace(start + 1)
      var index: UInt64 = 0
      while at < text.count, text[at] != UInt8(ascii: "]") {
        if index == wanted { return at }
        at = skipSpace(end(ofValueAt: at))
        guard at < text.count, text[at] == UInt8(ascii: ",") else { return nil }
        at = skipSpace(at + 1)
        index += 1
      }
    }
    return found
  }

  /// Calls `body` with where the name stands, the name and where the value stands, until it says
  /// false.
  private func eachMember(ofObjectAt start: Int, _ body: (Int, ByteString, Int) -> Bool) {
    guard start < text.count, text[start] == UInt8(ascii: "{") else { return }
    var at = skipSpace(start + 1)
    while at < text.count, text[at] == UInt8(ascii: "\"") {
      let close = end(ofStringAt: at)
      let name = ByteString(text[min(at + 1, close)..<max(at + 1, close - 1)])
      var value = skipSpace(close)
      guard value < text.count, text[value] == UInt8(ascii: ":") else { return }
      value = skipSpace(value + 1)
      guard body(at, name, value) else { return }
      at = skipSpace(end(ofValueAt: value))
      guard at < text.count, text[at] == UInt8(ascii: ",") else { return }
      at = skipSpace(at + 1)
    }
  }

  private func skipSpace(_ start: Int) -> Int {
    var index = start
    while index < text.count, [0x20, 0x09, 0x0a, 0x0d].contains(text[index]) { index += 1 }
    return index
  }

  private func end(ofStringAt start: Int) -> Int {
    var index = start + 1
    while index < text.count, text[index] != UInt8(ascii: "\"") {
      index += text[index] == UInt8(ascii: "\\") ? 2 : 1
    }
    return min(index + 1, text.count)
  }

  private func end(ofValueAt start: Int) -> Int {
    var index = start
    var depth = 0
    while index < text.count {
      switch text[index] {
      case UInt8(ascii: "\""): index = end(ofStringAt: index)
      case UInt8(ascii: "{"), UInt8(ascii: "["):
        depth += 1
        index += 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        // The end of what a bare value stands in.
        if depth == 0 { return index }
        depth -= 1
        index += 1
      case UInt8(ascii: ","), 0x20, 0x09, 0x0a, 0x0d:
        if depth == 0 { return index }
        index += 1
      default: index += 1
      }
      if depth == 0,
        text[index - 1] == UInt8(ascii: "\"") || text[index - 1] == UInt8(ascii: "}")
          || text[index - 1] == UInt8(ascii: "]")
      {
        return index
      }
    }
    return text.count
  }
}
