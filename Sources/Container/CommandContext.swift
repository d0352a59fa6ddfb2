package import Bytes
package import Cgroups
package import Linux
package import Report
package import StateStore
package import Tracing

/// What every command works with.
package struct CommandContext {
  package let root: StateRoot
  package let log: Log
  package let host: HostFacts
  /// For new containers; later commands take the manager of the record.
  package let cgroupManager: CgroupManagerKind
  /// With `--trace`.
  package var trace: Trace?

  /// The criu that the caller names; nil is the machine's.
  package let criu: ByteString?

  package init(
    root: StateRoot, log: Log, host: HostFacts, cgroupManager: CgroupManagerKind,
    criu: ByteString? = nil
  ) {
    self.root = root
    self.log = log
    self.host = host
    self.cgroupManager = cgroupManager
    self.criu = criu
  }
}
