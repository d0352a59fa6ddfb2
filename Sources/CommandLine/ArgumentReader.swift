import Bytes

/// A mistake in the arguments, as one line.
struct ArgumentError: Error {
  let message: ByteString
}

/// Reads arguments by the rules of runc's command line, which engines were written against: one dash
/// is as good as two for a long name, a value follows in the next argument or after `=`, a flag may
/// carry a value, `--` ends the options.
struct ArgumentReader {
  private var rest: ArraySlice<ByteString>
  private let directory: ByteString?

  /// `directory` is the caller's working directory, nil if it has none.
  init(_ arguments: ArraySlice<ByteString>, directory: ByteString?) {
    rest = arguments
    self.directory = directory
  }

  /// Reads the options in front and the operand after them, which names the command: nil if there
  /// is none.
  mutating func readGlobal(into matches: inout Matches) throws(ArgumentError) -> ByteString? {
    let options = OptionSpec.global
    while let argument = rest.popFirst() {
      if argument == "--" { return rest.popFirst() }
      guard isOption(argument) else { return argument }
      try readOption(argument, options, of: "apus", into: &matches)
      if matches.wantsHelp { return nil }
    }
    return nil
  }

  /// Reads everything that is left.
  mutating func readCommand(
    _ command: CommandSpec, into matches: inout Matches
  ) throws(ArgumentError) {
    let options = command.options + [.helpFlag]
    var optionsEnded = false
    while let argument = rest.popFirst() {
      if !optionsEnded, argument == "--" {
        optionsEnded = true
      } else if !optionsEnded, isOption(argument) {
        try readOption(argument, options, of: command.name.text.text, into: &matches)
        if matches.wantsHelp { return }
      } else {
        matches.operands.append(argument)
        if command.endsOptionsAtOperand { return readOperands(into: &matches) }
      }
    }
  }

  /// What follows the id of `exec`, `kill` and `ps`: `exec ID -- COMMAND` is one with and without
  /// the dashes.
  private mutating func readOperands(into matches: inout Matches) {
    if rest.first == "--" { rest.removeFirst() }
    matches.operands += rest
    rest = []
  }

  private func isOption(_ argument: ByteString) -> Bool {
    argument.hasPrefix("-") && argument.count > 1
  }

  private mutating func readOption(
    _ argument: ByteString, _ options: [OptionSpec], of owner: ByteString,
    into matches: inout Matches
  ) throws(ArgumentError) {
    let body = argument.dropFirst(argument.hasPrefix("--") ? 2 : 1)
    let parts = body.cut(at: UInt8(ascii: "="))
    let name = parts?.before ?? body
    guard let option = options.first(where: { $0.isNamed(name) }) else {
      throw ArgumentError(message: unknownOption(name, spelled: argument, of: owner, options))
    }
    if case .flag = option.kind {
      let value: ByteString = if let parts { try parseBool(parts.after, option) } else { "true" }
      matches.add(option, value)
      matches.wantsHelp = option.name.matches(OptionKey.help.name.text) && value == "true"
      return
    }
    guard let given = parts?.after ?? rest.popFirst() else {
      throw ArgumentError(message: named(option) + " requires an argument")
    }
    matches.add(option, try checked(given, option))
  }

  private func unknownOption(
    _ name: ByteString, spelled argument: ByteString, of owner: ByteString, _ options: [OptionSpec]
  ) -> ByteString {
    let shown = argument.cut(at: UInt8(ascii: "="))?.before ?? argument
    let message = "unknown option " + quoted(shown) + " of " + quoted(owner)
    guard owner != "apus", OptionSpec.global.contains(where: { $0.isNamed(name) }) else {
      return message + Slip.option(name, options)
    }
    return message + ": it belongs before the command"
  }
}

// The values.
extension ArgumentReader {
  private func parseBool(_ value: ByteString, _ option: OptionSpec) throws(ArgumentError)
    -> ByteString
  {
    switch value.lowercased {
    case "true", "t", "1": return "true"
    case "false", "f", "0": return "false"
    default: throw wrong(value, option, "is not true or false")
    }
  }

  /// `value` as the matches hold it.
  private func checked(
    _ value: ByteString, _ option: OptionSpec
  ) throws(ArgumentError) -> ByteString {
    switch option.kind {
    case .flag, .text:
      return value
    case .file, .directory:
      return try absolute(value, option)
    case .fileOrStandardInput:
      return value == "-" ? value : try absolute(value, option)
    case .logDestination:
      if value.hasPrefix("journald:") || value.hasPrefix("syslog:") { return value }
      return try absolute(value.hasPrefix("file:") ? value.dropFirst(5) : value, option)
    case .choice(let words):
      let choices = words.text.split(on: UInt8(ascii: "|"))
      guard choices.contains(value) else {
        let near = value.nearest(among: choices).map { ": did you mean " + quoted($0) + "?" } ?? ""
        throw wrong(value, option, "is not one of " + choices.joined(by: ", ") + near)
      }
    case .number(let maximum):
      guard let number = value.unsignedDecimal, number <= maximum else {
        throw wrong(value, option, "is not a number from 0 to " + ByteString(decimal: maximum))
      }
    case .integer:
      guard value.signedDecimal != nil else { throw wrong(value, option, "is not a whole number") }
    case .size:
      guard Quantity.size(value) != nil else {
        throw wrong(value, option, "is not a size such as 64m, nor -1")
      }
    case .duration:
      guard Quantity.duration(value) != nil else {
        throw wrong(value, option, "is not a time such as 5s or 100ms, up to a year")
      }
    }
    return value
  }

  private func absolute(_ path: ByteString, _ option: OptionSpec) throws(ArgumentError)
    -> ByteString
  {
    guard !path.isEmpty else { throw ArgumentError(message: named(option) + ": path is empty") }
    guard let absolute = HostPath.absolute(path, from: directory) else {
      throw wrong(path, option, "is relative, and the working directory cannot be determined")
    }
    return absolute
  }

  private func wrong(
    _ value: ByteString, _ option: OptionSpec, _ reason: ByteString
  ) -> ArgumentError {
    ArgumentError(message: named(option) + ": " + quoted(value) + " " + reason)
  }

  private func named(_ option: OptionSpec) -> ByteString { "option `--" + option.name.text + "`" }
}
