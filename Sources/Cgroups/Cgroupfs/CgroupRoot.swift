package import Bytes
import Linux

/// The root of the cgroup2 filesystem at one mount point, opened once to look at many cgroups.
package final class CgroupRoot {
  package let mountPoint: ByteString
  let root: SharedDescriptor

  private init(_ mountPoint: ByteString, _ root: SharedDescriptor) {
    self.mountPoint = mountPoint
    self.root = root
  }

  /// nil if nothing is there, as in another mount namespace.
  package static func open(_ mountPoint: ByteString) throws(CgroupError) -> CgroupRoot? {
    do throws(CgroupError) {
      return CgroupRoot(mountPoint, try CgroupDirectory.openRoot(mountPoint))
    } catch {
      if error.isGone { return nil }
      throw error
    }
  }

  /// Whether the cgroup is frozen; one that is gone is not.
  package func isFrozen(_ path: CgroupPath) throws(CgroupError) -> Bool {
    do throws(SyscallError) {
      let events = SharedDescriptor(
        try root.handle.open(
          path.relative + "/cgroup.events", .readOnly, resolve: CgroupTree.resolve))
      // Two lines, which the kernel gives whole.
      return ByteString(try events.handle.read(upTo: 4096)).split(on: 0x0a).contains("frozen 1")
    } catch {
      if CgroupTree.isGone(error) { return false }
      throw .system("reading", path: path.text, error)
    }
  }
}
