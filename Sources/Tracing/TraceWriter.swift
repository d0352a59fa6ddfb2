import Bytes
import JSON
import Linux

// The two forms of the file. Written piece by piece: a tree of values for some hundred spans would take
// longer than the steps that they are about.
extension Trace {
  private func quoted(_ text: ByteString) -> ByteString {
    ByteString(JSONValue.string(text).encoded())
  }

  /// Microseconds with three decimals.
  private func microseconds(_ time: Int64) -> ByteString {
    let rest = ByteString(decimal: time % 1000 + 1000)
    return ByteString(decimal: time / 1000) + "." + rest.dropFirst(1)
  }

  var chrome: [UInt8] {
    var text: ByteString =
      "{\"displayTimeUnit\":\"ns\",\"otherData\":{\"clock\":\"CLOCK_MONOTONIC\",\"trace\":\""
    text += context.trace + "\"},\"traceEvents\":[\n"
    // One row for each side: hooks lie on the row of who runs them.
    for (row, name) in [(1, "host"), (2, "init")] as [(Int, ByteString)] {
      text += "{\"ph\":\"M\",\"name\":\"thread_name\",\"pid\":1,\"tid\":" + ByteString(decimal: row)
      text += ",\"args\":{\"name\":\"" + name + "\"}},\n"
    }
    for (index, span) in spans.enumerated() {
      let isInner =
        span.side == .inner || (span.side == .hook && spans[span.parent ?? 0].side == .inner)
      text += "{\"ph\":\"X\",\"name\":" + quoted(span.name) + ",\"cat\":\"" + span.side.name
      text +=
        "\",\"pid\":1,\"tid\":" + (isInner ? "2" : "1") + ",\"ts\":" + microseconds(span.start)
      text += ",\"dur\":" + microseconds(span.duration) + ",\"args\":{"
      var separator: ByteString = ""
      for (name, value) in [("pointer", span.pointer), ("error", span.error)]
        as [(ByteString, ByteString)]
      where !value.isEmpty {
        text += separator + "\"" + name + "\":" + quoted(value)
        separator = ","
      }
      if !span.arguments.isEmpty {
        text += separator + "\"argv\":" + ByteString(JSONValue.strings(span.arguments).encoded())
      }
      text += index == spans.count - 1 ? "}}\n]}\n" : "}},\n"
    }
    return Array(text.bytes)
  }

  func otlp(clock: (seconds: Int64, nanoseconds: Int64)) -> [UInt8] {
    // What has to be added to CLOCK_MONOTONIC for the time since 1970.
    let offset = clock.seconds * 1_000_000_000 + clock.nanoseconds - SharedSpans.now
    var text: ByteString =
      "{\"resourceSpans\":[{\"resource\":{\"attributes\":[{\"key\":\"service.name\",\"value\":{\"stringValue\":\"apus\"}}]},\"scopeSpans\":[{\"scope\":{\"name\":\"apus\"},\"spans\":["
    for (index, span) in spans.enumerated() {
      text += (index == 0 ? "" : ",") + "{\"traceId\":\"" + context.trace + "\",\"spanId\":\""
      text += identifier(index) + "\","
      let parent = span.parent.map { identifier($0) } ?? caller?.span
      if let parent { text += "\"parentSpanId\":\"" + parent + "\"," }
      text += "\"name\":" + quoted(span.name) + ",\"kind\":1,\"startTimeUnixNano\":\""
      text += ByteString(decimal: span.start + offset) + "\",\"endTimeUnixNano\":\""
      text += ByteString(decimal: span.end + offset) + "\",\"attributes\":["
      text += attribute("apus.side", "{\"stringValue\":\"" + span.side.name + "\"}")
      if !span.pointer.isEmpty {
        text += "," + attribute("apus.pointer", "{\"stringValue\":" + quoted(span.pointer) + "}")
      }
      if !span.arguments.isEmpty {
        let values = span.arguments.map { "{\"stringValue\":" + quoted($0) + "}" }.joined(by: ",")
        text +=
          "," + attribute("process.command_args", "{\"arrayValue\":{\"values\":[" + values + "]}}")
      }
      text += "],\"status\":{"
      if !span.error.isEmpty { text += "\"code\":2,\"message\":" + quoted(span.error) }
      text += "}}"
    }
    return Array((text + "]}]}]}\n").bytes)
  }

  private func attribute(_ key: ByteString, _ value: ByteString) -> ByteString {
    "{\"key\":\"" + key + "\",\"value\":" + value + "}"
  }
}
