import Bytes

/// What the arguments of one command said, in their order: options by their long names with values
/// that their kinds allow, and operands.
struct Matches {
  #if DEBUG
    /// What the command takes: to read another option is a bug, which every test of that command finds.
    private let known: [OptionSpec]
  #endif
  private var options: [(name: ByteString, value: ByteString)] = []
  var operands: [ByteString] = []
  /// `--help` was met; nothing after it was read.
  var wantsHelp = false

  init(_ known: @autoclosure () -> [OptionSpec]) {
    #if DEBUG
      self.known = known()
    #endif
  }

  mutating func add(_ option: OptionSpec, _ value: ByteString) {
    options.append((option.name.text, value))
  }

  func has(_ option: OptionSpec) -> Bool { options.contains { option.name.matches($0.name) } }

  /// The last value given for the option, as repeated options demand.
  func text(_ key: OptionKey<ByteString>) -> ByteString? { last(key.name) }
  func strings(_ key: OptionKey<ByteString>) -> [ByteString] { all(key.name) }

  /// nil if the flag was not given.
  func flag(_ key: OptionKey<Bool>) -> Bool? { last(key.name).map { $0 == "true" } }
  func isOn(_ key: OptionKey<Bool>) -> Bool { flag(key) ?? false }

  /// The names of the flags that are on, in the order of the table.
  func flags(_ specs: [OptionSpec]) -> [ByteString] {
    specs.compactMap { spec in
      guard case .flag = spec.kind, last(spec.name) == "true" else { return nil }
      return spec.name.text
    }
  }

  func number(_ key: OptionKey<UInt64>) -> UInt64? { last(key.name)?.unsignedDecimal }
  func numbers(_ key: OptionKey<UInt64>) -> [UInt64] {
    all(key.name).compactMap { $0.unsignedDecimal }
  }

  func integer(_ key: OptionKey<Int64>) -> Int64? { last(key.name)?.signedDecimal }

  /// Bytes, or -1 for no limit.
  func size(_ key: OptionKey<Quantity.Size>) -> Int64? { last(key.name).flatMap(Quantity.size) }

  /// Nanoseconds.
  func duration(_ key: OptionKey<Quantity.Duration>) -> Int64? {
    last(key.name).flatMap(Quantity.duration)
  }

  @inline(never)
  private func last(_ name: StaticString) -> ByteString? {
    #if DEBUG
      precondition(known.contains { $0.name.matches(name.text) }, "the command has no such option")
    #endif
    return options.last { name.matches($0.name) }?.value
  }

  private func all(_ name: StaticString) -> [ByteString] {
    options.filter { name.matches($0.name) }.map { $0.value }
  }
}
