package import Bytes
package import Linux

/// A directory of its own for one test, gone afterwards with all that is in it. Names are relative to
/// `path`.
package final class TemporaryDirectory {
  package let path: ByteString
  /// What is removed: `path`, or the directory above it.
  package let whole: ByteString

  /// - Parameter name: a directory to make in the new one, for a test of what lies beside it.
  package init(below name: ByteString = "") throws(SyscallError) {
    whole =
      "/tmp/apus-test-" + ByteString(decimal: ThisProcess.id) + "-"
      + ByteString(decimal: Clock.monotonicNanoseconds)
    path = name.isEmpty ? whole : whole + "/" + name
    try Handle.currentDirectory.makeDirectory(whole, mode: 0o700)
    if !name.isEmpty { try Handle.currentDirectory.makeDirectory(path, mode: 0o700) }
  }

  package func makeDirectory(_ name: ByteString, mode: UInt32 = 0o700) throws(SyscallError) {
    try Handle.currentDirectory.makeDirectory(path + "/" + name, mode: 0o700)
    try Handle.currentDirectory.changeMode(ofEntry: path + "/" + name, mode)
  }

  package func makeSymlink(_ name: ByteString, to target: ByteString) throws(SyscallError) {
    try Handle.currentDirectory.makeSymlink(path + "/" + name, to: target)
  }

  package func makeFifo(_ name: ByteString) throws(SyscallError) {
    try Handle.currentDirectory.makeNode(path + "/" + name, .fifo, mode: 0o600)
  }

  package func write(_ name: ByteString, _ text: ByteString, mode: UInt32 = 0o600)
    throws(SyscallError)
  {
    let file = SharedDescriptor(
      try Handle.currentDirectory.open(
        path + "/" + name, [.writeOnly, .create, .truncate], mode: 0o600))
    try file.handle.writeAll(Array(text.bytes))
    try file.handle.changeMode(mode)
  }

  package func bytes(_ name: ByteString) throws(SyscallError) -> [UInt8] {
    let file = SharedDescriptor(
      try Handle.currentDirectory.open(path + "/" + name, [.readOnly, .nonBlocking]))
    return try file.handle.readAll(limit: 1 << 20)
  }

  package func read(_ name: ByteString) throws(SyscallError) -> ByteString {
    ByteString(try bytes(name))
  }

  package func status(_ name: ByteString) throws(SyscallError) -> FileStatus {
    try Handle.currentDirectory.status(ofEntry: path + "/" + name)
  }

  package func open(_ name: ByteString = "") throws(SyscallError) -> SharedDescriptor {
    SharedDescriptor(try Handle.currentDirectory.open(path + "/" + name, [.directory]))
  }

  /// The names in a directory, sorted.
  package func names(_ name: ByteString = "") throws(SyscallError) -> [String] {
    let directory = try open(name)
    return try directory.handle.entries().map { $0.name.description }.sorted()
  }

  deinit {
    do throws(SyscallError) { try remove(whole, in: .currentDirectory) } catch {
      print("left behind: \(whole)")
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
