package import Bytes

/// `--log`.
package enum LogDestination: Equatable, Sendable {
  case standardError
  case file(ByteString)
  /// The journal and syslog with the identifier under which records appear.
  case journal(ByteString)
  case syslog(ByteString)
}

/// `--log-format`.
package enum LogFormat: Equatable, Sendable { case text, json }

/// Whether the line of a failure is followed by notes: what was found, where, and what to do.
package enum NotesChoice: Equatable, Sendable {
  /// If standard error is a terminal.
  case automatic
  case always, never
}

/// How much is written: each level includes those before it.
package enum LogLevel: Int, Equatable, Sendable { case error, warning, debug }
