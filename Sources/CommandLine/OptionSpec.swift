package import Bytes

/// One row of the option table.
package struct OptionSpec: Sendable {
  /// The long name; `-name` and `--name` mean the same.
  package let name: StaticString
  /// One-letter names, each a byte of this text.
  package let short: StaticString
  package let kind: OptionKind
  /// What the value is called in help texts; empty for a flag.
  package let valueName: StaticString
  package let help: StaticString
  /// May be given more than once; every other option takes the last value given.
  package let repeats: Bool
  /// Accepted because engines or other runtimes' users send it, and without effect.
  package let isIgnored: Bool

  /// An option that is on or off: `--name`, or `--name=true` and `--name=false`.
  static func flag(
    _ key: OptionKey<Bool>, short: StaticString = "", ignored: Bool = false, _ help: StaticString
  ) -> OptionSpec {
    OptionSpec(
      name: key.name, short: short, kind: .flag, valueName: "", help: help, repeats: false,
      isIgnored: ignored)
  }

  /// An option with a value: `--name VALUE` or `--name=VALUE`.
  static func value<Value>(
    _ key: OptionKey<Value>, short: StaticString = "", _ kind: ValueKind<Value>,
    _ valueName: StaticString, repeats: Bool = false, ignored: Bool = false, _ help: StaticString
  ) -> OptionSpec {
    OptionSpec(
      name: key.name, short: short, kind: kind.kind, valueName: valueName, help: help,
      repeats: repeats,
      isIgnored: ignored)
  }

  /// Whether `text`, an argument without its dashes and its value, names this option.
  package func isNamed(_ text: ByteString) -> Bool {
    name.matches(text) || (text.count == 1 && short.text.contains(text[0]))
  }
}

/// What an option's value may be, checked while the arguments are read.
package enum OptionKind: Sendable {
  case flag
  case text
  /// A path on the host, made absolute against the caller's working directory.
  case file, directory
  /// As `file`, or `-` for standard input.
  case fileOrStandardInput
  /// `[file:]PATH`, `journald:ID` or `syslog:ID`.
  case logDestination
  /// One of the words between the bars: `"text|json"`.
  case choice(StaticString)
  /// A whole number from 0 to the maximum.
  case number(maximum: UInt64)
  /// A whole number with an optional minus sign.
  case integer
  /// Bytes: digits and one of the suffixes b, k, m, g, t (powers of 1024), or -1.
  case size
  /// Numbers with units, as in `1m30s`; greater than 0.
  case duration
}

/// A kind with the type that a value of it is read as.
struct ValueKind<Value> {
  let kind: OptionKind
}

extension ValueKind where Value == ByteString {
  static var text: Self { Self(kind: .text) }
  static var file: Self { Self(kind: .file) }
  static var directory: Self { Self(kind: .directory) }
  static var fileOrStandardInput: Self { Self(kind: .fileOrStandardInput) }
  static var logDestination: Self { Self(kind: .logDestination) }
  static func choice(_ words: StaticString) -> Self { Self(kind: .choice(words)) }
}

extension ValueKind where Value == UInt64 {
  static func number(maximum: UInt64) -> Self { Self(kind: .number(maximum: maximum)) }
}

extension ValueKind where Value == Int64 {
  static var integer: Self { Self(kind: .integer) }
}

extension ValueKind where Value == Quantity.Size {
  static var size: Self { Self(kind: .size) }
}

extension ValueKind where Value == Quantity.Duration {
  static var duration: Self { Self(kind: .duration) }
}

/// One command of the table.
package struct CommandSpec: Sendable {
  package let name: CommandName
  /// The operands as the usage line shows them.
  package let operands: StaticString
  package let operandCount: ClosedRange<Int>
  /// Everything after the first operand is an operand, even if it looks like an option.
  package var endsOptionsAtOperand = false
  /// One line for the list of commands.
  package let summary: StaticString
  /// One paragraph: what the command is for and what to expect.
  package let purpose: StaticString
  /// Command lines with a comment line above each.
  package var examples: [StaticString] = []
  package var options: [OptionSpec] = []
  /// False for a command of a later version: known, parsed, refused.
  package var isAvailable = true

  /// The exit status for arguments that make no sense.
  package var usageStatus: Int32 = 1

  package static let anyNumber = Int.max
}

extension StaticString {
  /// Compares the lengths first: most names differ there already, and this is done for each name
  /// that an argument may be.
  func matches(_ other: ByteString) -> Bool { utf8CodeUnitCount == other.count && text == other }

  var text: ByteString { ByteString(stringLiteral: self) }
}
