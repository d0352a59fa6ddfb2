import Bytes
import Diagnosis

/// `apus generate`: what a package installs beside the program, made from the table.
enum Generate {
  static func text(_ operands: [ByteString]) throws(ArgumentError) -> ByteString {
    let word = operands.count > 1 ? operands[1] : nil
    switch operands[0] {
    case "man":
      guard let word else { return ManPage.general }
      return ManPage.text(try Help.command(word))
    case "completion-bash" where word == nil: return BashCompletion.text
    case "completion-zsh" where word == nil: return ZshCompletion.text
    case "completion-fish" where word == nil: return FishCompletion.text
    default:
      throw ArgumentError(
        message: quoted(operands.joined(by: " "))
          + " cannot be generated: only `man` is of one command")
    }
  }

  static var documents: [ByteString] {
    ["man", "completion-bash", "completion-zsh", "completion-fish"]
  }

  /// The commands that have a man page.
  static var commands: [CommandSpec] {
    CommandName.allCases.map { $0.spec }.filter { $0.isAvailable }
  }
}

/// Text that grows by lines.
struct Lines {
  private var bytes: [UInt8] = []

  var text: ByteString { ByteString(bytes) }

  mutating func add(_ pieces: ByteString...) {
    for piece in pieces { bytes += piece.bytes }
    bytes.append(UInt8(ascii: "\n"))
  }
}

extension ByteString {
  /// In single quotes for a shell; `quote` is how the shell writes a single quote among them.
  func inSingleQuotes(_ quote: ByteString) -> ByteString {
    "'" + replacing(UInt8(ascii: "'"), with: quote) + "'"
  }
}

extension OptionSpec {
  /// `-b` and `--bundle`.
  var switches: [ByteString] {
    short.text.bytes.map { "-" + ByteString([$0]) } + ["--" + name.text]
  }

  /// The words between which a value is chosen, if it is.
  var choices: [ByteString] {
    if case .choice(let words) = kind { words.text.split(on: UInt8(ascii: "|")) } else { [] }
  }

  var isFlag: Bool { if case .flag = kind { true } else { false } }

  /// Whether the value is a path that a shell can complete, and to a directory.
  var path: (isDirectory: Bool, isPath: Bool) {
    switch kind {
    case .directory: (true, true)
    case .file, .fileOrStandardInput, .logDestination: (false, true)
    case .flag, .text, .choice, .number, .integer, .size, .duration: (false, false)
    }
  }
}

extension CommandSpec {
  /// The words that its first operand may be, a bracket or none around them: in capitals are others.
  var subcommands: [ByteString] {
    // Too many for a line of help.
    if name == .generate { return Generate.documents }
    var first = operands.text.cut(at: 0x20)?.before ?? operands.text
    if first.hasPrefix("[") { first = first.dropFirst(1).dropLast(1) }
    return first.split(on: UInt8(ascii: "|")).filter {
      $0.bytes.first.map { 0x61...0x7a ~= $0 } ?? false
    }
  }

  /// What completes the first operand.
  var words: [ByteString] {
    if name == .help { return Generate.commands.map { $0.name.text.text } }
    return name == .explain ? CodePage.all.map { $0.name } : subcommands
  }

  /// The operand that is the id of a container, from 0.
  var idPlace: Int? {
    operands.text.split(on: 0x20).firstIndex { ["ID", "[ID]", "[CODE|ID]"].contains($0) }
  }
}
