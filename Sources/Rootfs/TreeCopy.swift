import Bytes
import Linux

/// `tmpcopyup`: what a tmpfs covers is copied into it (6.6), by handles only.
enum TreeCopy {
  /// More is no directory to be copied into memory.
  private static var mostEntries: Int { 100_000 }

  /// `covered` is a handle on the directory, taken before the mount was attached over it.
  static func fill(_ mount: Handle, from covered: Handle) throws(SyscallError) {
    var left = mostEntries
    try copy(from: covered, to: mount, left: &left)
  }

  private static func copy(from source: Handle, to target: Handle, left: inout Int)
    throws(SyscallError)
  {
    let listing = SharedDescriptor(try source.open(".", [.directory]))
    for entry in try listing.handle.entries() {
      left -= 1
      if left < 0 { throw SyscallError("tmpcopyup", entry.name, .EFBIG) }
      let file = SharedDescriptor(try source.open(entry.name, [.path, .noFollow]))
      let status = try file.handle.status()
      switch status.kind {
      case .directory:
        try target.makeDirectory(entry.name, mode: status.permissions)
        let made = SharedDescriptor(try target.open(entry.name, [.path, .directory, .noFollow]))
        try copy(from: file.handle, to: made.handle, left: &left)
      case .regular: try copyFile(entry.name, status, from: source, to: target)
      case .symlink: try target.makeSymlink(entry.name, to: try source.readLink(entry.name))
      case .character, .block, .fifo:
        try target.makeNode(
          entry.name, status.kind, mode: status.permissions, major: status.special.major,
          minor: status.special.minor)
      case .socket, .other: continue
      }
      try target.changeOwner(entry.name, user: status.userID, group: status.groupID)
      if status.kind == .regular || status.kind == .directory, status.permissions & 0o6000 != 0 {
        // chown took the set-id bits away.
        let made = SharedDescriptor(try target.open(entry.name, [.readOnly, .noFollow]))
        try made.handle.changeMode(status.permissions)
      }
      try source.copyTimes(entry.name, to: target)
    }
  }

  private static func copyFile(
    _ name: ByteString, _ status: FileStatus, from source: Handle, to target: Handle
  ) throws(SyscallError) {
    let from = SharedDescriptor(try source.open(name, [.noFollow, .nonBlocking]))
    let to = SharedDescriptor(
      try target.open(
        name, [.writeOnly, .create, .exclusive, .noFollow], mode: status.permissions))
    try MemoryFile.copy(from: from.handle, to: to.handle, count: try from.handle.status().size)
  }
}
