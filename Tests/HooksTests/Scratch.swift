import Bytes
import Linux

/// A directory in which hooks leave what they saw; removed afterwards with the files in it.
final class Scratch {
  let path: ByteString
  let directory: SharedDescriptor

  init() throws(SyscallError) {
    path =
      "/tmp/apus-hooks-" + ByteString(decimal: ThisProcess.id) + "-"
      + ByteString(decimal: Clock.monotonicNanoseconds)
    try Handle.currentDirectory.makeDirectory(path, mode: 0o700)
    directory = SharedDescriptor(try Handle.currentDirectory.open(path, [.directory]))
  }

  func read(_ name: ByteString) throws(SyscallError) -> [UInt8] {
    let file = SharedDescriptor(try directory.handle.open(name, .readOnly))
    return try file.handle.readAll(limit: 1 << 20)
  }

  func text(_ name: ByteString) throws(SyscallError) -> String {
    String(decoding: try read(name), as: UTF8.self)
  }

  func write(_ name: ByteString, _ text: ByteString) throws(SyscallError) {
    let file = SharedDescriptor(
      try directory.handle.open(name, [.writeOnly, .create], mode: 0o600))
    try file.handle.writeAll(Array(text.bytes))
  }

  deinit {
    do throws(SyscallError) {
      for entry in try directory.handle.entries() { try directory.handle.unlink(entry.name) }
      try Handle.currentDirectory.removeDirectory(path)
    } catch {
      print("left behind: \(path)")
    }
  }
}
