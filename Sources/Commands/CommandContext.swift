import Bytes
import Cgroups
import Launch
import Linux
import OCISpec
import StateStore

/// What every command works with.
struct CommandContext {
  let root: StateRoot
  let log: Log
  let host: HostFacts
  /// For new containers; later commands take the manager of the record.
  let cgroupManager: CgroupManagerKind

  init(_ global: GlobalOptions, _ log: Log) throws(CommandFailure) {
    do throws(SyscallError) { host = try HostFacts.read() } catch { throw CommandFailure(error) }
    self.log = log
    let isRootless = global.rootless == .yes || (global.rootless == .automatic && host.isRootless)
    root = StateRoot(
      explicit: global.root, runtimeDirectory: ProcessArguments.variable("XDG_RUNTIME_DIR"),
      isRealRoot: !isRootless)
    switch global.cgroupManager {
    case .systemd: cgroupManager = .systemd
    case .disabled: cgroupManager = .disabled
    case .cgroupfs, nil: cgroupManager = .cgroupfs
    }
  }
}

/// An error that knows how to be shown.
protocol Explained: Error {
  var message: ByteString { get }
  /// What is known of it beside the line.
  var report: FailureReport { get }
}

extension SyscallError: Explained {
  var report: FailureReport {
    var report = FailureReport()
    report.errno = errno
    report.subject = subject
    return report
  }
}

extension StateError: Explained {
  var report: FailureReport {
    if case .system(let error) = self { return error.report }
    return FailureReport()
  }
}

extension StepFailure: Explained {
  var report: FailureReport {
    var report = FailureReport()
    report.step = step
    report.pointer = pointer
    report.errno = errno
    report.subject = subject
    return report
  }
}

extension CgroupError: Explained {
  var report: FailureReport {
    var report = FailureReport()
    report.pointer = pointer
    return report
  }
}

extension CommandFailure {
  init(_ error: some Explained) {
    self.init(error.message)
    report = error.report
  }

  /// Runs `body` and turns its error into the command's.
  static func from<Result, Failure: Explained>(_ body: () throws(Failure) -> Result)
    throws(CommandFailure) -> Result
  {
    do throws(Failure) { return try body() } catch { throw CommandFailure(error) }
  }
}

/// The value of `body`, or its error of the type that is named as the command's. An expression, since the
/// error type of a closure is inferred only where the closure spells its whole signature; several statements
/// are `CommandFailure.from`'s.
func attempt<Result, Failure: Explained>(
  _: Failure.Type, _ body: @autoclosure () throws(Failure) -> Result
) throws(CommandFailure) -> Result {
  do throws(Failure) { return try body() } catch { throw CommandFailure(error) }
}
