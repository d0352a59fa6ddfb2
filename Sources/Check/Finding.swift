package import Bytes

/// One thing that is wrong, or worth knowing, with its place and what to do.
package struct Finding: Equatable, Sendable {
  package enum Severity: Int, Equatable, Sendable, CaseIterable {
    /// `create` or `start` would fail.
    case error
    /// The container runs, and does something else than was probably meant.
    case warning
    case note

    package var name: ByteString {
      switch self {
      case .error: "error"
      case .warning: "warning"
      case .note: "note"
      }
    }
  }

  package var severity: Severity
  /// A stable word for programs: `mount-source-missing`.
  package var code: ByteString
  /// RFC 6901; empty for the document itself, or for what lies outside of it.
  package var pointer: ByteString
  package var message: ByteString
  /// What to do; empty where nothing but the opposite of the message can be said.
  package var remedy: ByteString
  /// Where the text stops being JSON: how many bytes precede the fault.
  package var offset: Int?

  package init(
    _ severity: Severity, _ code: ByteString, at pointer: ByteString = "", _ message: ByteString,
    remedy: ByteString = ""
  ) {
    self.severity = severity
    self.code = code
    self.pointer = pointer
    self.message = message
    self.remedy = remedy
  }
}

extension Finding {
  static func error(
    _ code: ByteString, at pointer: ByteString = "", _ message: ByteString,
    remedy: ByteString = ""
  ) -> Finding {
    Finding(.error, code, at: pointer, message, remedy: remedy)
  }

  static func warning(
    _ code: ByteString, at pointer: ByteString = "", _ message: ByteString,
    remedy: ByteString = ""
  ) -> Finding {
    Finding(.warning, code, at: pointer, message, remedy: remedy)
  }
}

/// A path or word in backquotes, on one line.
func shown(_ text: ByteString) -> ByteString { "`" + text.escaped(limit: 200) + "`" }
