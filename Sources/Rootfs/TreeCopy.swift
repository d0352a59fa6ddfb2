import Bytes
import Linux

/// `tmpcopyup`: what a tmpfs covers is copied into it, by handles only. The image decides what
/// there is to copy, so entries and depth are bounded, devices are left out, and the filesystem's own
/// size bounds the bytes.
enum TreeCopy {
  /// More is no directory to be copied into memory.
  static var mostEntries: Int { 100_000 }
  static var mostDepth: Int { 128 }

  /// - Parameter keepsOwners: false where the owners have no id, and the files are for reading.
  static func fill(_ target: Handle, from source: Handle, keepsOwners: Bool = true)
    throws(SyscallError)
  {
    var left = mostEntries
    try copy(from: source, to: target, keepsOwners, depth: 0, left: &left)
  }

  private static func copy(
    from source: Handle, to target: Handle, _ keepsOwners: Bool, depth: Int, left: inout Int
  ) throws(SyscallError) {
    let listing = SharedDescriptor(try source.open(".", [.directory]))
    for entry in try listing.handle.entries() {
      left -= 1
      if left < 0 {
        throw .unmet(
          "tmpcopyup: more than " + ByteString(decimal: UInt64(mostEntries)) + " entries",
          entry.name)
      }
      if depth == mostDepth {
        throw .unmet(
          "tmpcopyup: more than " + ByteString(decimal: UInt64(mostDepth))
            + " nested directories", entry.name)
      }
      // One handle for all that is learned of the entry, whatever has its name by then.
      var file = SharedDescriptor(try source.open(entry.name, [.path, .noFollow]))
      var status = try file.handle.status()
      switch status.kind {
      case .directory:
        try target.makeDirectory(entry.name, mode: status.permissions)
        let made = SharedDescriptor(try target.open(entry.name, [.path, .directory, .noFollow]))
        try copy(from: file.handle, to: made.handle, keepsOwners, depth: depth + 1, left: &left)
      case .regular:
        file = try openFile(entry.name, in: source)
        // What is copied decides, not what was there before: another file's mode would give its
        // set-user-id to this one's text.
        status = try file.handle.status()
        try copyFile(file.handle, status, entry.name, to: target)
      case .symlink: try target.makeSymlink(entry.name, to: try file.handle.readLink(""))
      case .fifo: try target.makeNode(entry.name, .fifo, mode: status.permissions)
      case .character, .block, .socket, .other: continue
      }
      if !keepsOwners { continue }
      try target.changeOwner(entry.name, user: status.userID, group: status.groupID)
      if status.permissions & 0o6000 != 0, status.kind == .regular || status.kind == .directory {
        // chown took the set-id bits away.
        let made = SharedDescriptor(try target.open(entry.name, [.readOnly, .noFollow]))
        try made.handle.changeMode(status.permissions)
      }
      try file.handle.copyTimes(to: target, entry.name)
    }
  }

  private static func openFile(_ name: ByteString, in source: Handle) throws(SyscallError)
    -> SharedDescriptor
  {
    // Not blocking: by now it may be a fifo.
    let file = SharedDescriptor(try source.open(name, [.noFollow, .nonBlocking]))
    guard try file.handle.status().kind == .regular else {
      throw .violation("tmpcopyup: " + quoted(name) + " was replaced while it was copied", name)
    }
    return file
  }

  private static func copyFile(
    _ file: Handle, _ status: FileStatus, _ name: ByteString, to target: Handle
  ) throws(SyscallError) {
    let copy = SharedDescriptor(
      try target.open(
        name, [.writeOnly, .create, .exclusive, .noFollow], mode: status.permissions))
    try MemoryFile.copy(from: file, to: copy.handle, count: status.size)
  }
}
