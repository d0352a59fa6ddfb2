package import Bytes
package import Commands
import Diagnosis
import Report

/// What one call of apus asks for.
package struct Invocation: Sendable {
  package enum Action: Sendable {
    case perform(Command)
    /// Text for standard output: help, a man page, completions.
    case print(ByteString)
    case printVersion
  }

  package var action: Action
  package var global: GlobalOptions
  /// For the debug log: options that were accepted and ignored.
  package var notes: [ByteString] = []
}

/// Arguments that make no invocation.
package struct UsageError: Error, Sendable {
  /// One line, for the log and standard error.
  package var message: ByteString
  /// Lines to show on standard error after the message: how it is called.
  package var usage: ByteString
  /// What could be read before the mistake, so that it can be logged where the caller looks.
  package var global: GlobalOptions
  /// 1, but for commands whose 1 is an answer.
  package var exitStatus: Int32 = 1
}

extension Invocation {
  /// Reads `arguments`, the program's name not among them. `directory` is the caller's working
  /// directory as the kernel spells it, nil if it has none.
  package static func parse(
    _ arguments: [ByteString], directory: ByteString?
  ) throws(UsageError) -> Invocation {
    var reader = ArgumentReader(arguments[...], directory: directory)
    var (global, globals, word) = try readGlobal(&reader)
    if globals.wantsHelp { return Invocation(action: .print(Help.general), global: global) }
    if globals.isOn(.version) { return Invocation(action: .printVersion, global: global) }
    guard let word else {
      throw UsageError(message: Slip.noCommand(globals), usage: Help.usage(nil), global: global)
    }
    guard let name = CommandName.allCases.first(where: { $0.text.matches(word) }) else {
      throw UsageError(
        message: "unknown command " + quoted(word) + Slip.command(word), usage: Help.usage(nil),
        global: global)
    }

    let command = name.spec
    do throws(ArgumentError) {
      var matches = Matches(command.options)
      try reader.readCommand(command, into: &matches)
      global.trace?.command = word + (matches.operands.first.map { " " + $0 } ?? "")
      guard command.isAvailable else { throw notImplemented(command) }
      let action =
        if matches.wantsHelp {
          Action.print(Help.text(command))
        } else {
          try action(command, matches, directory)
        }
      let notes = notes(globals, OptionSpec.global) + notes(matches, command.options)
      return Invocation(action: action, global: global, notes: notes)
    } catch {
      throw UsageError(
        message: error.message, usage: Help.usage(command), global: global,
        exitStatus: command.usageStatus)
    }
  }

  private static func readGlobal(
    _ reader: inout ArgumentReader
  ) throws(UsageError) -> (GlobalOptions, Matches, ByteString?) {
    var matches = Matches(OptionSpec.global)
    var global = GlobalOptions()
    do throws(ArgumentError) {
      let word = try reader.readGlobal(into: &matches)
      try global.take(matches)
      return (global, matches, word)
    } catch {
      global.takeLog(matches)
      throw UsageError(message: error.message, usage: Help.usage(nil), global: global)
    }
  }

  private static func action(
    _ command: CommandSpec, _ matches: Matches, _ directory: ByteString?
  ) throws(ArgumentError) -> Action {
    try checkOperands(command, matches.operands)
    if command.name == .help { return .print(try Help.about(matches.operands.first)) }
    if command.name == .generate { return .print(try Generate.text(matches.operands)) }
    if command.name == .explain {
      let isJSON = matches.text(.format) == "json"
      if let id = matches.operands.first, !matches.isOn(.list), CodePage.find(id) == nil {
        return .perform(.explain(ExplainOptions(id: id, format: isJSON ? .json : .table)))
      }
      let code = matches.isOn(.list) ? nil : matches.operands.first.flatMap { CodePage.find($0) }
      return .print(isJSON ? CodeDocument.text(code) : Codes.text(code))
    }
    let builder = CommandBuilder(matches: matches, directory: directory)
    guard let command = try builder.build(command.name) else { throw notImplemented(command) }
    return .perform(command)
  }

  private static func checkOperands(
    _ command: CommandSpec, _ operands: [ByteString]
  ) throws(ArgumentError) {
    let name = quoted(command.name.text.text)
    // A word in brackets may also be left out, and then any other stands there.
    let words = command.operands.text.hasPrefix("[") ? [] : command.subcommands
    if let word = operands.first, !words.isEmpty, !words.contains(word) {
      throw ArgumentError(
        message: name + " takes " + words.joined(by: ", ") + "; not " + quoted(word))
    }
    if operands.count < command.operandCount.lowerBound {
      throw ArgumentError(message: name + " needs " + command.operands.text)
    }
    if operands.count > command.operandCount.upperBound {
      let extra = operands[command.operandCount.upperBound]
      throw ArgumentError(message: name + " got an unexpected argument: " + quoted(extra))
    }
  }

  private static func notes(_ matches: Matches, _ options: [OptionSpec]) -> [ByteString] {
    options.filter { $0.isIgnored && matches.has($0) }
      .map { "option `--" + $0.name.text + "` is ignored" }
  }

  static func notImplemented(_ command: CommandSpec) -> ArgumentError {
    ArgumentError(
      message: quoted(command.name.text.text) + " is not implemented in this version")
  }
}

extension GlobalOptions {
  /// Sets what the options before the command say.
  fileprivate mutating func take(_ matches: Matches) throws(ArgumentError) {
    takeLog(matches)
    root = matches.text(.root)
    criu = matches.text(.criu)
    trace = matches.text(.trace).map {
      TraceChoice(path: $0, isOTLP: matches.text(.traceFormat) == "otlp")
    }
    if root == "/" { throw ArgumentError(message: "option `--root`: `/` cannot hold state") }
    rootless =
      switch matches.text(.rootless) {
      case "true": .yes
      case "false": .no
      default: .automatic
      }
    cgroupManager =
      switch matches.text(.cgroupManager) {
      case "cgroupfs": .cgroupfs
      case "systemd": .systemd
      case "disabled": .disabled
      default: matches.flag(.systemdCgroup).map { $0 ? .systemd : .cgroupfs }
      }
  }

  /// The part that is known even when another option is wrong.
  fileprivate mutating func takeLog(_ matches: Matches) {
    if let destination = matches.text(.log) {
      if destination.hasPrefix("/") {
        log = .file(destination)
      } else if destination.hasPrefix("syslog:") {
        log = .syslog(destination.dropFirst(7))
      } else {
        log = .journal(destination.dropFirst(9))
      }
    }
    notes =
      switch matches.text(.explain) {
      case "always": .always
      case "never": .never
      default: .automatic
      }
    logFormat = matches.text(.logFormat) == "json" ? .json : .text
    logLevel =
      switch matches.text(.logLevel) {
      case "debug": .debug
      case "warning": .warning
      case "error": .error
      default: nil
      }
    if matches.isOn(.debug) { logLevel = .debug }
  }
}
