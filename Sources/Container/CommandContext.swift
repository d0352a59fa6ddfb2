package import Cgroups
package import Linux
package import Report
package import StateStore

/// What every command works with.
package struct CommandContext {
  package let root: StateRoot
  package let log: Log
  package let host: HostFacts
  /// For new containers; later commands take the manager of the record.
  package let cgroupManager: CgroupManagerKind

  package init(root: StateRoot, log: Log, host: HostFacts, cgroupManager: CgroupManagerKind) {
    self.root = root
    self.log = log
    self.host = host
    self.cgroupManager = cgroupManager
  }
}
