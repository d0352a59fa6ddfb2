import Bytes
package import JSON

/// A file of `--trace`, in either form.
package enum TraceReader {
  /// The spans in the order of their beginning.
  package static func read(_ text: [UInt8]) throws(JSONError) -> [Span] {
    let lines = text.split(separator: 0x0a).filter { line in line.contains { $0 != 0x20 } }
    var spans = [Span]()
    // OTLP has a document on each line, and Chrome's begins with a line that is none.
    if lines.first.map({ ByteString($0).hasPrefix("{\"resourceSpans\"") }) == true {
      for line in lines { collect(try JSONValue.parse(Array(line)), into: &spans) }
    } else {
      collect(try JSONValue.parse(text), into: &spans)
    }
    return spans.sorted {
      $0.start != $1.start ? $0.start < $1.start : $0.end > $1.end
    }
  }

  private static func collect(_ value: JSONValue, into spans: inout [Span]) {
    if let events = value["traceEvents"]?.elements {
      spans += events.compactMap { chrome($0) }
      return
    }
    for resource in value["resourceSpans"]?.elements ?? [] {
      for scope in resource["scopeSpans"]?.elements ?? [] {
        spans += (scope["spans"]?.elements ?? []).compactMap { otlp($0) }
      }
    }
  }

  private static func chrome(_ event: JSONValue) -> Span? {
    guard event["ph"]?.text == "X", let name = event["name"]?.text,
      let start = event["ts"]?.nanoseconds, let duration = event["dur"]?.nanoseconds
    else { return nil }
    let (end, overflows) = start.addingReportingOverflow(duration)
    if overflows { return nil }
    var span = Span(side(event["cat"]?.text), name, start: start, end: end)
    span.pointer = event["args"]?["pointer"]?.text ?? ""
    span.error = event["args"]?["error"]?.text ?? ""
    span.arguments = (event["args"]?["argv"]?.elements ?? []).compactMap { $0.text }
    return span
  }

  private static func otlp(_ value: JSONValue) -> Span? {
    guard let name = value["name"]?.text,
      let start = value["startTimeUnixNano"]?.text?.signedDecimal,
      let end = value["endTimeUnixNano"]?.text?.signedDecimal, end >= start, start >= 0
    else { return nil }
    var span = Span(.host, name, start: start, end: end)
    for attribute in value["attributes"]?.elements ?? [] {
      let text = attribute["value"]?["stringValue"]?.text
      switch attribute["key"]?.text {
      case "apus.side": span.side = side(text)
      case "apus.pointer": span.pointer = text ?? ""
      case "process.command_args":
        span.arguments = (attribute["value"]?["arrayValue"]?["values"]?.elements ?? []).compactMap {
          $0["stringValue"]?.text
        }
      default: break
      }
    }
    span.error = value["status"]?["message"]?.text ?? ""
    return span
  }

  private static func side(_ name: ByteString?) -> Span.Side {
    Span.Side.allCases.first { $0.name == name } ?? .host
  }
}

extension JSONValue {
  fileprivate subscript(name: ByteString) -> JSONValue? {
    if case .object(let object) = self { object[name] } else { nil }
  }

  fileprivate var elements: [JSONValue]? {
    if case .array(let elements) = self { elements } else { nil }
  }

  fileprivate var text: ByteString? {
    if case .string(let text) = self { text } else { nil }
  }

  /// Of microseconds with decimals.
  fileprivate var nanoseconds: Int64? {
    guard case .number(let text) = self else { return nil }
    let parts = text.cut(at: UInt8(ascii: "."))
    let decimals = (parts?.after ?? "").prefix(3) + "000"
    guard let whole = (parts?.before ?? text).unsignedDecimal, whole < 1 << 52,
      let rest = decimals.prefix(3).unsignedDecimalWithZeros
    else { return nil }
    return Int64(whole) * 1000 + Int64(rest)
  }
}

extension ByteString {
  /// `007` is 7.
  fileprivate var unsignedDecimalWithZeros: UInt64? {
    var value: UInt64 = 0
    for byte in bytes {
      guard (0x30...0x39).contains(byte) else { return nil }
      value = value * 10 + UInt64(byte - 0x30)
    }
    return value
  }
}
