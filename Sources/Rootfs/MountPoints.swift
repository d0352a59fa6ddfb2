package import Bytes
package import Linux

/// Places for the mounts of an image. CRIU finds them by path and follows what it meets there, and both the
/// root filesystem and a volume may be somebody's who wants that to be another place: so every one is made,
/// or found, without following any link, and a link is refused.
package struct MountPoints {
  private let root: InRootResolver

  /// - Parameter root: of the root filesystem, on the host.
  init(root: Handle) { self.root = InRootResolver(root: root) }

  /// The place in the root filesystem itself.
  package func make(_ path: ByteString, for source: ByteString?) throws(SyscallError) {
    try make(path, in: root, for: source)
  }

  /// The place in a directory of the host that is mounted itself; in a file there is none.
  package func make(_ path: ByteString, inSource directory: ByteString, for source: ByteString?)
    throws(SyscallError)
  {
    let volume = SharedDescriptor(
      try Handle.currentDirectory.open(directory, [.path, .directory]))
    try make(path, in: InRootResolver(root: volume.handle), for: source)
  }

  /// `source`: of an external mount, whose kind the place has.
  private func make(_ path: ByteString, in resolver: InRootResolver, for source: ByteString?)
    throws(SyscallError)
  {
    var kind = InRootResolver.Kind.directory
    if let source, try Handle.currentDirectory.status(behindEntry: source).kind != .directory {
      kind = .file
    }
    if source == nil {
      // A file may be bound on a file inside: it is there.
      do throws(SyscallError) {
        _ = try resolver.open(path, .path, .refuse)
        return
      } catch {
        if error.errno != .ENOENT { throw error }
      }
    }
    _ = try resolver.make(path, kind, .refuse)
  }
}

extension RootfsContext {
  package var mountPoints: MountPoints { MountPoints(root: directory.handle) }

  /// The root, as a mount in a mount namespace that is this process's own: what CRIU restores from. On the
  /// host there is nothing of it, whatever becomes of this process.
  package func enterRestore() throws(SyscallError) {
    try ThisProcess.unshare(.mount)
    try Mounting.mount(target: "/", flags: [.slave, .recursive])
    let own = SharedDescriptor(
      try Handle.currentDirectory.open(plan.path, [.path, .directory]))
    guard try own.handle.status().isSameFile(as: directory.handle.status()) else {
      throw .violation(
        quoted(plan.path) + " is not the directory that was checked", plan.path)
    }
    let tree = SharedDescriptor(
      try Mounting.openTree(at: own.handle, clone: true, recursive: true))
    try Mounting.move(tree.handle, onto: own.handle)
  }
}
