import Bytes
import Linux

/// `tmpcopyup`: what a tmpfs covers is copied into it (6.6), by handles only. The image decides what
/// there is to copy, so entries and depth are bounded, devices are left out, and the filesystem's own
/// size bounds the bytes.
enum TreeCopy {
  /// More is no directory to be copied into memory.
  static var mostEntries: Int { 100_000 }
  static var mostDepth: Int { 128 }

  static func fill(_ target: Handle, from source: Handle) throws(SyscallError) {
    var left = mostEntries
    try copy(from: source, to: target, depth: 0, left: &left)
  }

  private static func copy(from source: Handle, to target: Handle, depth: Int, left: inout Int)
    throws(SyscallError)
  {
    let listing = SharedDescriptor(try source.open(".", [.directory]))
    for entry in try listing.handle.entries() {
      left -= 1
      if left < 0 || depth == mostDepth { throw SyscallError("tmpcopyup", entry.name, .EFBIG) }
      // One handle for all that is learned of the entry.
      let file = SharedDescriptor(try source.open(entry.name, [.path, .noFollow]))
      let status = try file.handle.status()
      switch status.kind {
      case .directory:
        try target.makeDirectory(entry.name, mode: status.permissions)
        let made = SharedDescriptor(try target.open(entry.name, [.path, .directory, .noFollow]))
        try copy(from: file.handle, to: made.handle, depth: depth + 1, left: &left)
      case .regular: try copyFile(entry.name, from: source, to: target)
      case .symlink: try target.makeSymlink(entry.name, to: try source.readLink(entry.name))
      case .fifo: try target.makeNode(entry.name, .fifo, mode: status.permissions)
      case .character, .block, .socket, .other: continue
      }
      try target.changeOwner(entry.name, user: status.userID, group: status.groupID)
      if status.permissions & 0o6000 != 0, status.kind == .regular || status.kind == .directory {
        // chown took the set-id bits away.
        let made = SharedDescriptor(try target.open(entry.name, [.readOnly, .noFollow]))
        try made.handle.changeMode(status.permissions)
      }
      try source.copyTimes(entry.name, to: target)
    }
  }

  private static func copyFile(_ name: ByteString, from source: Handle, to target: Handle)
    throws(SyscallError)
  {
    // Not blocking: by now it may be a fifo.
    let from = SharedDescriptor(try source.open(name, [.noFollow, .nonBlocking]))
    let status = try from.handle.status()
    guard status.kind == .regular else { throw SyscallError("tmpcopyup", name, .EINVAL) }
    let to = SharedDescriptor(
      try target.open(
        name, [.writeOnly, .create, .exclusive, .noFollow], mode: status.permissions))
    try MemoryFile.copy(from: from.handle, to: to.handle, count: status.size)
  }
}
