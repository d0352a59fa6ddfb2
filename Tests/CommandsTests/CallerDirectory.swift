import Bytes
import Linux

/// A directory as a caller has it, removed afterwards with what is in it.
final class CallerDirectory {
  let path: ByteString

  init() throws(SyscallError) {
    path =
      "/tmp/apus-commands-" + ByteString(decimal: ThisProcess.id) + "-"
      + ByteString(decimal: Clock.monotonicNanoseconds)
    try Handle.currentDirectory.makeDirectory(path, mode: 0o700)
  }

  func read(_ name: ByteString) throws(SyscallError) -> [UInt8] {
    let file = SharedDescriptor(try Handle.currentDirectory.open(path + "/" + name, .readOnly))
    return try file.handle.readAll(limit: 1 << 20)
  }

  func write(_ name: ByteString, _ text: ByteString) throws(SyscallError) {
    let file = SharedDescriptor(
      try Handle.currentDirectory.open(
        path + "/" + name, [.writeOnly, .create, .truncate], mode: 0o600))
    try file.handle.writeAll(Array(text.bytes))
  }

  func names(_ name: ByteString = "") throws(SyscallError) -> [String] {
    let directory = SharedDescriptor(
      try Handle.currentDirectory.open(path + "/" + name, [.directory]))
    return try directory.handle.entries().map { $0.name.description }.sorted()
  }

  deinit {
    do throws(SyscallError) { try remove(path, in: .currentDirectory) } catch {
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
