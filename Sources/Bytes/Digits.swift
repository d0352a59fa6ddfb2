extension ByteString {
  /// `value` in hexadecimal digits, with zeros in front up to `width`.
  @inline(never)
  package init(hexadecimal value: UInt64, width: Int = 1) {
    self.init(digits: value, bitsEach: 4, width: width)
  }

  /// A mode or a umask with the zero that octal numbers begin with: `022`, `0755`, `01777`.
  @inline(never)
  package init(octal value: UInt32) {
    self = "0" + ByteString(digits: UInt64(value), bitsEach: 3, width: 0)
  }

  private init(digits value: UInt64, bitsEach bits: Int, width: Int) {
    var count = width
    while count < 64, value >> UInt64(count * bits) != 0 { count += 1 }
    self = unsafe ByteString(count: count) { digits in
      for index in 0..<count {
        let digit = value >> UInt64((count - 1 - index) * bits) & (1 << UInt64(bits) - 1)
        unsafe digits[index] = hexadecimalDigit(UInt8(truncatingIfNeeded: digit))
      }
    }
  }
}

/// The digit for a number below 16, in lower case.
@inline(never)
package func hexadecimalDigit(_ value: UInt8) -> UInt8 {
  value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
}

/// The value of a hexadecimal digit, in either case; nil for any other byte.
@inline(never)
package func hexadecimalValue(_ digit: UInt8) -> UInt8? {
  switch digit {
  case 0x30...0x39: digit - 0x30
  case 0x41...0x46: digit - 0x41 + 10
  case 0x61...0x66: digit - 0x61 + 10
  default: nil
  }
}

/// Numbers as bytes, the lowest byte first: the order of the machines that Swift runs on here, so also
/// of every structure that the kernel reads.
extension [UInt8] {
  package init(littleEndian number: some FixedWidthInteger) {
    self = []
    append(littleEndian: number)
  }

  package mutating func append(littleEndian number: some FixedWidthInteger) {
    append(low: UInt64(truncatingIfNeeded: number), count: number.bitWidth / 8)
  }

  /// In the place of the bytes that are at `index` now.
  package mutating func replace(at index: Int, littleEndian number: some FixedWidthInteger) {
    let bytes = [UInt8](littleEndian: number)
    replaceSubrange(index..<(index + bytes.count), with: bytes)
  }

  @inline(never)
  private mutating func append(low number: UInt64, count: Int) {
    for index in 0..<count { append(UInt8(truncatingIfNeeded: number >> UInt64(8 * index))) }
  }
}

extension Collection<UInt8> {
  /// The number that these bytes are, the lowest first; at most eight of them count.
  @inline(never)
  package var littleEndianNumber: UInt64 {
    var value: UInt64 = 0
    for (index, byte) in self.prefix(8).enumerated() { value |= UInt64(byte) << UInt64(8 * index) }
    return value
  }
}
