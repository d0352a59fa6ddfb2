package import Bytes
package import Cgroups
package import Launch
package import Linux
import OCISpec
package import StateStore

/// An error that knows how to be shown.
package protocol Describable: Error {
  var message: ByteString { get }
  /// What is known of it beside the line.
  var report: FailureReport { get }
}

extension StepError: Describable {
  package var report: FailureReport {
    var report = FailureReport()
    report.kind = kind
    report.errno = answer
    report.subject = subject
    return report
  }
}

extension StateError: Describable {
  package var report: FailureReport {
    if case .system(let error) = self { return error.report }
    return FailureReport()
  }
}

extension StepFailure: Describable {
  package var report: FailureReport {
    var report = FailureReport()
    report.step = step
    report.pointer = pointer
    report.kind = kind
    report.errno = errno
    report.subject = subject
    return report
  }
}

extension CgroupError: Describable {
  package var report: FailureReport {
    var report = FailureReport()
    report.pointer = pointer
    // What lacks is the caller's, whichever cgroup it was. What other errnos mean, the line says.
    if case .system(_, _, let error) = self, error.errno == .EMFILE || error.errno == .ENFILE {
      report.errno = error.errno
    }
    return report
  }
}

extension CommandFailure {
  package init(_ error: some Describable) {
    self.init(error.message)
    report = error.report
  }

  /// Runs `body` and turns its error into the command's.
  package static func from<Result, Failure: Describable>(_ body: () throws(Failure) -> Result)
    throws(CommandFailure) -> Result
  {
    do throws(Failure) { return try body() } catch { throw CommandFailure(error) }
  }
}

/// The value of `body`, or its error of the type that is named as the command's. An expression, since the
/// error type of a closure is inferred only where the closure spells its whole signature; several statements
/// are `CommandFailure.from`'s.
package func attempt<Result, Failure: Describable>(
  _: Failure.Type, _ body: @autoclosure () throws(Failure) -> Result
) throws(CommandFailure) -> Result {
  do throws(Failure) { return try body() } catch { throw CommandFailure(error) }
}
