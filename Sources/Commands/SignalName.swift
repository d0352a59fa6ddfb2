package import Bytes

/// The signals of signal(7) by name and number, as the `kill` command takes them.
package enum SignalName {
  /// The first real-time signal that libc leaves to programs: it keeps the kernel's first two.
  static let realTimeFirst: Int32 = 34
  static let realTimeLast: Int32 = 64

  /// The number behind `text`: a decimal number up to 64 (0 probes), or a name in any case, with or
  /// without `SIG`, or `RTMIN`, `RTMIN+n`, `RTMAX`, `RTMAX-n`. Nil if it is none of these.
  package static func number(_ text: ByteString) -> Int32? {
    if let number = text.unsignedDecimal {
      return number <= UInt64(realTimeLast) ? Int32(number) : nil
    }
    let upper = text.uppercased
    let name = upper.hasPrefix("SIG") ? upper.dropFirst(3) : upper
    if name == "RTMIN" { return realTimeFirst }
    if name == "RTMAX" { return realTimeLast }
    if name.hasPrefix("RTMIN+") { return offset(name.dropFirst(6)).map { realTimeFirst + $0 } }
    if name.hasPrefix("RTMAX-") { return offset(name.dropFirst(6)).map { realTimeLast - $0 } }
    return standard(name)
  }

  /// `SIGSEGV`; nil for a number without a name of its own.
  static func name(of number: Int32) -> ByteString? {
    let names: [ByteString] = [
      "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2",
      "PIPE", "ALRM", "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG",
      "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS",
    ]
    return number >= 1 && Int(number) <= names.count ? "SIG" + names[Int(number) - 1] : nil
  }

  /// What was meant by a name that is none.
  static func hint(_ text: ByteString) -> ByteString {
    if text.unsignedDecimal != nil { return "a number from 0 to 64" }
    let names = (1...31 as ClosedRange<Int32>).compactMap { name(of: $0)?.dropFirst(3) }
    let upper = text.uppercased
    let short = upper.hasPrefix("SIG") ? upper.dropFirst(3) : upper
    return short.nearest(among: names).map { "did you mean `SIG" + $0 + "`?" }
      ?? "a name as in `kill -l`, or a number from 0 to 64"
  }

  private static func offset(_ digits: ByteString) -> Int32? {
    guard let value = digits.unsignedDecimal,
      value <= UInt64(realTimeLast - realTimeFirst)
    else { return nil }
    return Int32(value)
  }

  private static func standard(_ name: ByteString) -> Int32? {
    switch name {
    case "HUP": 1
    case "INT": 2
    case "QUIT": 3
    case "ILL": 4
    case "TRAP": 5
    case "ABRT", "IOT": 6
    case "BUS": 7
    case "FPE": 8
    case "KILL": 9
    case "USR1": 10
    case "SEGV": 11
    case "USR2": 12
    case "PIPE": 13
    case "ALRM": 14
    case "TERM": 15
    case "STKFLT": 16
    case "CHLD", "CLD": 17
    case "CONT": 18
    case "STOP": 19
    case "TSTP": 20
    case "TTIN": 21
    case "TTOU": 22
    case "URG": 23
    case "XCPU": 24
    case "XFSZ": 25
    case "VTALRM": 26
    case "PROF": 27
    case "WINCH": 28
    case "IO", "POLL": 29
    case "PWR": 30
    case "SYS", "UNUSED": 31
    default: nil
    }
  }
}
