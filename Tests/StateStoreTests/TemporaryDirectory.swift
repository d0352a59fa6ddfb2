import Bytes
import Linux

/// A directory of its own for one test, gone afterwards.
final class TemporaryDirectory {
  let path: ByteString

  init() throws(SyscallError) {
    path =
      "/tmp/apus-state-" + ByteString(decimal: ThisProcess.id) + "-"
      + ByteString(decimal: Clock.monotonicNanoseconds)
    try Handle.currentDirectory.makeDirectory(path, mode: 0o700)
  }

  func makeDirectory(_ name: ByteString, mode: UInt32 = 0o700) throws(SyscallError) {
    try Handle.currentDirectory.makeDirectory(path + "/" + name, mode: 0o700)
    try Handle.currentDirectory.changeMode(ofEntry: path + "/" + name, mode)
  }

  func makeSymlink(_ name: ByteString, to target: ByteString) throws(SyscallError) {
    try Handle.currentDirectory.makeSymlink(path + "/" + name, to: target)
  }

  func status(_ name: ByteString) throws(SyscallError) -> FileStatus {
    try Handle.currentDirectory.status(ofEntry: path + "/" + name)
  }

  func write(_ name: ByteString, _ text: ByteString) throws(SyscallError) {
    let file = SharedDescriptor(
      try Handle.currentDirectory.open(
        path + "/" + name, [.writeOnly, .create, .truncate], mode: 0o600))
    try file.handle.writeAll(Array(text.bytes))
  }

  func read(_ name: ByteString) throws(SyscallError) -> ByteString {
    let file = SharedDescriptor(try Handle.currentDirectory.open(path + "/" + name, .readOnly))
    return ByteString(try file.handle.readAll(limit: 1 << 20))
  }

  /// The names in it, sorted.
  func names(_ name: ByteString = "") throws(SyscallError) -> [String] {
    let directory = SharedDescriptor(
      try Handle.currentDirectory.open(path + "/" + name, [.directory]))
    return try directory.handle.entries().map { $0.name.description }.sorted()
  }

  deinit {
    do throws(SyscallError) {
      try remove(path, in: .currentDirectory)
    } catch {
      print("left behind: \(path)")
    }
  }

  private func remove(_ name: ByteString, in parent: Handle) throws(SyscallError) {
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
