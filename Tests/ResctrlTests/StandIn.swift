import Bytes
import Linux

@testable import Resctrl

/// A directory that stands for a mounted resctrl. What the kernel puts into a new group, `populate`
/// does.
final class StandIn {
  let root: SharedDescriptor
  private let path: ByteString

  init() throws(SyscallError) {
    path =
      "/tmp/apus-resctrl-" + ByteString(decimal: ThisProcess.id) + "-"
      + ByteString(decimal: Clock.monotonicNanoseconds)
    try Handle.currentDirectory.makeDirectory(path, mode: 0o700)
    root = SharedDescriptor(try Handle.currentDirectory.open(path, [.directory]))
    try root.handle.makeDirectory("info", mode: 0o700)
    try write("info/last_cmd_status", "ok\n")
    try populate("", schemata: "    L3:0=fffff;1=fffff\n    MB:0=  100;1=  100\n")
  }

  func populate(_ group: ByteString, schemata: ByteString = "") throws(SyscallError) {
    let prefix = group.isEmpty ? "" : group + "/"
    try write(prefix + "schemata", schemata)
    try write(prefix + "tasks", "")
    try root.handle.makeDirectory(prefix + "mon_groups", mode: 0o700)
  }

  /// What rmdir(2) asks for in an ordinary directory.
  func empty(_ group: ByteString) throws(SyscallError) {
    try root.handle.unlink(group + "/schemata")
    try root.handle.unlink(group + "/tasks")
    try root.handle.removeDirectory(group + "/mon_groups")
  }

  func write(_ name: ByteString, _ text: ByteString) throws(SyscallError) {
    let file = try root.handle.open(name, [.writeOnly, .create, .truncate], mode: 0o600)
    try file.handle.writeAll(Array(text.bytes))
  }

  func read(_ name: ByteString) throws(SyscallError) -> ByteString {
    let file = try root.handle.open(name, .readOnly)
    return ByteString(try file.handle.readAll(limit: 4096))
  }

  func has(_ name: ByteString) -> Bool {
    do throws(SyscallError) {
      _ = try root.handle.status(ofEntry: name)
      return true
    } catch {
      return false
    }
  }

  /// Whether this machine has resctrl.
  static var hasRealOne: Bool {
    do throws(SyscallError) {
      let root = try Handle.currentDirectory.open("/sys/fs/resctrl", .path)
      return try root.handle.filesystem().type == FilesystemStatus.resctrl
    } catch {
      return false
    }
  }

  deinit {
    do throws(SyscallError) {
      try StandIn.clear(root.handle)
      try Handle.currentDirectory.removeDirectory(path)
    } catch {
      print("left behind: \(path)")
    }
  }

  private static func clear(_ directory: Handle) throws(SyscallError) {
    let listing = try directory.open(".", [.directory])
    for entry in try listing.handle.entries() {
      if entry.kind == .directory {
        let child = try directory.open(entry.name, [.directory, .noFollow])
        try clear(child.handle)
        try directory.removeDirectory(entry.name)
      } else {
        try directory.unlink(entry.name)
      }
    }
  }
}
