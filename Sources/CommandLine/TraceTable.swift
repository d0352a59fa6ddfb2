import Bytes
import Commands

// The table, part: what a file of --trace says.

extension CommandSpec {
  static var trace: CommandSpec {
    CommandSpec(
      name: .trace, operands: "[summary] FILE", operandCount: 1...2,
      summary: "show how long the steps of a command took",
      purpose: """
        Reads a file that the option --trace wrote, which stands before every command. It lists the steps of \
        the host and of init in their order, on one clock, with the hooks that they ran and the errors that \
        they ended with; with summary it lists what each step took itself, the dearest first. Perfetto opens \
        the same file. With --trace-format otlp each command appends a line, which a collector of \
        OpenTelemetry takes; TRACEPARENT of the environment is the parent of its spans, and hooks get one of \
        their own.
        """,
      examples: [
        "apus --trace web.json run web",
        "apus trace summary web.json",
        "# several commands in one file",
        "apus --trace t.jsonl --trace-format otlp create web",
        "apus --trace t.jsonl --trace-format otlp start web",
        "apus trace t.jsonl",
      ],
      options: [.checkFormat])
  }
}

extension CommandBuilder {
  func trace() throws(ArgumentError) -> TraceOptions {
    var operands = matches.operands
    let isSummary = operands.count == 2
    if isSummary, operands[0] != "summary" {
      throw ArgumentError(
        message: "`trace` knows " + quoted("summary") + ", not " + quoted(operands[0]))
    }
    if operands == ["summary"] { throw ArgumentError(message: "`trace summary` needs FILE") }
    let file = operands.removeLast()
    guard !file.isEmpty, let path = HostPath.absolute(file, from: directory) else {
      throw ArgumentError(message: quoted(file) + " is not a path")
    }
    return TraceOptions(file: path, isSummary: isSummary, format: format)
  }
}
