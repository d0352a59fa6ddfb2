package import Bytes

/// Something that took time.
package struct Span: Equatable, Sendable {
  /// Who did it.
  package enum Side: Equatable, Sendable, CaseIterable {
    /// The command as a whole.
    case command
    case host
    case inner
    case hook
    /// The container's program, for which a command in the foreground waits.
    case program

    package var name: ByteString {
      switch self {
      case .command: "command"
      case .host: "host"
      case .inner: "init"
      case .hook: "hook"
      case .program: "program"
      }
    }
  }

  package var side: Side
  package var name: ByteString
  /// Where in `config.json` it comes from; empty where no property asks for it.
  package var pointer: ByteString = ""
  /// In nanoseconds.
  package var start: Int64
  package var end: Int64
  /// The name of the errno that it failed with; `failed` where there is none.
  package var error: ByteString = ""
  /// Of a hook.
  package var arguments: [ByteString] = []
  /// The number of the span that it is part of; nil for the command's own.
  package var parent: Int? = nil
  /// What its identifier is made of; nil for its place among the spans.
  package var number: UInt64? = nil

  package init(_ side: Side, _ name: ByteString, start: Int64, end: Int64 = 0) {
    self.side = side
    self.name = name
    self.start = start
    self.end = end
  }

  package var duration: Int64 { max(0, end - start) }
}

/// `00-TRACE-SPAN-FLAGS` of TRACEPARENT (W3C Trace Context).
package struct TraceParent: Equatable, Sendable {
  /// 32 hexadecimal digits.
  package var trace: ByteString
  /// 16 hexadecimal digits.
  package var span: ByteString

  package init(trace: ByteString, span: ByteString) {
    self.trace = trace
    self.span = span
  }

  /// nil for what is none.
  package init?(_ text: ByteString) {
    let parts = text.split(on: UInt8(ascii: "-"))
    guard parts.count >= 4, parts[0].count == 2, parts[0] != "ff", parts[1].count == 32,
      parts[2].count == 16, parts[3].count == 2, parts[0] != "00" || parts.count == 4,
      parts.prefix(4).allSatisfy({ $0.bytes.allSatisfy(TraceParent.isDigit) }),
      parts[1].bytes.contains(where: { $0 != UInt8(ascii: "0") }),
      parts[2].bytes.contains(where: { $0 != UInt8(ascii: "0") })
    else { return nil }
    trace = parts[1]
    span = parts[2]
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte)
  }

  package var text: ByteString { "00-" + trace + "-" + span + "-01" }
}
