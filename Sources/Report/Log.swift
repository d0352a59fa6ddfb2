package import Bytes
package import Diagnosis
import Linux

/// Where messages go: the file that `--log` names, the system's log, or standard error.
///
/// Engines decode the whole file as one JSON document when a command failed, and show the first line of
/// standard error: a command that fails writes exactly one line, unless more was asked for with
/// `--log-level`. Warnings wait until it is certain that the command succeeds.
package final class Log {
  private enum Sink {
    case standardError
    case file(SharedDescriptor)
    case system(SharedDescriptor, identifier: ByteString)
  }

  private let sink: Sink
  private let format: LogFormat
  private let level: LogLevel
  private let notes: NotesChoice
  /// In milliseconds: how long a record waits for a log that does not take it.
  private static var patience: Int32 { 1_000 }
  private var patience = Log.patience
  /// Warnings to be shown at success; nil where a level was asked for and all is written as it comes.
  private var waiting: [Warning]?

  private struct Warning {
    let message: ByteString
    let report: FailureReport
  }

  /// Opens the destination. Open it before anything can fail, and with `reserved` descriptors from 3
  /// on kept free: those numbers are promised to the container.
  ///
  /// `level` is the one that was asked for; nil shows errors, and warnings of a command that succeeds.
  package init(
    _ destination: LogDestination, _ format: LogFormat, level: LogLevel?, notes: NotesChoice,
    reserved: Int = 0
  ) throws(CommandFailure) {
    self.format = format
    self.level = level ?? .error
    waiting = level == nil ? [] : nil
    self.notes = notes
    let least = Int32(clamping: 3 + reserved)
    do throws(SyscallError) {
      switch destination {
      case .standardError: sink = .standardError
      case .file(let path): sink = .file(try Log.open(path, least))
      case .journal(let identifier), .syslog(let identifier):
        sink = .system(try Log.connect(least), identifier: identifier)
      }
    } catch {
      // Only the error's name: engines would take its text for a word about the container's program.
      if error.kind != .system {
        throw CommandFailure(
          "cannot open the log: " + quoted(error.subject, .path) + " " + error.message)
      }
      throw CommandFailure(
        "cannot open the log: " + error.call + " `" + error.subject.escaped(.path) + "`: "
          + error.errno.symbol + "; --log names a file that the caller can write")
    }
  }

  /// A log on standard error, for when the one that was asked for cannot be opened.
  package init() {
    sink = .standardError
    format = .text
    level = .error
    waiting = nil
    notes = .automatic
  }

  /// Written only with `--log-level debug`.
  package func debug(_ message: ByteString) { write(.debug, message) }

  /// - Parameter pointer: the property of the configuration that it is about.
  package func warning(
    _ message: ByteString, _ code: DiagnosisCode? = nil, at pointer: ByteString = ""
  ) {
    var report = FailureReport()
    report.code = code
    report.pointer = pointer
    if waiting == nil {
      write(.warning, message, report)
    } else {
      waiting?.append(Warning(message: message, report: report))
    }
  }

  /// The command succeeds, or its program is about to have the terminal: warnings are records of the log
  /// and, without one or before a person, lines on standard error.
  package func showWarnings() {
    guard let warnings = waiting, !warnings.isEmpty else { return }
    waiting = []
    for warning in warnings {
      let record = LogRecord(
        .warning, warning.message, time: Clock.realTime.seconds, warning.report)
      write(record)
      var isLog = false
      if case .standardError = sink { isLog = true }
      guard isLog || Terminal.isTerminal(.standardError) else { continue }
      let isJSON = isLog && format == .json
      let text =
        isJSON ? record.encoded(.json) : Array(("warning: " + record.message + "\n").bytes)
      Log.tell(text)
    }
  }

  /// On standard error, where it takes anything soon: a terminal that is stopped loses a message, and
  /// keeps no command from its end. Nor does a reader that is gone change the exit status.
  private static func tell(_ text: [UInt8]) {
    do throws(SyscallError) {
      let events = try Polling.wait([(.standardError, .output)], milliseconds: 1_000)
      if !events[0].isEmpty { try Handle.standardError.writeAll(text, milliseconds: 1_000) }
    } catch {}
  }

  /// The last act of a failing command: one line in the log and the same message on standard error,
  /// followed there by `explanation`, whole lines for the person who typed the command.
  package func fail(_ message: ByteString, explanation: ByteString = "") {
    fail(LogRecord(.error, message, time: Clock.realTime.seconds), explanation)
  }

  /// With what is known beside the line: notes for a person, members of the record for a program.
  package func fail(_ failure: CommandFailure) {
    let time = Clock.realTime.seconds
    let record = LogRecord(.error, failure.message, time: time, failure.report)
    let wantsNotes =
      switch notes {
      case .always: true
      case .never: false
      case .automatic: Terminal.isTerminal(.standardError)
      }
    guard wantsNotes else { return fail(record, "") }
    // Where the command fails, what would have been warned of may be why.
    let told = (waiting ?? []).prefix(8).map {
      " = warning: " + $0.message.escaped(limit: 500) + "\n"
    }
    var report = failure.report ?? FailureReport()
    // What the notes say need not stand in the line above them, nor the other way round.
    let tail = "; " + report.hint
    let line =
      !report.hint.isEmpty && record.message.hasSuffix(tail)
      ? record.message.dropLast(tail.count) : record.message
    if report.cause.occurs(in: line) { report.cause = "" }
    fail(record, report.notes + told.joined(by: ""), line)
  }

  /// - Parameter line: the message as a person sees it.
  private func fail(_ record: LogRecord, _ explanation: ByteString, _ line: ByteString? = nil) {
    var text = Array(((line ?? record.message) + "\n" + explanation).bytes)
    if case .standardError = sink, format == .json {
      text = record.encoded(.json)
    } else {
      write(record)
    }
    Log.tell(text)
  }

  private func write(_ level: LogLevel, _ message: ByteString, _ report: FailureReport? = nil) {
    guard level.rawValue <= self.level.rawValue else { return }
    let record = LogRecord(level, message, time: Clock.realTime.seconds, report)
    write(record)
    if case .standardError = sink {
      Log.tell(record.encoded(format))
    }
  }

  /// Writes to the log file or the system's log; standard error is the caller's to write.
  private func write(_ record: LogRecord) {
    do throws(SyscallError) {
      switch sink {
      case .standardError: break
      // A reader that has stopped reading loses messages, and holds up no container.
      case .file(let file):
        try file.handle.writeAll(record.encoded(format), milliseconds: patience)
      case .system(let socket, let identifier):
        try Socket.send(socket.handle, record.datagram(identifier))
      }
    } catch {
      // A full disk must not hide the message: it still goes to standard error.
      waitNoMore()
    }
  }

  /// For one that was waited for in vain: not again for each record.
  private func waitNoMore() {
    patience = 0
    guard case .system(let socket, _) = sink else { return }
    // 0 would be no timeout.
    do throws(SyscallError) { try Socket.setTimeout(socket.handle, milliseconds: 1) } catch {}
  }

  private static func open(
    _ path: ByteString, _ least: Int32
  ) throws(SyscallError) -> SharedDescriptor {
    let file = try CallerPath.open(
      path, [.writeOnly, .create, .append], mode: 0o644, atLeast: least)
    if try file.handle.status().kind == .block { throw .unmet("is a block device", path) }
    return file
  }

  /// The socket on which both journald and syslog daemons listen.
  private static func connect(_ least: Int32) throws(SyscallError) -> SharedDescriptor {
    let socket = SharedDescriptor(try Socket.make(.datagram))
    try Socket.connect(socket.handle, to: "/dev/log", milliseconds: Int64(Log.patience))
    return SharedDescriptor(try socket.handle.duplicated(atLeast: least))
  }
}
