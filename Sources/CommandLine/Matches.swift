import Bytes

/// What the arguments of one command said, in their order: options by their long names with values
/// that their kinds allow, and operands.
struct Matches {
  private(set) var options: [(name: ByteString, value: ByteString)] = []
  var operands: [ByteString] = []
  /// `--help` was met; nothing after it was read.
  var wantsHelp = false

  mutating func add(_ option: OptionSpec, _ value: ByteString) {
    options.append((option.name.text, value))
  }

  /// The last value given for the option, as repeated options demand.
  func text(_ name: ByteString) -> ByteString? {
    options.last { $0.name == name }?.value
  }

  func texts(_ name: ByteString) -> [ByteString] {
    options.filter { $0.name == name }.map { $0.value }
  }

  /// nil if the flag was not given.
  func flag(_ name: ByteString) -> Bool? {
    text(name).map { $0 == "true" }
  }

  func isOn(_ name: ByteString) -> Bool { flag(name) ?? false }

  func unsigned(_ name: ByteString) -> UInt64? { text(name)?.unsignedDecimal }
  func signed(_ name: ByteString) -> Int64? { text(name)?.signedDecimal }
}
