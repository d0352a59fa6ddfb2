package import Bytes
import Diagnosis
import JSON
import Linux
import StateStore

/// One line of the log.
package struct LogRecord: Sendable {
  package let level: LogLevel
  /// Shown to the users of engines as it is: on one line, and no longer than what one read of a
  /// reader such as conmon takes (8191 bytes).
  package let message: ByteString
  /// Seconds since 1970, UTC.
  package let time: Int64
  /// Beside the message, for programs: members of a JSON record, and of no other.
  private let report: FailureReport?

  package init(
    _ level: LogLevel, _ message: ByteString, time: Int64, _ report: FailureReport? = nil
  ) {
    self.report = report
    self.level = level
    self.message = message.escaped(.line)
    self.time = time
  }

  /// The line with its end.
  package func encoded(_ format: LogFormat) -> [UInt8] {
    let time = Timestamp.text(seconds: time)
    switch format {
    case .json:
      var object = JSONObject()
      object["level"] = .string(level.name)
      object["msg"] = .string(message)
      object["time"] = .string(time)
      report?.add(to: &object)
      return JSONValue.object(object).encoded() + [0x0a]
    case .text:
      let head = "time=\"" + time + "\" level=" + level.name + " msg="
      return Array((head + quoted + "\n").bytes)
    }
  }

  /// The message in quotes, as logfmt has it.
  private var quoted: ByteString {
    var quoted: [UInt8] = [0x22]
    for byte in message.bytes {
      if byte == 0x22 || byte == 0x5c { quoted.append(0x5c) }
      quoted.append(byte)
    }
    return ByteString(quoted + [0x22])
  }

  /// A datagram for `/dev/log`, in the form of syslog(3): priority, identifier, message.
  package func datagram(_ identifier: ByteString) -> [UInt8] {
    Array(("<" + level.priority + ">" + identifier + ": " + message).bytes)
  }
}

extension FailureReport {
  /// Only what is known.
  fileprivate func add(to object: inout JSONObject) {
    func add(_ name: ByteString, _ text: ByteString) {
      if !text.isEmpty { object[name] = .string(text) }
    }
    if let code { add("code", ByteString(stringLiteral: code.word)) }
    add("step", step.escaped(.sentence))
    add("pointer", pointer.escaped(.sentence))
    if let errno { add("errno", errno.symbol) }
    if let source {
      object["line"] = .integer(source.place.line)
      object["column"] = .integer(source.place.column)
    }
    add("hint", hint)
  }
}

extension LogLevel {
  fileprivate var name: ByteString {
    switch self {
    case .error: "error"
    case .warning: "warning"
    case .debug: "debug"
    }
  }

  /// Of the facility "user".
  fileprivate var priority: ByteString {
    switch self {
    case .error: "11"
    case .warning: "12"
    case .debug: "15"
    }
  }
}
