package import Bytes
import CShim

/// A line of mountinfo, a mount as the kernel describes it (proc_pid_mountinfo(5)). Texts are made when
/// they are asked for: a busy host has ten thousand lines.
package struct MountInfo {
  private let fields: [ArraySlice<UInt8>]
  /// Where the part begins that has its own order: optional fields end here.
  private let dash: Int

  /// Of the mount, and of the one that it lies on.
  package let id: UInt64
  package let parent: UInt64

  private init?(_ line: ArraySlice<UInt8>) {
    fields = line.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
    guard fields.count > 8, let dash = fields[6...].firstIndex(where: { $0 == [0x2d] }),
      dash + 1 < fields.count
    else { return nil }
    self.dash = dash
    guard let id = ByteString(fields[0]).unsignedDecimal,
      let parent = ByteString(fields[1]).unsignedDecimal
    else { return nil }
    self.id = id
    self.parent = parent
  }

  /// The directory of the filesystem that is the mount's root.
  package var root: ByteString { MountInfo.unescaped(fields[3]) }
  /// As a path from our root.
  package var mountPoint: ByteString { MountInfo.unescaped(fields[4]) }
  /// Of this mount, not of its filesystem: those of `attributes` that have a word.
  package var attributes: MountAttributes {
    var attributes: MountAttributes = []
    for word in ByteString(fields[5]).split(on: UInt8(ascii: ",")) {
      switch word {
      case "ro": attributes.insert(.readOnly)
      case "nosuid": attributes.insert(.noSetUserID)
      case "nodev": attributes.insert(.noDevices)
      case "noexec": attributes.insert(.noExecute)
      case "nosymfollow": attributes.insert(.noSymlinkFollow)
      default: break
      }
    }
    return attributes
  }
  package var type: ByteString { ByteString(fields[dash + 1]) }
  /// `major:minor` of the filesystem.
  package var device: ByteString { ByteString(fields[2]) }
  /// Those of the mount: `rw`, `nosuid`.
  package var options: [ByteString] { ByteString(fields[5]).split(on: UInt8(ascii: ",")) }
  /// Those of the filesystem: `rw`, `size=64k`.
  package var data: [ByteString] {
    ByteString(fields[fields.count - 1]).split(on: UInt8(ascii: ","))
  }
  /// How it is connected to other mounts: `shared:1`, `master:2`, `unbindable`; empty for a private one.
  package var propagation: [ByteString] { fields[6..<dash].map { ByteString($0) } }

  /// The mounts of our mount namespace.
  @inline(never)
  package static func read() throws(SyscallError) -> [MountInfo] {
    let file = try Handle.currentDirectory.open("/proc/self/mountinfo", .readOnly)
    return parse(try file.handle.readKernelFile()[...])
  }

  /// Those of the mount namespace of `process`, as paths from its root.
  @inline(never)
  package static func read(of process: ProcessHandle) throws(SyscallError) -> [MountInfo] {
    let path = "/proc/" + ByteString(decimal: process.pid) + "/mountinfo"
    let file = try Handle.currentDirectory.open(path, .readOnly)
    let mounts = parse(try file.handle.readKernelFile()[...])
    // The number may have changed hands while we read: the process itself cannot have.
    try process.send(Signal(rawValue: 0))
    return mounts
  }

  /// Lines that are none are left out.
  @inline(never)
  package static func parse(_ text: ArraySlice<UInt8>) -> [MountInfo] {
    text.split(separator: UInt8(ascii: "\n")).compactMap { MountInfo($0) }
  }

  /// Blanks, tabs, newlines and backslashes are written as three octal digits: `\040` is a space.
  private static func unescaped(_ text: ArraySlice<UInt8>) -> ByteString {
    guard text.contains(UInt8(ascii: "\\")) else { return ByteString(text) }
    let bytes = Array(text)
    var result = [UInt8]()
    var index = 0
    while index < bytes.count {
      if bytes[index] == UInt8(ascii: "\\"), index + 3 < bytes.count {
        let digits = (1...3).map { UInt16(bytes[index + $0] &- UInt8(ascii: "0")) }
        result.append(UInt8(truncatingIfNeeded: digits[0] << 6 | digits[1] << 3 | digits[2]))
        index += 4
      } else {
        result.append(bytes[index])
        index += 1
      }
    }
    return ByteString(result)
  }
}

extension Mounting {
  /// The type of the filesystem of a mount in our mount namespace, as mountinfo spells it.
  @inline(never)
  package static func filesystemName(mountID: UInt64) throws(SyscallError) -> ByteString {
    guard let mount = try MountInfo.read().first(where: { $0.id == mountID }) else {
      throw SyscallError("mountinfo", ByteString(decimal: mountID), .ENOENT)
    }
    return mount.type
  }
}
