/// A list of CPUs or memory nodes such as `0-3,7` (cpuset(7), "List format").
package struct NumberList: Equatable, Sendable {
  /// Bit n of the words for number n; no word of zeros at the end.
  package private(set) var words: [UInt64] = []

  /// More than any kernel can be built for: 8192 CPUs, 1024 nodes.
  package static var limit: UInt64 { 8192 }

  package var isEmpty: Bool { words.isEmpty }

  /// Nil unless `text` is a list: numbers and rising ranges between commas. Empty elements and spaces
  /// around an element are let pass, as in runc and crun (AF-1).
  package init?(_ text: ByteString) {
    for element in text.split(on: UInt8(ascii: ",")) {
      let element = NumberList.trimmed(element)
      if element.isEmpty { continue }
      let (first, last) = element.cut(at: UInt8(ascii: "-")) ?? (element, element)
      guard let first = first.unsignedDecimal, let last = last.unsignedDecimal, first <= last,
        last < NumberList.limit
      else { return nil }
      for number in first...last { insert(Int(number)) }
    }
  }

  /// The same in bytes: bit n of them for number n, no byte of zeros at the end.
  package var bytes: [UInt8] {
    var bytes = words.flatMap { [UInt8](littleEndian: $0) }
    while bytes.last == 0 { bytes.removeLast() }
    return bytes
  }

  package func contains(_ number: Int) -> Bool {
    number / 64 < words.count && words[number / 64] >> UInt64(number % 64) & 1 == 1
  }

  private mutating func insert(_ number: Int) {
    while words.count <= number / 64 { words.append(0) }
    words[number / 64] |= 1 << UInt64(number % 64)
  }

  private static func trimmed(_ text: ByteString) -> ByteString {
    let space = UInt8(ascii: " ")
    guard let first = text.bytes.firstIndex(where: { $0 != space }),
      let last = text.bytes.lastIndex(where: { $0 != space })
    else { return "" }
    return ByteString(text.bytes[first...last])
  }
}
