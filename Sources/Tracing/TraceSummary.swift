package import Bytes
package import JSON

/// What the steps of one or more commands cost: each span's own time, without that of the spans in it.
package struct TraceSummary {
  package struct Row: Equatable {
    package var side: Span.Side
    package var name: ByteString
    package var pointer: ByteString
    package var nanoseconds: Int64
    package var count = 1
    package var error: ByteString
  }

  package let commands: [Span]
  /// The dearest first.
  package private(set) var rows: [Row] = []
  /// Without the container's programs.
  package let total: Int64
  package let program: Int64

  /// `spans` in the order of their beginning.
  package init(_ spans: [Span]) {
    commands = spans.filter { $0.side == .command }
    let own = TraceSummary.ownTimes(spans)
    program = TraceSummary.sum(zip(spans, own).map { $0.side == .program ? $1 : 0 })
    // Where there is no command, as in the file of another program, what the spans say together.
    let whole = TraceSummary.sum(commands.isEmpty ? own : commands.map { $0.duration })
    total = max(0, whole - program)
    for (span, time) in zip(spans, own) where span.side != .program {
      let isCommand = span.side == .command
      let row = Row(
        side: span.side, name: isCommand ? "outside of the steps" : TraceSummary.title(span),
        pointer: span.pointer.escaped(limit: 300), nanoseconds: time,
        error: isCommand ? "" : span.error.escaped(limit: 300))
      if let same = rows.firstIndex(where: {
        $0.side == row.side && $0.name == row.name && $0.pointer == row.pointer
          && $0.error == row.error
      }) {
        rows[same].nanoseconds = TraceSummary.sum([rows[same].nanoseconds, time])
        rows[same].count += 1
      } else {
        rows.append(row)
      }
    }
    rows.sort { $0.nanoseconds > $1.nanoseconds }
  }

  /// Of times that are not negative; no more than there can be, for a file may say anything.
  private static func sum(_ times: [Int64]) -> Int64 {
    times.reduce(0) { $0 > .max - $1 ? .max : $0 + $1 }
  }

  /// A step outside of every command may have taken longer than all of them.
  private func permille(_ nanoseconds: Int64) -> Int64 {
    if nanoseconds >= total { return total > 0 ? 1000 : 0 }
    return nanoseconds < .max / 1000
      ? nanoseconds * 1000 / total : nanoseconds / (total / 1000)
  }

  private static func title(_ span: Span) -> ByteString {
    // Of another program's file, or of a container's author.
    (span.arguments.isEmpty ? span.name : span.arguments.joined(by: " ")).escaped(limit: 300)
  }

  /// A span that lies within another one in time is part of it, whoever did it: init waits while its
  /// parent serves it.
  package static func ownTimes(_ spans: [Span]) -> [Int64] {
    var own = spans.map { $0.duration }
    var open = [Int]()
    for (index, span) in spans.enumerated() {
      while let last = open.last, spans[last].end <= span.start { open.removeLast() }
      // What lasts longer than the span that it began in is part of the one around that, from then on.
      var start = span.start
      for outer in open.reversed() {
        let end = min(spans[outer].end, span.end)
        if end > start {
          own[outer] -= min(end - start, own[outer])
          start = end
        }
      }
      open.append(index)
    }
    return own
  }

  package func text(width: Int?) -> ByteString {
    var text = Array(commands.map { TraceSummary.title($0) }.prefix(8)).joined(by: ", ") + ": "
    text +=
      TraceSummary.milliseconds(total) + " ms in " + ByteString(decimal: rows.count) + " steps"
    if program > 0 { text += ", and its program ran " + TraceSummary.milliseconds(program) + " ms" }
    text += "\n\n      ms      %                        step\n"
    var small = (count: 0, nanoseconds: Int64(0))
    for row in rows {
      let permille = min(permille(row.nanoseconds), 1000)
      if permille == 0, row.error.isEmpty {
        small.count += 1
        small.nanoseconds = TraceSummary.sum([small.nanoseconds, row.nanoseconds])
        continue
      }
      let bar = Int((permille + 25) / 50)
      var line = TraceSummary.milliseconds(row.nanoseconds).padded(8)
      line += (ByteString(decimal: permille / 10) + "." + ByteString(decimal: permille % 10))
        .padded(7)
      line += "  " + ByteString([UInt8](repeating: UInt8(ascii: "#"), count: bar))
      line += ByteString([UInt8](repeating: 0x20, count: 22 - bar))
      line += row.side.name + ": " + row.name
      if row.count > 1 { line += " x" + ByteString(decimal: row.count) }
      if !row.error.isEmpty { line += ": " + row.error }
      if !row.pointer.isEmpty { line += " [" + row.pointer + "]" }
      text += width.map { line.prefix($0) } ?? line
      text += "\n"
    }
    if small.count > 0 {
      text += "and " + ByteString(decimal: small.count) + " below 0.1 %, together "
      text += TraceSummary.milliseconds(small.nanoseconds) + " ms (all: --format json)\n"
    }
    return text
  }

  package var json: JSONValue {
    var object = JSONObject()
    object["commands"] = .strings(commands.map { $0.name })
    object["nanoseconds"] = .integer(total)
    object["programNanoseconds"] = .integer(program)
    object["steps"] = .array(
      rows.map { row in
        var entry = JSONObject()
        entry["by"] = .string(row.side.name)
        entry["step"] = .string(row.name)
        if !row.pointer.isEmpty { entry["pointer"] = .string(row.pointer) }
        if !row.error.isEmpty { entry["error"] = .string(row.error) }
        entry["nanoseconds"] = .integer(row.nanoseconds)
        entry["count"] = .integer(row.count)
        return .object(entry)
      })
    return .object(object)
  }

  /// The spans as they came, a line each: when it began, how long it took, what it is part of.
  package static func timeline(_ spans: [Span], width: Int?) -> ByteString {
    guard let first = spans.first else { return "" }
    var text: ByteString = "   at ms       ms  step\n"
    var open = [Span]()
    for span in spans {
      while let last = open.last, last.end <= span.start { open.removeLast() }
      var line =
        milliseconds(span.start - first.start).padded(8) + milliseconds(span.duration).padded(9)
      line += "  " + ByteString([UInt8](repeating: 0x20, count: 2 * min(open.count, 8)))
      line += span.side == .command ? title(span) : span.side.name + ": " + title(span)
      if !span.error.isEmpty { line += ": " + span.error.escaped(limit: 300) }
      if !span.pointer.isEmpty { line += " [" + span.pointer.escaped(limit: 300) + "]" }
      text += width.map { line.prefix($0) } ?? line
      text += "\n"
      open.append(span)
    }
    return text
  }

  private static func milliseconds(_ nanoseconds: Int64) -> ByteString {
    let thousandths = nanoseconds / 1000 + (nanoseconds % 1000 >= 500 ? 1 : 0)
    return ByteString(decimal: thousandths / 1000) + "."
      + ByteString(decimal: thousandths % 1000 + 1000).dropFirst(1)
  }
}

extension ByteString {
  /// With spaces in front up to `width`.
  fileprivate func padded(_ width: Int) -> ByteString {
    ByteString([UInt8](repeating: 0x20, count: max(0, width - count))) + self
  }
}
