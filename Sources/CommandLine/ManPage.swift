package import Bytes
import Diagnosis

/// Man pages in the man(7) macros: `apus(8)` and one for each command.
package enum ManPage {
  package static var general: ByteString {
    var page = Lines()
    start(&page, "apus", "OCI container runtime")
    page.add(".B apus\n[\\fIglobal options\\fR] \\fIcommand\\fR [\\fIarguments\\fR]")
    page.add(".SH DESCRIPTION")
    page.add(prose(Help.purpose.text))
    page.add(".SH COMMANDS")
    for command in Generate.commands {
      page.add(".TP\n.BR apus\\-", command.name.text.text, " (8)")
      page.add(prose(command.summary.text))
    }
    page.add(".SH GLOBAL OPTIONS")
    options(OptionSpec.global, &page)
    page.add(".SH EXIT STATUS")
    page.add(
      prose(
        """
        0 for success, 1 for a failure, 255 if `exec` could not run its command, 2 if `seccomp` failed: its 1 is \
        an answer. `run` and `exec` \
        end with the status of the program that they waited for, or with 128 and the number of the \
        signal that ended it.
        """))
    examples(Help.examples, &page)
    return page.text
  }

  package static func text(_ command: CommandSpec) -> ByteString {
    var page = Lines()
    start(&page, "apus-" + command.name.text.text, command.summary.text)
    page.add(".B apus")
    page.add("[\\fIglobal options\\fR] \\fB", command.name.text.text, "\\fR")
    if !command.options.isEmpty { page.add("[\\fIoptions\\fR]") }
    if !command.operands.text.isEmpty { page.add(".I ", escaped(command.operands.text)) }
    page.add(".SH DESCRIPTION")
    page.add(prose(command.purpose.text))
    page.add(".SH OPTIONS")
    options(command.options + [.helpFlag], &page)
    if command.name == .explain { codes(&page) }
    examples(command.examples, &page)
    page.add(".SH SEE ALSO\n.BR apus (8)")
    return page.text
  }

  private static func start(_ page: inout Lines, _ name: ByteString, _ summary: ByteString) {
    page.add(
      ".TH ", escaped(name.uppercased), " 8 \"\" \"apus ", Version.number.text,
      "\" \"System Administration\"")
    page.add(".SH NAME")
    page.add(escaped(name), " \\- ", escaped(summary))
    page.add(".SH SYNOPSIS")
  }

  private static func options(_ options: [OptionSpec], _ page: inout Lines) {
    for option in options {
      let switches = option.switches.map { "\\fB" + escaped($0) + "\\fR" }.joined(by: ", ")
      let value: ByteString =
        option.isFlag ? "" : " \\fI" + escaped(option.valueName.text) + "\\fR"
      page.add(".TP\n", switches, value)
      page.add(prose(option.help.text))
    }
  }

  private static func codes(_ page: inout Lines) {
    page.add(".SH CODES")
    for code in CodePage.all {
      page.add(".TP\n.B ", escaped(code.name))
      page.add(prose(code.meaning))
    }
  }

  private static func examples(_ lines: [StaticString], _ page: inout Lines) {
    if lines.isEmpty { return }
    page.add(".SH EXAMPLES\n.nf")
    for line in lines { page.add(escaped(line.text)) }
    page.add(".fi")
  }

  /// Running text: what stands in backquotes is bold.
  private static func prose(_ text: ByteString) -> ByteString {
    var isBold = false
    var pieces: [ByteString] = []
    for piece in text.split(on: UInt8(ascii: "`")) {
      pieces.append(isBold ? "\\fB" + escaped(piece) + "\\fR" : escaped(piece))
      isBold.toggle()
    }
    return pieces.joined(by: "")
  }

  /// A backslash, a hyphen that is to be copied, and a dot or quote that would begin a request.
  private static func escaped(_ text: ByteString) -> ByteString {
    let safe = text.replacing(0x5c, with: "\\e").replacing(UInt8(ascii: "-"), with: "\\-")
    return safe.hasPrefix(".") || safe.hasPrefix("'") ? "\\&" + safe : safe
  }
}
