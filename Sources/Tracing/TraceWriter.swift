import Bytes
import JSON
import Linux

// The two forms of the file. Written piece by piece: a tree of values for some hundred spans would take
// longer than the steps that they are about.
extension ByteString {
  /// As a JSON string. Most names need no escape.
  fileprivate mutating func quote(_ text: ByteString) {
    let isPlain = text.bytes.allSatisfy { $0 >= 0x20 && $0 < 0x7f && $0 != 0x22 && $0 != 0x5c }
    if !isPlain {
      self += ByteString(JSONValue.string(text).encoded())
      return
    }
    self += "\""
    self += text
    self += "\""
  }

  fileprivate mutating func quote(each texts: [ByteString], before: ByteString, after: ByteString) {
    for (index, text) in texts.enumerated() {
      if index > 0 { self += "," }
      self += before
      quote(text)
      self += after
    }
  }

  /// Microseconds with three decimals.
  fileprivate mutating func add(microseconds time: Int64) {
    self += ByteString(decimal: time / 1000)
    let rest = time % 1000
    self += rest < 10 ? ".00" : rest < 100 ? ".0" : "."
    self += ByteString(decimal: rest)
  }
}

extension Trace {
  var chrome: [UInt8] {
    var text: ByteString =
      "{\"displayTimeUnit\":\"ns\",\"otherData\":{\"clock\":\"CLOCK_MONOTONIC\",\"trace\":\""
    text += context.trace
    text += "\"},\"traceEvents\":[\n"
    // One row for each side: hooks lie on the row of who runs them.
    for (row, name) in [("1", "host"), ("2", "init")] as [(ByteString, ByteString)] {
      text += "{\"ph\":\"M\",\"name\":\"thread_name\",\"pid\":1,\"tid\":"
      text += row
      text += ",\"args\":{\"name\":\""
      text += name
      text += "\"}},\n"
    }
    for (index, span) in spans.enumerated() {
      let isInner =
        span.side == .inner || (span.side == .hook && spans[span.parent ?? 0].side == .inner)
      text += "{\"ph\":\"X\",\"name\":"
      text.quote(span.name)
      text += ",\"cat\":\""
      text += span.side.name
      text += isInner ? "\",\"pid\":1,\"tid\":2,\"ts\":" : "\",\"pid\":1,\"tid\":1,\"ts\":"
      text.add(microseconds: span.start)
      text += ",\"dur\":"
      text.add(microseconds: span.duration)
      text += ",\"args\":{"
      if !span.pointer.isEmpty {
        text += "\"pointer\":"
        text.quote(span.pointer)
      }
      if !span.error.isEmpty {
        text += span.pointer.isEmpty ? "\"error\":" : ",\"error\":"
        text.quote(span.error)
      }
      if !span.arguments.isEmpty {
        text += span.pointer.isEmpty && span.error.isEmpty ? "\"argv\":[" : ",\"argv\":["
        text.quote(each: span.arguments, before: "", after: "")
        text += "]"
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
      text += index == 0 ? "{\"traceId\":\"" : ",{\"traceId\":\""
      text += context.trace
      text += "\",\"spanId\":\""
      text += identifier(index)
      if let parent = span.parent.map({ identifier($0) }) ?? caller?.span {
        text += "\",\"parentSpanId\":\""
        text += parent
      }
      text += "\",\"name\":"
      text.quote(span.name)
      text += ",\"kind\":1,\"startTimeUnixNano\":\""
      text += ByteString(decimal: span.start + offset)
      text += "\",\"endTimeUnixNano\":\""
      text += ByteString(decimal: span.end + offset)
      text += "\",\"attributes\":[{\"key\":\"apus.side\",\"value\":{\"stringValue\":\""
      text += span.side.name
      text += "\"}}"
      if !span.pointer.isEmpty {
        text += ",{\"key\":\"apus.pointer\",\"value\":{\"stringValue\":"
        text.quote(span.pointer)
        text += "}}"
      }
      if !span.arguments.isEmpty {
        text += ",{\"key\":\"process.command_args\",\"value\":{\"arrayValue\":{\"values\":["
        text.quote(each: span.arguments, before: "{\"stringValue\":", after: "}")
        text += "]}}}"
      }
      text += "],\"status\":{"
      if !span.error.isEmpty {
        text += "\"code\":2,\"message\":"
        text.quote(span.error)
      }
      text += "}}"
    }
    text += "]}]}]}\n"
    return Array(text.bytes)
  }
}
