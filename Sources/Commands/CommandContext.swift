import Bytes
import Cgroups
import Container
import Linux
package import Report
import StateStore
import Tracing

extension CommandContext {
  /// With what the options before the command say.
  init(_ global: GlobalOptions, _ log: Log, _ trace: Trace? = nil) throws(CommandFailure) {
    let host: HostFacts
    do throws(SyscallError) { host = try HostFacts.read() } catch { throw CommandFailure(error) }
    let isRootless = global.rootless == .yes || (global.rootless == .automatic && host.isRootless)
    let root = StateRoot(
      explicit: global.root, runtimeDirectory: ProcessArguments.variable("XDG_RUNTIME_DIR"),
      isRealRoot: !isRootless)
    let manager: CgroupManagerKind =
      switch global.cgroupManager {
      case .systemd: .systemd
      case .disabled: .disabled
      case .cgroupfs, nil: .cgroupfs
      }
    self.init(
      root: root, log: log, host: host, cgroupManager: manager, criu: global.criu)
    self.trace = trace
  }
}

extension Log {
  /// The log that the options ask for.
  package convenience init(_ options: GlobalOptions, reserved: Int = 0) throws(CommandFailure) {
    try self.init(
      options.log, options.logFormat, level: options.logLevel, notes: options.notes,
      reserved: reserved)
  }
}
