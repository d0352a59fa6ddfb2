/// Reads text that must be exactly as a writer of ours makes it, from its beginning to its end. What is
/// not as expected is refused, and with it all that follows: look at `isComplete` when everything is read.
package struct TextCursor {
  private let bytes: [UInt8]
  private var index = 0
  private var isRefused = false

  package init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// Whether everything was as expected, and nothing is left.
  package var isComplete: Bool { !isRefused && index == bytes.count }

  package mutating func refuse() { (isRefused, index) = (true, bytes.count) }

  /// Steps over `literal` if it comes next.
  @inline(__always)
  package mutating func skip(_ literal: StaticString) -> Bool {
    unsafe skip(literal.utf8Start, count: literal.utf8CodeUnitCount)
  }

  @inline(__always)
  package mutating func expect(_ literal: StaticString) {
    if !skip(literal) { refuse() }
  }

  // Not inlined, as nothing is that a record is read with: there are thirty calls.

  @inline(never)
  private mutating func skip(_ literal: UnsafePointer<UInt8>, count: Int) -> Bool {
    guard bytes.count - index >= count else { return false }
    for place in 0..<count where unsafe bytes[index + place] != literal[place] { return false }
    index += count
    return true
  }

  /// The text up to the next quotation mark, which is stepped over; printable ASCII without a backslash,
  /// or it is refused.
  @inline(never)
  package mutating func text() -> ByteString {
    let start = index
    skipText()
    return isRefused ? ByteString() : ByteString(bytes[start..<(index - 1)])
  }

  @inline(never)
  package mutating func skipText() {
    while index < bytes.count, bytes[index] != UInt8(ascii: "\"") {
      guard bytes[index] >= 0x20, bytes[index] < 0x7f, bytes[index] != UInt8(ascii: "\\") else {
        return refuse()
      }
      index += 1
    }
    if index < bytes.count { index += 1 } else { refuse() }
  }

  /// A number of at most 18 decimal digits, without zeros in front.
  @inline(never)
  package mutating func number() -> UInt64 {
    let start = index
    var value: UInt64 = 0
    while index < bytes.count, bytes[index] >= 0x30, bytes[index] <= 0x39, index - start < 19 {
      value = value * 10 + UInt64(bytes[index] - 0x30)
      index += 1
    }
    let count = index - start
    if count == 0 || count == 19 || count > 1 && bytes[start] == 0x30 {
      refuse()
      return 0
    }
    return value
  }
}
