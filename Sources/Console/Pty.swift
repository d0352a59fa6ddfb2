import Bytes
package import Linux

/// A new terminal of the container's own devpts.
package struct Pty: Sendable {
  package let master: SharedDescriptor
  package let peer: SharedDescriptor

  /// Opens `/dev/pts/ptmx` below the root that this process has now.
  ///
  /// The file must be devpts' own multiplexer, and the peer is asked of the master itself: a path
  /// such as `/dev/pts/0` could lead anywhere (CVE-2025-52565).
  package static func open() throws(SyscallError) -> Pty {
    let root = SharedDescriptor(try Handle.currentDirectory.open("/", [.path, .directory]))
    let master = SharedDescriptor(
      try root.handle.open(
        "dev/pts/ptmx", [.readWrite, .noFollow, .noControllingTerminal],
        resolve: [.inRoot, .noMagicLinks]))
    let status = try master.handle.status()
    guard try master.handle.filesystem().type == FilesystemStatus.devpts,
      status.inode == 2, status.isCharacterDevice(5, 2)
    else {
      throw SyscallError("open", "/dev/pts/ptmx is not devpts' own", .ENODEV)
    }
    try Terminal.unlock(master.handle)
    return Pty(master: master, peer: SharedDescriptor(try Terminal.peer(of: master.handle)))
  }
}
