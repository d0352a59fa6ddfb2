import Bytes
import Cgroups
package import Linux
package import Report
package import StateStore

/// What a command reads once, of one container or many.
package final class StatusCache {
  package init() {}

  private var bootID: ByteString?
  private var cgroupRoot: CgroupRoot?
  /// The last one that was opened.
  private var opened: (identity: InitIdentity, handle: ProcessHandle)?

  /// A pidfd of the process, nil if it has ended; the same one when it is asked for once more.
  package func open(_ process: InitIdentity) throws(CommandFailure) -> ProcessHandle? {
    try CommandFailure.from { () throws(SyscallError) in
      if let opened, opened.identity == process {
        return try opened.handle.hasEnded() ? nil : opened.handle
      }
      let boot: ByteString
      if let bootID { boot = bootID } else { boot = try InitIdentity.currentBootID() }
      bootID = boot
      opened = try process.open(in: boot).map { (process, $0) }
      return opened?.handle
    }
  }

  package func isFrozen(_ record: ContainerRecord) throws(CommandFailure) -> Bool {
    guard let path = record.cgroupPath, let mountPoint = record.cgroupMountPoint else {
      return false
    }
    do throws(CgroupError) {
      if root(of: mountPoint) == nil { cgroupRoot = try CgroupRoot.open(mountPoint) }
      return try cgroupRoot?.isFrozen(CgroupPath(recorded: path)) ?? false
    } catch {
      throw CommandFailure(error)
    }
  }

  /// The root of the cgroup2 filesystem that is mounted there, where it was opened before.
  func root(of mountPoint: ByteString) -> CgroupRoot? {
    cgroupRoot?.mountPoint == mountPoint ? cgroupRoot : nil
  }
}
