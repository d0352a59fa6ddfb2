/// Text as the kernel sees it: bytes without a NUL inside, compared byte by byte.
///
/// Paths, ids, labels, environment entries and mount options are never `String` here: two Swift
/// strings are equal when they *look* alike (`"\u{e9}" == "e\u{301}"`), and a combining mark after
/// a slash hides it from `hasPrefix`, while the kernel sees a slash.
package struct ByteString: Hashable, Sendable {
  /// The bytes and the NUL that ends them, so that a C string costs no copy.
  private let storage: [UInt8]

  // None of what follows is inlined: text is made in hundreds of places, and a copy of the loop in
  // each of them was a third of the binary.

  /// Takes `bytes` as they are, up to the first NUL: check input with `contains(0)` before.
  @inline(never)
  package init(_ bytes: some Collection<UInt8>) {
    let copy = bytes.withContiguousStorageIfAvailable {
      unsafe ByteString(copying: $0, count: ByteString.length(of: $0))
    }
    self = copy ?? ByteString(oneByOne: bytes)
  }

  private init(oneByOne bytes: some Collection<UInt8>) {
    var storage = [UInt8]()
    storage.reserveCapacity(bytes.count + 1)
    for byte in bytes {
      if byte == 0 { break }
      storage.append(byte)
    }
    storage.append(0)
    self.storage = storage
  }

  @inline(never)
  private init(copying bytes: UnsafeBufferPointer<UInt8>, count: Int) {
    storage = unsafe [UInt8](unsafeUninitializedCapacity: count + 1) { buffer, filled in
      unsafe ByteString.copy(bytes, count, to: buffer, at: 0)
      unsafe buffer.initializeElement(at: count, to: 0)
      filled = count + 1
    }
  }

  private static func copy(
    _ bytes: UnsafeBufferPointer<UInt8>, _ count: Int, to buffer: UnsafeMutableBufferPointer<UInt8>,
    at offset: Int
  ) {
    guard count > 0, let source = bytes.baseAddress, let target = buffer.baseAddress else { return }
    // Embedded Swift's `initialize(from:count:)` goes byte by byte.
    unsafe UnsafeMutableRawPointer(target + offset).copyMemory(from: source, byteCount: count)
  }

  /// The number of bytes before the first NUL, eight of them looked at together.
  private static func length(of bytes: UnsafeBufferPointer<UInt8>) -> Int {
    let raw = UnsafeRawBufferPointer(bytes)
    let ones: UInt64 = 0x0101_0101_0101_0101
    var index = 0
    while index + 8 <= raw.count {
      let word = unsafe raw.loadUnaligned(fromByteOffset: index, as: UInt64.self)
      // The lowest byte that is zero sets its own top bit.
      if (word &- ones) & ~word & (ones << 7) != 0 { break }
      index += 8
    }
    while index < raw.count, unsafe raw[index] != 0 { index += 1 }
    return index
  }

  private init(ended storage: [UInt8]) { self.storage = storage }

  package init() { storage = [0] }

  package init(_ string: String) { self.init(string.utf8) }

  package var count: Int { storage.count - 1 }
  package var isEmpty: Bool { storage.count == 1 }

  /// The bytes without the NUL.
  package var bytes: ArraySlice<UInt8> { storage[0..<(storage.count - 1)] }

  package subscript(index: Int) -> UInt8 { storage[index] }

  /// Calls `body` with a NUL-terminated C string that is valid during the call only.
  package func withCString<Result, Failure: Error>(
    _ body: (UnsafePointer<CChar>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try unsafe storage.withUnsafeBufferPointer { (buffer) throws(Failure) -> Result in
      // The array always holds at least the NUL, so it has a base address.
      let pointer = unsafe UnsafeRawPointer(buffer.baseAddress.unsafelyUnwrapped)
      return try unsafe body(pointer.assumingMemoryBound(to: CChar.self))
    }
  }
}

extension ByteString: ExpressibleByStringLiteral {
  @inline(__always)
  package init(stringLiteral value: StaticString) {
    self = unsafe ByteString.literal(value.utf8Start)
  }

  // A literal is passed as its address alone: it has no NUL in it, and one behind it. There are ten thousand
  // of them, and two more arguments for each were a thirtieth of the binary.
  @inline(never)
  private static func literal(_ text: UnsafePointer<UInt8>) -> ByteString {
    let bytes = unsafe UnsafeBufferPointer(start: text, count: textLength(text))
    return unsafe ByteString(copying: bytes, count: bytes.count)
  }
}

/// strlen(3) of the C library that every build has.
@_silgen_name("strlen")
private func textLength(_ text: UnsafePointer<UInt8>) -> Int

// A literal beside a text is compared and appended where it stands, without a text of its own:
// create compares with a thousand of them.
extension ByteString {
  @inline(__always)
  package static func == (left: ByteString, right: StaticString) -> Bool {
    unsafe left.isEqual(toText: right.utf8Start)
  }

  @inline(__always)
  package static func != (left: ByteString, right: StaticString) -> Bool { !(left == right) }

  @inline(__always)
  package static func ~= (pattern: StaticString, value: ByteString) -> Bool { value == pattern }

  @inline(__always)
  package static func + (left: consuming ByteString, right: StaticString) -> ByteString {
    unsafe left.adding(text: right.utf8Start)
  }

  @inline(__always)
  package static func += (left: inout ByteString, right: StaticString) { left = left + right }

  @inline(__always)
  package func hasPrefix(_ prefix: StaticString) -> Bool {
    unsafe hasPrefix(text: prefix.utf8Start)
  }

  @inline(never)
  private func isEqual(toText text: UnsafePointer<UInt8>) -> Bool {
    unsafe storage.withUnsafeBufferPointer { own in
      var index = 0
      while unsafe own[index] == text[index] {
        if unsafe own[index] == 0 { return true }
        index += 1
      }
      return false
    }
  }

  @inline(never)
  private func hasPrefix(text: UnsafePointer<UInt8>) -> Bool {
    unsafe storage.withUnsafeBufferPointer { own in
      var index = 0
      while unsafe text[index] != 0 {
        if unsafe own[index] != text[index] { return false }
        index += 1
      }
      return true
    }
  }

  @inline(never)
  private consuming func adding(text: UnsafePointer<UInt8>) -> ByteString {
    unsafe adding(UnsafeBufferPointer(start: text, count: textLength(text)))
  }

  /// `more` has no NUL in it.
  @inline(never)
  private func adding(_ more: UnsafeBufferPointer<UInt8>) -> ByteString {
    let own = count
    return ByteString(
      ended: unsafe [UInt8](unsafeUninitializedCapacity: own + more.count + 1) { buffer, filled in
        unsafe storage.withUnsafeBufferPointer {
          unsafe ByteString.copy($0, own, to: buffer, at: 0)
        }
        filled = own + more.count + 1
        unsafe ByteString.copy(more, more.count, to: buffer, at: own)
        unsafe buffer.initializeElement(at: filled - 1, to: 0)
      })
  }

  /// `bytes` are at most as many as this text has.
  private func starts(with bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    unsafe storage.withUnsafeBufferPointer { own in
      var index = 0
      while index < bytes.count {
        if unsafe own[index] != bytes[index] { return false }
        index += 1
      }
      return true
    }
  }
}

extension ByteString {
  @_disfavoredOverload
  @inline(never)
  package static func == (left: ByteString, right: ByteString) -> Bool {
    left.storage == right.storage
  }

  @inline(never)
  package func hash(into hasher: inout Hasher) { hasher.combine(storage) }
}

extension ByteString: CustomStringConvertible {
  /// The text for messages: broken UTF-8 is repaired, so never use it as a path again.
  package var description: String { String(decoding: bytes, as: UTF8.self) }
}

extension ByteString {
  /// Generic, so that a literal on the right is taken for what it is and not for a text to be made.
  @_disfavoredOverload
  @inline(__always)
  package static func + <Text: ByteText>(left: consuming ByteString, right: Text) -> ByteString {
    left.adding(right.text)
  }

  @_disfavoredOverload
  @inline(__always)
  package static func += <Text: ByteText>(left: inout ByteString, right: Text) {
    left = left.adding(right.text)
  }

  @inline(never)
  private consuming func adding(_ more: ByteString) -> ByteString {
    unsafe more.storage.withUnsafeBufferPointer {
      unsafe adding(.init(rebasing: $0.dropLast()))
    }
  }

  /// `value` in decimal digits.
  @inline(__always)
  package init(decimal value: some BinaryInteger) {
    self.init(magnitude: UInt64(value.magnitude), isNegative: value < 0)
  }

  @inline(never)
  private init(magnitude: UInt64, isNegative: Bool) {
    var digits = [UInt8]()
    digits.reserveCapacity(21)
    var rest = magnitude
    repeat {
      digits.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10))
      rest /= 10
    } while rest != 0
    if isNegative { digits.append(UInt8(ascii: "-")) }
    digits.reverse()
    self.init(digits)
  }

  @_disfavoredOverload
  @inline(never)
  package func hasPrefix(_ prefix: ByteString) -> Bool {
    unsafe prefix.storage.withUnsafeBufferPointer {
      unsafe count >= prefix.count && starts(with: .init(rebasing: $0.dropLast()))
    }
  }

  @inline(never)
  package func hasSuffix(_ suffix: ByteString) -> Bool {
    count >= suffix.count && bytes.suffix(suffix.count).elementsEqual(suffix.bytes)
  }

  @inline(never)
  package func contains(_ byte: UInt8) -> Bool { bytes.contains(byte) }

  @inline(never)
  package func dropFirst(_ n: Int) -> ByteString { ByteString(bytes.dropFirst(n)) }
  @inline(never)
  package func dropLast(_ n: Int) -> ByteString { ByteString(bytes.dropLast(n)) }
  @inline(never)
  package func prefix(_ n: Int) -> ByteString { ByteString(bytes.prefix(n)) }

  /// The pieces between the `separator`s, empty ones too: `"a,,b"` gives `a`, an empty one and `b`.
  @inline(never)
  package func split(on separator: UInt8) -> [ByteString] {
    bytes.split(separator: separator, omittingEmptySubsequences: false).map { ByteString($0) }
  }

  /// The text before the first `separator` and the text after it; nil if there is none.
  @inline(never)
  package func cut(at separator: UInt8) -> (before: ByteString, after: ByteString)? {
    guard let index = bytes.firstIndex(of: separator) else { return nil }
    return (ByteString(bytes[..<index]), ByteString(bytes[(index + 1)...]))
  }

  /// The number that the whole text spells in plain decimal digits, nil if it is anything else:
  /// no sign, no leading zero, nothing beyond `UInt64` (CVE-2024-40635 is a uid that wrapped to 0).
  package var unsignedDecimal: UInt64? {
    guard !isEmpty, count == 1 || self[0] != UInt8(ascii: "0") else { return nil }
    var value: UInt64 = 0
    for byte in bytes {
      guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
      let (product, over1) = value.multipliedReportingOverflow(by: 10)
      let (sum, over2) = product.addingReportingOverflow(UInt64(byte - UInt8(ascii: "0")))
      if over1 || over2 { return nil }
      value = sum
    }
    return value
  }

  /// As `unsignedDecimal`, with an optional minus sign.
  package var signedDecimal: Int64? {
    if hasPrefix("-") {
      guard let magnitude = dropFirst(1).unsignedDecimal, magnitude <= UInt64(Int64.max) + 1 else {
        return nil
      }
      return magnitude == UInt64(Int64.max) + 1 ? .min : -Int64(magnitude)
    }
    return unsignedDecimal.flatMap { Int64(exactly: $0) }
  }

  /// ASCII letters in lower case, every other byte as it is.
  package var lowercased: ByteString {
    ByteString(bytes.map { $0 >= 0x41 && $0 <= 0x5a ? $0 + 0x20 : $0 })
  }

  /// ASCII letters in upper case, every other byte as it is.
  package var uppercased: ByteString {
    ByteString(bytes.map { $0 >= 0x61 && $0 <= 0x7a ? $0 - 0x20 : $0 })
  }
}

extension [ByteString] {
  @inline(never)
  package func joined(by separator: ByteString) -> ByteString {
    var result = [UInt8]()
    for (index, piece) in enumerated() {
      if index > 0 { result += separator.bytes }
      result += piece.bytes
    }
    return ByteString(result)
  }
}

/// What stands on the right of `+`, unless it is a literal.
package protocol ByteText { var text: ByteString { get } }

extension ByteString: ByteText {
  @inline(__always)
  package var text: ByteString { self }
}
