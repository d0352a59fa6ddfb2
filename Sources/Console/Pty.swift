import Bytes
package import Linux

/// A new terminal of the container's own devpts.
package struct Pty: Sendable {
  package let master: SharedDescriptor
  package let peer: SharedDescriptor

  /// A terminal of the devpts at `/dev/pts` below `root`, by default this process's root.
  ///
  /// Nothing is opened for use before it is known to be devpts' own: first the mount as a place, then
  /// the multiplexer on that very mount, so that nothing bound over it is reached. The peer is asked
  /// of the master itself: a path such as `/dev/pts/0` could lead anywhere (CVE-2025-52565).
  package static func open(root: Handle? = nil) throws(SyscallError) -> Pty {
    let own = try root == nil ? SharedDescriptor(openRoot()) : nil
    let start = root ?? own?.handle ?? .currentDirectory
    let directory = SharedDescriptor(
      try start.open(
        "dev/pts", [.path, .directory, .noFollow], resolve: [.inRoot, .noMagicLinks]))
    guard try directory.handle.filesystem().type == FilesystemStatus.devpts else {
      throw .violation("`/dev/pts` is not a devpts", "/dev/pts")
    }
    let master = SharedDescriptor(
      try directory.handle.open(
        "ptmx", [.readWrite, .noFollow, .noControllingTerminal],
        resolve: [.beneath, .noSymlinks, .noCrossDevice]))
    let status = try master.handle.status()
    guard status.inode == 2, status.isCharacterDevice(5, 2) else {
      throw .violation(
        "`/dev/pts/ptmx` is not the multiplexer of this devpts", "/dev/pts/ptmx")
    }
    try Terminal.unlock(master.handle)
    return Pty(master: master, peer: SharedDescriptor(try Terminal.peer(of: master.handle)))
  }

  private static func openRoot() throws(SyscallError) -> FileDescriptor {
    try Handle.currentDirectory.open("/", [.path, .directory])
  }
}
