import Bytes
import Cgroups
import Linux
package import Report
package import StateStore

/// What a look at many containers reads once.
package final class StatusCache {
  package init() {}

  private var bootID: ByteString?
  private var cgroupRoot: CgroupRoot?

  package func isRunning(_ process: InitIdentity) throws(CommandFailure) -> Bool {
    try CommandFailure.from { () throws(SyscallError) in
      let boot: ByteString
      if let bootID { boot = bootID } else { boot = try InitIdentity.currentBootID() }
      bootID = boot
      return try process.isRunning(in: boot)
    }
  }

  package func isFrozen(_ record: ContainerRecord) throws(CommandFailure) -> Bool {
    guard let path = record.cgroupPath, let mountPoint = record.cgroupMountPoint else {
      return false
    }
    do throws(CgroupError) {
      if cgroupRoot?.mountPoint != mountPoint {
        cgroupRoot = try CgroupRoot.open(mountPoint)
      }
      return try cgroupRoot?.isFrozen(CgroupPath(recorded: path)) ?? false
    } catch {
      throw CommandFailure(error)
    }
  }
}
