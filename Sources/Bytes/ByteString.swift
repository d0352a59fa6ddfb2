/// Text as the kernel sees it: bytes without a NUL inside, compared byte by byte.
///
/// Paths, ids, labels, environment entries and mount options are never `String` here: two Swift
/// strings are equal when they *look* alike (`"\u{e9}" == "e\u{301}"`), and a combining mark after
/// a slash hides it from `hasPrefix`, while the kernel sees a slash.
package struct ByteString: Hashable, Sendable {
  /// The bytes, the NUL that ends them, so that a C string costs no copy, and room for more. The last byte
  /// is the size of that room: where there is none, it is the NUL itself. The empty text has no bytes at
  /// all and costs no memory.
  private var storage: [UInt8]

  // None of what follows is inlined: text is made in hundreds of places, and a copy of the loop in
  // each of them was a third of the binary.

  /// Takes `bytes` as they are, up to the first NUL: check input with `contains(0)` before.
  @inline(never)
  package init(_ bytes: some Collection<UInt8>) {
    let copy = bytes.withContiguousStorageIfAvailable {
      unsafe ByteString(copying: .init(rebasing: $0.prefix(ByteString.length(of: $0))))
    }
    self = copy ?? ByteString(oneByOne: bytes)
  }

  private init(oneByOne bytes: some Collection<UInt8>) {
    var copy = [UInt8]()
    copy.reserveCapacity(bytes.count)
    for byte in bytes {
      if byte == 0 { break }
      copy.append(byte)
    }
    self.init(copy)
  }

  /// `bytes` have no NUL among them.
  @inline(never)
  init(copying bytes: UnsafeBufferPointer<UInt8>) {
    self = unsafe ByteString(count: bytes.count) { unsafe ByteString.copy(bytes, to: $0, at: 0) }
  }

  /// A text of `count` bytes, which `fill` writes, none of them a NUL, with room for at least `extra` more:
  /// at most 240.
  @inline(__always)
  init(count: Int, extra: Int = 0, _ fill: (UnsafeMutableBufferPointer<UInt8>) -> Void) {
    guard count > 0 else {
      storage = []
      return
    }
    // An array and its block have 40 bytes in front, and a block is a multiple of 16.
    let size = (count + 1 + extra + 40 + 15) & ~15 - 40
    storage = unsafe [UInt8](unsafeUninitializedCapacity: size) { buffer, filled in
      unsafe fill(buffer)
      unsafe ByteString.end(buffer, at: count)
      filled = size
    }
  }

  /// Writes what comes behind the bytes.
  @inline(__always)
  private static func end(_ buffer: UnsafeMutableBufferPointer<UInt8>, at count: Int) {
    unsafe buffer[count] = 0
    unsafe buffer[buffer.count - 1] = UInt8(buffer.count - 1 - count)
  }

  @inline(never)
  static func copy(
    _ bytes: UnsafeBufferPointer<UInt8>, to buffer: UnsafeMutableBufferPointer<UInt8>,
    at offset: Int
  ) {
    guard let source = bytes.baseAddress, let start = buffer.baseAddress else { return }
    let target = unsafe UnsafeMutableRawPointer(start + offset)
    // Embedded Swift's `initialize(from:count:)` goes byte by byte.
    if bytes.count > 64 {
      return unsafe target.copyMemory(from: source, byteCount: bytes.count)
    }
    // Most texts are so short that memcpy(3) costs more than the copy.
    let words = UnsafeRawBufferPointer(bytes)
    var index = 0
    while index < words.count {
      if words.count >= 8 {
        // The last word may have bytes of the one before it.
        let at = min(index, words.count - 8)
        let word = unsafe words.loadUnaligned(fromByteOffset: at, as: UInt64.self)
        unsafe target.storeBytes(of: word, toByteOffset: at, as: UInt64.self)
        index += 8
      } else {
        unsafe target.storeBytes(of: words[index], toByteOffset: index, as: UInt8.self)
        index += 1
      }
    }
  }

  /// Returns where it ends.
  func copied(to buffer: UnsafeMutableBufferPointer<UInt8>, at offset: Int) -> Int {
    unsafe withBytes { unsafe ByteString.copy($0, to: buffer, at: offset) }
    return offset + count
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

  package init() { storage = [] }

  package init(_ string: String) { self.init(string.utf8) }

  package var count: Int {
    storage.isEmpty ? 0 : storage.count - 1 - Int(storage[storage.count - 1])
  }

  package var isEmpty: Bool { count == 0 }

  /// The bytes without the NUL.
  package var bytes: ArraySlice<UInt8> { storage[0..<count] }

  @inline(never)
  package subscript(index: Int) -> UInt8 {
    precondition(index < count)
    return storage[index]
  }

  @inline(never)
  package func hasBytes(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    if count != bytes.count { return false }
    return unsafe storage.withUnsafeBufferPointer { own in
      var index = 0
      while index < bytes.count {
        if unsafe own[index] != bytes[index] { return false }
        index += 1
      }
      return true
    }
  }

  /// Calls `body` with a NUL-terminated C string that is valid during the call only.
  package func withCString<Result, Failure: Error>(
    _ body: (UnsafePointer<CChar>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try unsafe storage.withUnsafeBufferPointer { (buffer) throws(Failure) -> Result in
      let text =
        unsafe buffer.isEmpty ? ByteString.none.utf8Start : buffer.baseAddress.unsafelyUnwrapped
      return try unsafe body(UnsafeRawPointer(text).assumingMemoryBound(to: CChar.self))
    }
  }

  private static var none: StaticString { "" }

  @inline(__always)
  func withBytes<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
    unsafe storage.withUnsafeBufferPointer {
      unsafe body(UnsafeBufferPointer(start: $0.baseAddress, count: count))
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
    unsafe ByteString(copying: UnsafeBufferPointer(start: text, count: textLength(text)))
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
  package static func += (left: inout ByteString, right: StaticString) {
    unsafe left.append(text: right.utf8Start)
  }

  @inline(__always)
  package func hasPrefix(_ prefix: StaticString) -> Bool {
    unsafe hasPrefix(text: prefix.utf8Start)
  }

  // What compares goes over the array itself: the compiler sees then that nothing is released, and whoever
  // compares the elements of an array with something need not retain each.

  @inline(never)
  func isEqual(toText text: UnsafePointer<UInt8>) -> Bool {
    unsafe storage.withUnsafeBufferPointer { own in
      // Most often the first byte decides.
      if unsafe own.isEmpty || own[0] != text[0] { return unsafe own.isEmpty && text[0] == 0 }
      let end = count
      var index = 1
      while index < end {
        // A literal that ends here has a NUL, which no text has.
        if unsafe own[index] != text[index] { return false }
        index += 1
      }
      return unsafe text[end] == 0
    }
  }

  @inline(never)
  private func hasPrefix(text: UnsafePointer<UInt8>) -> Bool {
    unsafe storage.withUnsafeBufferPointer { own in
      let end = count
      var index = 0
      while unsafe text[index] != 0 {
        if unsafe index == end || own[index] != text[index] { return false }
        index += 1
      }
      return true
    }
  }

  @inline(never)
  private consuming func adding(text: UnsafePointer<UInt8>) -> ByteString {
    unsafe append(text: text)
    return self
  }

  @inline(never)
  private mutating func append(text: UnsafePointer<UInt8>) {
    unsafe append(UnsafeBufferPointer(start: text, count: textLength(text)))
  }

  /// `more` has no NUL in it. A chain of `+` writes most of its parts where there is room behind the first
  /// ones.
  @inline(never)
  private mutating func append(_ more: UnsafeBufferPointer<UInt8>) {
    if more.isEmpty { return }
    let own = count
    let total = own + more.count
    if total < storage.count {
      unsafe storage.withUnsafeMutableBufferPointer {
        unsafe ByteString.copy(more, to: $0, at: own)
        unsafe ByteString.end($0, at: total)
      }
    } else {
      self = unsafe withBytes { unsafe ByteString($0, more) }
    }
  }

  /// Both, with room for what a chain of `+` has next.
  private init(_ first: UnsafeBufferPointer<UInt8>, _ second: UnsafeBufferPointer<UInt8>) {
    let total = first.count + second.count
    self = unsafe ByteString(count: total, extra: Swift.min(total / 2 + 16, 240)) {
      unsafe ByteString.copy(first, to: $0, at: 0)
      unsafe ByteString.copy(second, to: $0, at: first.count)
    }
  }

  @inline(never)
  fileprivate init(_ text: UnsafePointer<UInt8>, before more: ByteString) {
    let first = unsafe UnsafeBufferPointer(start: text, count: textLength(text))
    self = unsafe more.withBytes { unsafe ByteString(first, $0) }
  }
}

extension ByteString {
  @_disfavoredOverload
  @inline(never)
  package static func == (left: ByteString, right: ByteString) -> Bool {
    left.count == right.count && left.starts(with: right)
  }

  @inline(never)
  package func hash(into hasher: inout Hasher) { hasher.combine(bytes) }

  /// `other` is not longer than this text.
  private func starts(with other: ByteString) -> Bool {
    unsafe storage.withUnsafeBufferPointer { own in
      unsafe other.storage.withUnsafeBufferPointer { wanted in
        let end = other.count
        var index = 0
        while index < end {
          if unsafe own[index] != wanted[index] { return false }
          index += 1
        }
        return true
      }
    }
  }
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
    left.append(right.text)
  }

  @inline(never)
  private consuming func adding(_ more: ByteString) -> ByteString {
    append(more)
    return self
  }

  @inline(never)
  private mutating func append(_ more: ByteString) {
    unsafe more.withBytes { unsafe append($0) }
  }

  @_disfavoredOverload
  @inline(never)
  package func hasPrefix(_ prefix: ByteString) -> Bool {
    count >= prefix.count && starts(with: prefix)
  }

  @inline(never)
  package func hasSuffix(_ suffix: ByteString) -> Bool {
    count >= suffix.count && bytes.suffix(suffix.count).elementsEqual(suffix.bytes)
  }

  @inline(never)
  package func contains(_ byte: UInt8) -> Bool {
    unsafe storage.withUnsafeBufferPointer { own in
      let end = count
      var index = 0
      while index < end {
        if unsafe own[index] == byte { return true }
        index += 1
      }
      return false
    }
  }
}

/// What stands on the right of `+`, unless it is a literal.
package protocol ByteText { var text: ByteString { get } }

extension ByteString: ByteText {
  @inline(__always)
  package var text: ByteString { self }
}

extension ByteText {
  /// A literal on the left is no text of its own either.
  @inline(__always)
  package static func + (left: StaticString, right: Self) -> ByteString {
    unsafe ByteString(left.utf8Start, before: right.text)
  }
}
