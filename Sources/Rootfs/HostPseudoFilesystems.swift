import Bytes
import Linux

/// What the host's `/proc` and `/sys` would show a container whose root was not switched with
/// pivot_root: the kernel would even let it mount unmasked ones.
enum HostPseudoFilesystems {
  /// Takes procfs and sysfs out of the tree of which the working directory is the root.
  static func hide(_ mounts: [HostMount]) throws(SyscallError) {
    // Innermost first.
    for mount in mounts.reversed() where mount.isPseudo {
      do throws(SyscallError) {
        try Mounting.unmountDetached(mount.path)
      } catch {
        // Locked by a user namespace: it is covered instead.
        if error.errno != .EINVAL && error.errno != .EPERM { throw error }
        try Mounting.mount(
          source: "tmpfs", target: mount.path, type: "tmpfs", flags: .readOnly,
          data: "nr_inodes=2")
      }
    }
  }

  /// The host keeps what is unmounted here.
  static func cutOff(_ mounts: [HostMount]) throws(SyscallError) {
    for mount in mounts {
      do throws(SyscallError) {
        try Mounting.mount(target: mount.path, flags: .slave)
      } catch {
        // Another mount hides the place, and then everything below it.
        if error.errno != .EINVAL && error.errno != .ENOENT { throw error }
      }
    }
  }

  static func outside(_ root: UInt64) throws(SyscallError) -> [HostMount] {
    outside(root, try MountInfo.read())
  }

  struct HostMount: Equatable {
    /// From the host's root.
    var path: ByteString
    /// procfs or sysfs
    var isPseudo: Bool
  }

  /// The mounts that are neither `root` nor below it (proc_pid_mountinfo(5)), outermost first. The
  /// mounts themselves tell, not their paths: the root's may be spelled in many ways.
  static func outside(_ root: UInt64, _ mounts: [MountInfo]) -> [HostMount] {
    var inside = [root]
    // A mount that was moved may stand before the one it lies on.
    var count = 0
    while count != inside.count {
      count = inside.count
      for mount in mounts where inside.contains(mount.parent) && !inside.contains(mount.id) {
        inside.append(mount.id)
      }
    }
    return mounts.filter { !inside.contains($0.id) }.map { mount in
      let path = mount.mountPoint
      return HostMount(
        path: path == "/" ? "." : path.dropFirst(1),
        isPseudo: mount.type == "proc" || mount.type == "sysfs")
    }
  }

  /// The first mount that hides a part of the procfs at `/proc`, nil if none does.
  static func cover(_ mounts: [MountInfo]) -> ByteString? {
    mounts.first { $0.mountPoint.hasPrefix("/proc/") }?.mountPoint
  }
}
