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
    let file = SharedDescriptor(
      try Handle.currentDirectory.open("/proc/self/mountinfo", .readOnly))
    return outside(root, mountInfo: ByteString(try file.handle.readAll(limit: 64 << 20)))
  }

  struct HostMount: Equatable {
    /// From the host's root.
    var path: ByteString
    /// procfs or sysfs
    var isPseudo: Bool
  }

  /// The mounts that are neither `root` nor below it (proc_pid_mountinfo(5)), outermost first. The
  /// mounts themselves tell, not their paths: the root's may be spelled in many ways.
  static func outside(_ root: UInt64, mountInfo: ByteString) -> [HostMount] {
    var inside: [ByteString] = [ByteString(decimal: root)]
    var mounts = [(id: ByteString, parent: ByteString, mount: HostMount)]()
    for line in mountInfo.split(on: UInt8(ascii: "\n")) {
      let fields = line.split(on: UInt8(ascii: " "))
      guard fields.count > 8, let dash = fields.firstIndex(of: "-"), dash + 1 < fields.count
      else { continue }
      let type = fields[dash + 1]
      let path = fields[4] == "/" ? "." : unescaped(fields[4]).dropFirst(1)
      let mount = HostMount(path: path, isPseudo: type == "proc" || type == "sysfs")
      mounts.append((fields[0], fields[1], mount))
    }
    // A mount that was moved may stand before the one it lies on.
    var count = 0
    while count != inside.count {
      count = inside.count
      for entry in mounts where inside.contains(entry.parent) && !inside.contains(entry.id) {
        inside.append(entry.id)
      }
    }
    return mounts.filter { !inside.contains($0.id) }.map { $0.mount }
  }

  /// The first mount that hides a part of the procfs at `/proc`, nil if none does.
  static func cover(mountInfo: ByteString) -> ByteString? {
    for line in mountInfo.split(on: UInt8(ascii: "\n")) {
      let fields = line.split(on: UInt8(ascii: " "))
      if fields.count > 8, fields[4].hasPrefix("/proc/") { return unescaped(fields[4]) }
    }
    return nil
  }

  /// `\040` is a space.
  private static func unescaped(_ text: ByteString) -> ByteString {
    var result = [UInt8]()
    var index = 0
    while index < text.count {
      if text[index] == 0x5c, index + 3 < text.count {
        let digits = (1...3).map { UInt16(text[index + $0] &- 0x30) }
        result.append(UInt8(truncatingIfNeeded: digits[0] << 6 | digits[1] << 3 | digits[2]))
        index += 4
      } else {
        result.append(text[index])
        index += 1
      }
    }
    return ByteString(result)
  }
}
