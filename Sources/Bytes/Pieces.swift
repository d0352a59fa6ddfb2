// Texts made of pieces of others, and of numbers; the other way round, the numbers that texts spell.

extension ByteString {
  /// `value` in decimal digits.
  @inline(__always)
  package init(decimal value: some BinaryInteger) {
    self.init(magnitude: UInt64(value.magnitude), isNegative: value < 0)
  }

  @inline(never)
  private init(magnitude: UInt64, isNegative: Bool) {
    let sign = isNegative ? 1 : 0
    var count = sign + 1
    var rest = magnitude
    while rest >= 10 {
      rest /= 10
      count += 1
    }
    self = unsafe ByteString(count: count) { digits in
      var rest = magnitude
      unsafe digits[0] = UInt8(ascii: "-")
      for index in (sign..<count).reversed() {
        unsafe digits[index] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
        rest /= 10
      }
    }
  }

  @inline(never)
  package func dropFirst(_ n: Int) -> ByteString { piece(min(n, count)..<count) }
  @inline(never)
  package func dropLast(_ n: Int) -> ByteString { piece(0..<max(count - n, 0)) }
  @inline(never)
  package func prefix(_ n: Int) -> ByteString { piece(0..<min(n, count)) }

  @inline(never)
  func piece(_ range: Range<Int>) -> ByteString {
    unsafe withBytes { unsafe ByteString(copying: .init(rebasing: $0[range])) }
  }

  /// The bytes without the NUL, as an array.
  @inline(never)
  package var array: [UInt8] {
    unsafe withBytes { own in
      unsafe [UInt8](unsafeUninitializedCapacity: own.count) { buffer, filled in
        unsafe ByteString.copy(own, to: buffer, at: 0)
        filled = own.count
      }
    }
  }

  /// The pieces between the `separator`s, empty ones too: `"a,,b"` gives `a`, an empty one and `b`.
  @inline(never)
  package func split(on separator: UInt8) -> [ByteString] {
    let bytes = bytes
    var pieces = [ByteString]()
    var start = 0
    for index in 0...bytes.count where index == bytes.count || bytes[index] == separator {
      pieces.append(piece(start..<index))
      start = index + 1
    }
    return pieces
  }

  /// The text before the first `separator` and the text after it; nil if there is none.
  @inline(never)
  package func cut(at separator: UInt8) -> (before: ByteString, after: ByteString)? {
    guard let index = bytes.firstIndex(of: separator) else { return nil }
    return (piece(0..<index), piece((index + 1)..<count))
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
  package var lowercased: ByteString { changingCase(of: 0x41...0x5a) }

  /// ASCII letters in upper case, every other byte as it is.
  package var uppercased: ByteString { changingCase(of: 0x61...0x7a) }

  @inline(never)
  private func changingCase(of letters: ClosedRange<UInt8>) -> ByteString {
    unsafe withBytes { own in
      unsafe ByteString(count: own.count) {
        for index in 0..<own.count {
          let byte = unsafe own[index]
          unsafe $0[index] = letters.contains(byte) ? byte ^ 0x20 : byte
        }
      }
    }
  }
}

extension [ByteString] {
  @inline(never)
  package func joined(by separator: ByteString) -> ByteString {
    var total = isEmpty ? 0 : (count - 1) * separator.count
    for piece in self { total += piece.count }
    return unsafe ByteString(count: total) { buffer in
      var end = 0
      for (index, piece) in enumerated() {
        if index > 0 { end = unsafe separator.copied(to: buffer, at: end) }
        end = unsafe piece.copied(to: buffer, at: end)
      }
    }
  }
}
