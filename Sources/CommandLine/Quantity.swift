package import Bytes

/// Values with a unit, as option values spell them.
package enum Quantity {
  /// What the key of an option says that its value is.
  package enum Size {}
  package enum Duration {}

  /// Bytes: `64`, `64m`, `2G`, or -1 for no limit; nil for anything else.
  package static func size(_ text: ByteString) -> Int64? {
    if text == "-1" { return -1 }
    guard let last = text.bytes.last else { return nil }
    let power: Int64? =
      switch last | 0x20 {
      case UInt8(ascii: "b"): 0
      case UInt8(ascii: "k"): 1
      case UInt8(ascii: "m"): 2
      case UInt8(ascii: "g"): 3
      case UInt8(ascii: "t"): 4
      default: nil
      }
    let digits = power == nil || isDigit(last) ? text : text.dropLast(1)
    guard let number = digits.unsignedDecimal, let count = Int64(exactly: number) else {
      return nil
    }
    let (bytes, overflow) = count.multipliedReportingOverflow(by: 1 << (10 * (power ?? 0)))
    return overflow ? nil : bytes
  }

  /// A year, so that what is added to it and to the clock fits.
  package static let longest: Int64 = 365 * 24 * 3_600_000_000_000

  /// Nanoseconds of `1m30s`, `100ms` or the like; nil for anything else, 0 and more than a year included.
  package static func duration(_ text: ByteString) -> Int64? {
    var rest = text.bytes
    var total: Int64 = 0
    while !rest.isEmpty {
      let digits = rest.prefix(while: isDigit)
      rest = rest.dropFirst(digits.count)
      let letters = rest.prefix { !isDigit($0) }
      rest = rest.dropFirst(letters.count)
      guard let number = ByteString(digits).unsignedDecimal, let count = Int64(exactly: number),
        let unit = nanoseconds(unit: ByteString(letters))
      else { return nil }
      let (part, over1) = count.multipliedReportingOverflow(by: unit)
      let (sum, over2) = total.addingReportingOverflow(part)
      if over1 || over2 { return nil }
      total = sum
    }
    return total > 0 && total <= longest ? total : nil
  }

  private static func nanoseconds(unit: ByteString) -> Int64? {
    switch unit {
    case "ns": 1
    case "us": 1000
    case "ms": 1_000_000
    case "s": 1_000_000_000
    case "m": 60_000_000_000
    case "h": 3_600_000_000_000
    default: nil
    }
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
  }
}
