/// One value of a text, found without reading what stands before it, and the text without it.
package struct JSONCut {
  private let text: [UInt8]
  private let range: Range<Int>

  /// The value of the member at `path`, nil if it is not found, or is named with escapes. Only what
  /// delimits values is looked at: of a text that is not JSON it may be anything.
  package init?(_ text: [UInt8], _ path: [StaticString]) {
    var start = text.span.skippingSpace(0)
    for name in path {
      guard let value = text.span.member(name, ofObjectAt: start) else { return nil }
      start = value
    }
    guard let end = text.span.end(ofValueAt: start) else { return nil }
    self.text = text
    range = start..<end
  }

  package var value: ArraySlice<UInt8> { text[range] }

  /// The text with `null` in place of the value.
  package var rest: [UInt8] {
    var rest = [UInt8]()
    rest.reserveCapacity(text.count - range.count + 4)
    rest += text[..<range.lowerBound]
    rest += [0x6e, 0x75, 0x6c, 0x6c]
    rest += text[range.upperBound...]
    return rest
  }
}

extension Span<UInt8> {
  fileprivate func skippingSpace(_ start: Int) -> Int {
    var index = start
    while index < count, self[index] <= 0x20 { index += 1 }
    return index
  }

  /// Where the value of the member stands.
  fileprivate func member(_ name: StaticString, ofObjectAt start: Int) -> Int? {
    guard start < count, self[start] == UInt8(ascii: "{") else { return nil }
    var at = skippingSpace(start + 1)
    while at < count, self[at] == UInt8(ascii: "\"") {
      guard let close = end(ofStringAt: at) else { return nil }
      let colon = skippingSpace(close)
      guard colon < count, self[colon] == UInt8(ascii: ":") else { return nil }
      let value = skippingSpace(colon + 1)
      if isName(name, from: at + 1, to: close - 1) { return value }
      guard let end = end(ofValueAt: value) else { return nil }
      at = skippingSpace(end)
      guard at < count, self[at] == UInt8(ascii: ",") else { return nil }
      at = skippingSpace(at + 1)
    }
    return nil
  }

  private func isName(_ name: StaticString, from start: Int, to end: Int) -> Bool {
    guard end - start == name.utf8CodeUnitCount else { return false }
    for index in start..<end where unsafe self[index] != name.utf8Start[index - start] {
      return false
    }
    return true
  }

  fileprivate func end(ofValueAt start: Int) -> Int? {
    guard start < count else { return nil }
    switch self[start] {
    case UInt8(ascii: "\""): return end(ofStringAt: start)
    case UInt8(ascii: "{"), UInt8(ascii: "["):
      var depth = 0
      var index = start
      while let found = delimiter(from: index) {
        switch self[found] {
        case UInt8(ascii: "\""):
          guard let end = end(ofStringAt: found) else { return nil }
          index = end
          continue
        case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
        default: depth -= 1
        }
        index = found + 1
        if depth == 0 { return index }
      }
      return nil
    default:
      var index = start
      while index < count, self[index] > 0x20, self[index] != UInt8(ascii: ","),
        self[index] != UInt8(ascii: "}"), self[index] != UInt8(ascii: "]")
      { index += 1 }
      return index
    }
  }

  private func end(ofStringAt start: Int) -> Int? {
    var index = start + 1
    while index < count {
      let word = word(at: index)
      let found = (marks(0x22, in: word) | marks(0x5c, in: word)) & (ones << 7)
      index += found == 0 ? 8 : found.trailingZeroBitCount / 8
      if found == 0 { continue }
      guard index < count else { return nil }
      if self[index] == UInt8(ascii: "\"") { return index + 1 }
      index += 2
    }
    return nil
  }

  /// The next quote or bracket.
  private func delimiter(from start: Int) -> Int? {
    var index = start
    while index < count {
      let word = word(at: index)
      // The two kinds of brackets differ in one bit.
      let brackets = word | (ones << 5)
      let found =
        (marks(0x22, in: word) | marks(0x7b, in: brackets) | marks(0x7d, in: brackets))
        & (ones << 7)
      if found != 0 {
        index += found.trailingZeroBitCount / 8
        return index < count ? index : nil
      }
      index += 8
    }
    return nil
  }

  /// Eight bytes, with NULs for those that are missing.
  @inline(__always)
  private func word(at index: Int) -> UInt64 {
    if index + 8 <= count {
      return unsafe bytes.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self)
    }
    var word: UInt64 = 0
    for at in index..<count { word |= UInt64(self[at]) << UInt64(8 * (at - index)) }
    return word
  }
}
