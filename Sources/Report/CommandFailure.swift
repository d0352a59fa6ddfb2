package import Bytes
package import Cgroups
package import Linux
package import OCISpec

/// Why a command failed, ready to be shown: one line and the exit status.
package struct CommandFailure: Error, Equatable, Sendable {
  package var message: ByteString
  package var exitStatus: Int32
  /// What stands beside the line; nil where nothing more is known.
  package var report: FailureReport?

  package init(_ message: ByteString, exitStatus: Int32 = 1) {
    self.message = message
    self.exitStatus = exitStatus
  }

  package init(_ error: StepError) {
    self.init(error.message)
    report = error.report
  }

  package init(_ error: ConfigError) {
    self.init(error.message)
    var report = FailureReport()
    report.pointer = error.pointer
    self.report = report
  }
}

extension CommandFailure {
  /// The exit status of `exec` when the command could not be run: a program may well end with 1.
  package static let execStatus: Int32 = 255

  /// The same failure with another exit status.
  package func with(exitStatus: Int32) -> CommandFailure {
    var result = self
    result.exitStatus = exitStatus
    return result
  }
}

extension CommandFailure {
  /// With the kernel's part in it.
  package func explained(by report: OutOfMemory?) -> CommandFailure {
    guard let report else { return self }
    var result = self
    result.message += ": " + report.message
    return result
  }
}

extension CommandFailure {
  /// The status of a program that the signal ended, as a shell gives it.
  package init(interruptedBy signal: Signal) {
    let name: ByteString =
      switch signal {
      case .hangUp: "SIGHUP"
      case .interrupt: "SIGINT"
      case .quit: "SIGQUIT"
      case .terminate: "SIGTERM"
      default: "signal " + ByteString(decimal: signal.rawValue)
      }
    self.init("interrupted by " + name, exitStatus: 128 + signal.rawValue)
  }
}
