import Bytes
import Linux

/// What the host's `/proc` and `/sys` would show a container whose root was not switched with
/// pivot_root: the kernel would even let it mount unmasked ones.
enum HostPseudoFilesystems {
  static func hide(keeping root: ByteString) throws(SyscallError) {
    let file = SharedDescriptor(
      try Handle.currentDirectory.open("/proc/self/mountinfo", .readOnly))
    let info = try file.handle.readAll(limit: 64 << 20)
    let targets = targets(mountInfo: ByteString(info), keeping: root)
    // Innermost first.
    for target in targets.reversed() {
      do throws(SyscallError) {
        try Mounting.unmountDetached(target)
      } catch {
        // Locked by a user namespace: it is covered instead.
        if error.errno != .EINVAL && error.errno != .EPERM { throw error }
        try Mounting.mount(
          source: "tmpfs", target: target, type: "tmpfs", flags: .readOnly, data: "nr_inodes=2")
      }
    }
  }

  /// The mount points of procfs and sysfs outside `root` (proc_pid_mountinfo(5)).
  static func targets(mountInfo: ByteString, keeping root: ByteString) -> [ByteString] {
    var targets = [ByteString]()
    for line in mountInfo.split(on: UInt8(ascii: "\n")) {
      let fields = line.split(on: UInt8(ascii: " "))
      guard fields.count > 8, let dash = fields.firstIndex(of: "-"), dash + 1 < fields.count,
        fields[dash + 1] == "proc" || fields[dash + 1] == "sysfs"
      else { continue }
      let target = unescaped(fields[4])
      if target != root && !target.hasPrefix(root + "/") { targets.append(target) }
    }
    return targets
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
