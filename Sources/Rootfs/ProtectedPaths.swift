package import Bytes
package import Linux

// Paths that the container may not read, or not write.
extension RootfsContext {
  /// Binds the path on itself, read-only; what is mounted below keeps its own mode (LX-4). A path
  /// that is not there is left alone.
  package func makeReadonly(_ path: ByteString) throws(SyscallError) {
    guard let target = try resolver.openIfPresent(path) else { return }
    let tree = SharedDescriptor(
      try Mounting.openTree(at: target.handle, clone: true, recursive: true))
    try attach(
      tree.handle, onto: target.handle,
      after: [MountChange(attributes: AttributeChange(set: .readOnly))])
  }

  /// Covers each path: a directory with an empty one, anything else with the host's `/dev/null`. Only
  /// a *target* that is missing is skipped; a cover that is missing fails the container
  /// (CVE-2025-31133).
  ///
  /// One by one, for there may be more paths than descriptors: what a covered directory held is out
  /// of reach by then, so it needs no cover of its own.
  package func mask(_ paths: [MaskedPath]) throws(SyscallError) {
    var file = Cover(mount: null, changes: [MountChange(attributes: RootfsContext.nullAttributes)])
    var directory = Cover()
    for masked in paths {
      guard let target = try resolver.openIfPresent(masked.path) else { continue }
      if try target.handle.status().kind == .directory {
        if directory.mount == nil { directory.mount = try emptyDirectory() }
        try cover(target.handle, &directory)
      } else {
        try cover(target.handle, &file)
      }
    }
    null = nil
  }

  private struct Cover {
    var mount: SharedDescriptor?
    /// What it still needs when it is attached.
    var changes: [MountChange] = []
    var isAttached = false
  }

  /// The first target gets the mount itself, the others get clones of it: a mount that is never
  /// attached would cost a grace period of the kernel when it is closed, and before Linux 6.15 a
  /// detached one cannot be cloned.
  private func cover(_ target: Handle, _ cover: inout Cover) throws(SyscallError) {
    guard let mount = cover.mount else { throw .unmet("the host's `/dev/null` is not open") }
    if cover.isAttached {
      let clone = SharedDescriptor(try Mounting.openTree(at: mount.handle, clone: true))
      try Mounting.move(clone.handle, onto: target)
    } else {
      try attach(mount.handle, onto: target, after: cover.changes)
      cover.isAttached = true
    }
  }

  /// Read-only, so that root in the container cannot change the mode of the host's node through it;
  /// a device is written to all the same.
  private static var nullAttributes: AttributeChange {
    AttributeChange(set: [.readOnly, .noSetUserID, .noExecute])
  }

  /// The host's `/dev/null`, while the host's root is in sight, and only if it is what it should be.
  func openNull() throws(SyscallError) -> SharedDescriptor {
    let clone = SharedDescriptor(
      try Mounting.openTree(
        at: .currentDirectory, path: "/dev/null", clone: true, followLinks: false))
    guard try clone.handle.status().isCharacterDevice(1, 3) else {
      throw .violation("the host's `/dev/null` is not the null device", "/dev/null")
    }
    return clone
  }

  /// One empty read-only tmpfs for all masked directories of a container.
  private func emptyDirectory() throws(SyscallError) -> SharedDescriptor {
    do throws(SyscallError) { return try emptyDirectory(inodes: "1") } catch {
      // Kernels there are that count the root twice.
      return try emptyDirectory(inodes: "2")
    }
  }

  private func emptyDirectory(inodes: ByteString) throws(SyscallError) -> SharedDescriptor {
    let context = SharedDescriptor(try Mounting.openFilesystem("tmpfs"))
    // The least there is: who may remount it gains no memory.
    try Mounting.configure(context.handle, "nr_blocks", "1")
    try Mounting.configure(context.handle, "nr_inodes", inodes)
    try Mounting.configure(context.handle, "mode", "0555")
    try Mounting.create(context.handle)
    return SharedDescriptor(
      try Mounting.mountFilesystem(
        context.handle, [.readOnly, .noSetUserID, .noDevices, .noExecute]))
  }
}
