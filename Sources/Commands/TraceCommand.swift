package import Bytes
import JSON
import Linux
import Report
import Tracing

/// `--trace` and `--trace-format`.
package struct TraceChoice: Equatable, Sendable {
  package var path: ByteString
  package var isOTLP: Bool
  /// What is traced, for a person.
  package var command: ByteString = ""

  package init(path: ByteString, isOTLP: Bool) {
    self.path = path
    self.isOTLP = isOTLP
  }
}

package struct TraceOptions: Equatable, Sendable {
  package var file: ByteString
  package var isSummary: Bool
  package var format: OutputFormat

  package init(file: ByteString, isSummary: Bool, format: OutputFormat) {
    self.file = file
    self.isSummary = isSummary
    self.format = format
  }
}

/// The file of `--trace`.
enum TraceFile {
  /// When the command began, for a protected copy that is executed.
  static func variable(_ began: Int64) -> ByteString {
    Trace.beganVariable + "=" + ByteString(decimal: began)
  }

  /// What `variable` said to this process.
  static var began: Int64? { ProcessArguments.variable(Trace.beganVariable)?.signedDecimal }

  /// nil without `--trace`. Opened before anything can fail, so that it tells of every failure.
  static func open(_ global: GlobalOptions, began: Int64?) throws(CommandFailure) -> Trace? {
    guard let choice = global.trace else { return nil }
    let now = SharedSpans.now
    do throws(SyscallError) {
      // Beside what it names, the text has arguments of hooks.
      let file = try CallerPath.open(
        choice.path, choice.isOTLP ? [.writeOnly, .create, .append] : [.writeOnly, .create],
        mode: 0o600, atLeast: 64)
      let trace = try Trace(
        file, choice.isOTLP ? .otlp : .chrome, command: "apus " + choice.command,
        began: began ?? now, caller: ProcessArguments.variable("TRACEPARENT"))
      if let began, began < now {
        trace.add(.host, "protect the runtime's executable", from: began, to: now)
      }
      return trace
    } catch {
      throw CommandFailure(
        "--trace: cannot open `" + choice.path.escaped(limit: 200) + "`: " + error.errno.symbol)
    }
  }

  static func finish(_ trace: Trace?, _ log: Log) {
    guard let trace else { return }
    do throws(SyscallError) { try trace.finish() } catch {
      log.warning("--trace: cannot write: " + error.message)
    }
  }
}

/// `trace`: what a file of `--trace` says.
enum TraceCommand {
  static func perform(_ options: TraceOptions) throws(CommandFailure) -> Int32 {
    let text = try BundleFile.read(options.file)
    let spans: [Span]
    do throws(JSONError) { spans = try TraceReader.read(text) } catch {
      throw CommandFailure(
        quoted(options.file) + " is no trace: " + error.reason + " at byte "
          + ByteString(decimal: error.offset))
    }
    if spans.isEmpty { throw CommandFailure(quoted(options.file) + " has no spans") }
    if options.format == .json {
      let summary = TraceSummary(spans)
      try Output.write(summary.json.encoded(indent: "  ") + [0x0a])
      return 0
    }
    let output =
      options.isSummary
      ? TraceSummary(spans).text(width: width) : TraceSummary.timeline(spans, width: width)
    try Output.write(Array(output.bytes))
    return 0
  }

  /// Of the terminal; nil where the output goes elsewhere.
  private static var width: Int? {
    guard Terminal.isTerminal(.standardOutput) else { return nil }
    do throws(SyscallError) {
      let columns = try Terminal.size(of: .standardOutput).columns
      return columns < 40 ? nil : Int(columns)
    } catch {
      return nil
    }
  }
}
