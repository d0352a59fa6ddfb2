package import Bytes
package import Diagnosis
package import JSON
package import Linux
import OCISpec

/// What is known of a failure beside its line: for a program that reads the log, and for the notes
/// below the line.
package struct FailureReport: Equatable, Sendable {
  package var code: DiagnosisCode?
  /// The step of the plan, with its subject.
  package var step: ByteString = ""
  /// The property of the document it is about.
  package var pointer: ByteString = ""
  /// Who refused: the kernel, or we; nil where only the line is known.
  package var kind: StepError.Kind?
  package var errno: Errno?
  /// What the failed call was about.
  package var subject: ByteString = ""
  package var cause: ByteString = ""
  package var hint: ByteString = ""
  package var source: SourcePlace?

  package init() {}

  /// Where in a document it stands.
  package struct SourcePlace: Equatable, Sendable {
    package var file: ByteString
    package var place: JSONPlace
    /// The line, and what of it is meant.
    package var line: ByteString
    package var caret: Range<Int>
  }
}

extension FailureReport.SourcePlace {
  /// - Parameter range: bytes of `text`, from 0.
  package init(_ file: ByteString, _ text: [UInt8], _ range: Range<Int>) {
    self.file = file
    place = JSONPlace(offset: range.lowerBound, in: text)
    let start = range.lowerBound - (place.column - 1)
    var end = text[min(range.lowerBound, text.count)...].firstIndex(of: 0x0a) ?? text.count
    if end > start, text[end - 1] == 0x0d { end -= 1 }
    // A document of an engine is one line of many thousand bytes.
    var from = place.column > 60 ? range.lowerBound - 40 : start
    var to = min(end, max(range.lowerBound + 40, from + 76))
    // No character is cut in two.
    while from > start, text[from] & 0xc0 == 0x80 { from -= 1 }
    while to < end, text[to] & 0xc0 == 0x80 { to += 1 }
    let middle = min(max(range.lowerBound, from), to)
    let last = min(max(range.upperBound, middle), to)
    let before = shown(text[from..<middle])
    let meant = shown(text[middle..<last])
    let margin: ByteString = from > start ? "..." : ""
    line = margin + before + meant + shown(text[last..<to]) + (to < end ? "..." : "")
    let column = margin.count + before.columns
    caret = column..<(column + max(1, meant.columns))
  }
}

/// Part of a line: a terminal has its own idea of how wide a tab is.
private func shown(_ part: ArraySlice<UInt8>) -> ByteString {
  ByteString(part).replacing(0x09, with: "    ").escaped(limit: .max)
}

extension FailureReport {
  /// The notes below the line, each on a line of its own, as compilers write them.
  package var notes: ByteString {
    var text = ByteString()
    var margin: ByteString = " "
    if let source {
      let number = ByteString(decimal: source.place.line)
      margin = ByteString([UInt8](repeating: 0x20, count: number.count + 1))
      text += margin.dropLast(1) + "--> " + source.file.escaped(limit: 300) + ":" + number + ":"
      text += ByteString(decimal: source.place.column) + "\n" + margin + "|\n"
      text += number + " | " + source.line + "\n" + margin + "| "
      text += ByteString(
        [UInt8](repeating: 0x20, count: source.caret.lowerBound)
          + [UInt8](repeating: UInt8(ascii: "^"), count: source.caret.count))
      text += "\n" + margin + "|\n"
    }
    func note(_ title: ByteString, _ body: ByteString) {
      if !body.isEmpty { text += margin + "= " + title + ": " + body + "\n" }
    }
    note("note", cause)
    if !step.isEmpty { note("step", step) }
    note("help", hint)
    if let code {
      let word = ByteString(stringLiteral: code.word)
      note("code", word + " (apus explain " + word + ")")
    }
    return text
  }
}

extension CommandFailure {
  /// The same failure with its cause at the end of the line, and what to do.
  package func diagnosed(_ diagnosis: Diagnosis?) -> CommandFailure {
    guard let diagnosis, report?.code == nil else { return self }
    var result = self
    var report = self.report ?? FailureReport()
    report.code = diagnosis.code
    report.cause = diagnosis.cause.escaped(limit: 600)
    report.hint = diagnosis.hint.escaped(limit: 400)
    // The pointer stays where engines and people look for it.
    let tail = report.pointer.isEmpty ? "" : " [" + report.pointer + "]"
    let hasTail = !tail.isEmpty && message.hasSuffix(tail)
    var line = hasTail ? message.dropLast(tail.count) : message
    if !report.cause.isEmpty { line += ": " + report.cause }
    if hasTail { line += tail }
    if !report.hint.isEmpty { line += "; " + report.hint }
    result.message = line
    result.report = report
    return result
  }

  /// With where in `text` the member stands that was misspelt: its name.
  package func located(in text: [UInt8], _ file: ByteString, name pointer: ByteString)
    -> CommandFailure
  {
    let range = JSONLocator(text).nameRange(
      of: Array(pointer.split(on: UInt8(ascii: "/")).dropFirst()), spelled: spelledInPointer)
    guard let range else { return self }
    var result = self
    result.report?.source = FailureReport.SourcePlace(file, text, range)
    return result
  }

  /// With where in `text` the property stands that it is about.
  package func located(in text: [UInt8], _ file: ByteString, base: ByteString = "")
    -> CommandFailure
  {
    guard var report, report.source == nil, !report.pointer.isEmpty else { return self }
    var pointer = report.pointer
    if !base.isEmpty, pointer.hasPrefix(base) { pointer = pointer.dropFirst(base.count) }
    let range = JSONLocator(text).range(
      of: Array(pointer.split(on: UInt8(ascii: "/")).dropFirst()), spelled: spelledInPointer)
    report.source = FailureReport.SourcePlace(file, text, range)
    var result = self
    result.report = report
    return result
  }
}
