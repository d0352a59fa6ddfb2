package import Bytes

/// Help texts, made from the table: what a command is for, its options, and examples to copy.
package enum Help {
  /// `apus --help`.
  package static var general: ByteString {
    var page = TextPage()
    page.line(usageLine(nil))
    page.gap()
    page.paragraph(purpose)
    page.heading("commands for containers")
    for name in CommandName.allCases {
      if name == .check { page.heading("commands to see why") }
      let command = name.spec
      if command.isAvailable {
        page.row(name.text.text, command.summary.text)
      }
    }
    page.options("global options", OptionSpec.global)
    page.examples(examples)
    return page.text
  }

  static var purpose: StaticString {
    """
    An OCI container runtime: it makes containers from bundles, directories with a config.json and \
    a root filesystem, runs them and removes them.
    """
  }

  static var examples: [StaticString] {
    [
      "# a first container: a bundle, then a shell in it",
      "mkdir -p demo/rootfs/bin && cp /bin/busybox demo/rootfs/bin/sh",
      "apus spec --bundle demo",
      "apus run --bundle demo shell",
      "# what a command does, and its options",
      "apus help create",
    ]
  }

  /// `apus COMMAND --help`.
  package static func text(_ command: CommandSpec) -> ByteString {
    var page = TextPage()
    page.line(usageLine(command))
    page.gap()
    page.paragraph(command.purpose)
    page.options("options", command.options + [.helpFlag])
    page.examples(command.examples)
    return page.text
  }

  /// `apus help [COMMAND]`.
  static func about(_ word: ByteString?) throws(ArgumentError) -> ByteString {
    guard let word else { return general }
    return text(try command(word))
  }

  /// The command of that name, if there is one to explain.
  static func command(_ word: ByteString) throws(ArgumentError) -> CommandSpec {
    guard let name = CommandName.allCases.first(where: { $0.text.matches(word) }) else {
      throw ArgumentError(message: "unknown command " + quoted(word) + Slip.command(word))
    }
    let command = name.spec
    guard command.isAvailable else { throw Invocation.notImplemented(command) }
    return command
  }

  /// What is shown after a mistake; nil for one before the command.
  static func usage(_ command: CommandSpec?) -> ByteString {
    let more: ByteString =
      if let command, command.isAvailable { "apus help " + command.name.text.text } else {
        "apus help"
      }
    return usageLine(command) + "\nmore: " + more + "\n"
  }

  static func usageLine(_ command: CommandSpec?) -> ByteString {
    guard let command else { return "usage: apus [GLOBAL OPTIONS] COMMAND [ARGUMENTS]" }
    var line: ByteString = "usage: apus [GLOBAL OPTIONS] " + command.name.text.text
    if !command.options.isEmpty { line += " [OPTIONS]" }
    if !command.operands.text.isEmpty { line += " " + command.operands.text }
    return line
  }
}

/// Lines of at most 80 columns.
private struct TextPage {
  private var lines = Lines()
  private static let width = 80
  /// Where the second column of a list begins.
  private static let column = 30

  var text: ByteString { lines.text }

  mutating func line(_ line: ByteString) { lines.add(line) }

  mutating func gap() { line("") }

  mutating func heading(_ title: ByteString) {
    gap()
    line(title + ":")
  }

  mutating func paragraph(_ text: StaticString) {
    for line in wrap(text.text, TextPage.width) { self.line(line) }
  }

  /// A term and its explanation, aligned with the other rows.
  mutating func row(_ term: ByteString, _ explanation: ByteString) {
    var left: ByteString = "  " + term
    if left.count > TextPage.column - 2 {
      line(left)
      left = ""
    }
    for piece in wrap(explanation, TextPage.width - TextPage.column) {
      line(left + ByteString([UInt8](repeating: 0x20, count: TextPage.column - left.count)) + piece)
      left = ""
    }
  }

  mutating func options(_ title: ByteString, _ options: [OptionSpec]) {
    heading(title)
    for option in options { row(option.spelling, option.help.text) }
  }

  mutating func examples(_ lines: [StaticString]) {
    if lines.isEmpty { return }
    heading("examples")
    for line in lines { self.line("  " + line.text) }
  }

  private func wrap(_ text: ByteString, _ width: Int) -> [ByteString] {
    var lines: [ByteString] = []
    for word in text.split(on: 0x20) {
      if let last = lines.last, last.count + 1 + word.count <= width {
        lines[lines.count - 1] = last + " " + word
      } else {
        lines.append(word)
      }
    }
    return lines
  }
}

extension OptionSpec {
  /// `-b, --bundle DIR`, with the long names of all options in one column.
  package var spelling: ByteString {
    var spelling: ByteString = ""
    for letter in short.text.bytes { spelling += "-" + ByteString([letter]) + ", " }
    if spelling.isEmpty { spelling = "    " }
    spelling += "--" + name.text
    return valueName.text.isEmpty ? spelling : spelling + " " + valueName.text
  }
}
