package import Bytes

/// A moment as RFC 3339 in UTC: engines decode the `created` of a state strictly.
package enum Timestamp {
  /// `2026-11-21T01:56:59.25Z`: nanoseconds without the zeroes at their end, none at all for a whole
  /// second. `seconds` count from 1970 on and are not negative.
  package static func text(seconds: Int64, nanoseconds: Int64 = 0) -> ByteString {
    let (days, rest) = max(0, seconds).quotientAndRemainder(dividingBy: 86_400)
    let (year, month, day) = date(daysSince1970: days)
    var line = [UInt8]()
    append(year, width: 4, to: &line)
    line.append(UInt8(ascii: "-"))
    append(month, width: 2, to: &line)
    line.append(UInt8(ascii: "-"))
    append(day, width: 2, to: &line)
    line.append(UInt8(ascii: "T"))
    append(rest / 3600, width: 2, to: &line)
    line.append(UInt8(ascii: ":"))
    append(rest / 60 % 60, width: 2, to: &line)
    line.append(UInt8(ascii: ":"))
    append(rest % 60, width: 2, to: &line)
    if nanoseconds > 0 {
      line.append(UInt8(ascii: "."))
      append(nanoseconds, width: 9, to: &line)
      while line.last == UInt8(ascii: "0") { line.removeLast() }
    }
    line.append(UInt8(ascii: "Z"))
    return ByteString(line)
  }

  /// The proleptic Gregorian date. Years are counted from March on, so that a leap day ends one and
  /// the length of the months before any day of it is a linear function.
  private static func date(daysSince1970 days: Int64) -> (year: Int64, month: Int64, day: Int64) {
    let shifted = days + 719_468  // since 1 March of year 0
    let (era, dayOfEra) = shifted.quotientAndRemainder(dividingBy: 146_097)
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
    let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
    return (era * 400 + yearOfEra + (month <= 2 ? 1 : 0), month, day)
  }

  private static func append(_ value: Int64, width: Int, to line: inout [UInt8]) {
    let digits = ByteString(decimal: value)
    for _ in 0..<max(0, width - digits.count) { line.append(UInt8(ascii: "0")) }
    line += digits.bytes
  }
}
