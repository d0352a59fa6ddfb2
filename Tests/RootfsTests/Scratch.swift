import Bytes
import Linux

/// A directory of its own for one test, gone afterwards: what lies in `root` is the container's, what
/// lies in `outside` must stay as it is.
final class Scratch {
  let path: ByteString
  var root: ByteString { path + "/root" }
  var outside: ByteString { path + "/outside" }

  init() throws(SyscallError) {
    path =
      "/tmp/apus-rootfs-" + ByteString(decimal: ThisProcess.id) + "-"
      + ByteString(decimal: Clock.monotonicNanoseconds)
    for name in [path, path + "/root", path + "/outside"] {
      try Handle.currentDirectory.makeDirectory(name, mode: 0o755)
    }
  }

  func makeDirectory(_ name: ByteString, mode: UInt32 = 0o755) throws(SyscallError) {
    try Handle.currentDirectory.makeDirectory(root + "/" + name, mode: 0o755)
    try Handle.currentDirectory.changeMode(ofEntry: root + "/" + name, mode)
  }

  func makeLink(_ name: ByteString, to target: ByteString) throws(SyscallError) {
    try Handle.currentDirectory.makeSymlink(root + "/" + name, to: target)
  }

  func makeFifo(_ name: ByteString) throws(SyscallError) {
    try Handle.currentDirectory.makeNode(root + "/" + name, .fifo, mode: 0o600)
  }

  func write(_ name: ByteString, _ text: ByteString, mode: UInt32 = 0o644) throws(SyscallError) {
    let file = SharedDescriptor(
      try Handle.currentDirectory.open(root + "/" + name, [.writeOnly, .create], mode: 0o600))
    try file.handle.writeAll(Array(text.bytes))
    try file.handle.changeMode(mode)
  }

  func read(_ name: ByteString) throws(SyscallError) -> ByteString {
    let file = SharedDescriptor(
      try Handle.currentDirectory.open(root + "/" + name, [.readOnly, .nonBlocking]))
    return ByteString(try file.handle.readAll(limit: 1 << 20))
  }

  func status(_ name: ByteString) throws(SyscallError) -> FileStatus {
    try Handle.currentDirectory.status(ofEntry: root + "/" + name)
  }

  func open(_ name: ByteString = "") throws(SyscallError) -> SharedDescriptor {
    SharedDescriptor(try Handle.currentDirectory.open(root + "/" + name, [.path, .directory]))
  }

  /// The names in a directory, sorted.
  func names(_ directory: ByteString) throws(SyscallError) -> [String] {
    let opened = SharedDescriptor(try Handle.currentDirectory.open(directory, [.directory]))
    return try opened.handle.entries().map { $0.name.description }.sorted()
  }

  deinit {
    do throws(SyscallError) {
      try Scratch.remove(path, in: .currentDirectory)
    } catch {
      print("left behind: \(path)")
    }
  }

  private static func remove(_ name: ByteString, in parent: Handle) throws(SyscallError) {
    let directory = SharedDescriptor(try parent.open(name, [.directory, .noFollow]))
    for entry in try directory.handle.entries() {
      if entry.kind == .directory {
        try remove(entry.name, in: directory.handle)
      } else {
        try directory.handle.unlink(entry.name)
      }
    }
    try parent.removeDirectory(name)
  }
}
