package import Bytes
package import Linux

// Paths that the container may not read, or not write.
extension RootfsContext {
  /// Binds the path on itself, read-only; what is mounted below keeps its own mode (LX-4). A path
  /// that is not there is left alone.
  package func makeReadonly(_ path: ByteString) throws(SyscallError) {
    guard let found = try resolver.openIfPresent(path) else { return }
    let target = SharedDescriptor(found)
    let tree = SharedDescriptor(
      try Mounting.openTree(at: target.handle, clone: true, recursive: true))
    let change = AttributeChange(set: [.readOnly])
    do throws(SyscallError) {
      try Mounting.setAttributes(tree.handle, set: change.set)
      try Mounting.move(tree.handle, onto: target.handle)
    } catch {
      guard error.errno == .ENOSYS else { throw error }
      try Mounting.move(tree.handle, onto: target.handle)
      try AttributeCalls.set(tree.handle, change)
    }
  }

  /// Covers each path: a directory with an empty one, anything else with `/dev/null`. All are looked
  /// up before the first is covered. Only a *target* that is missing is skipped; a cover that is
  /// missing fails the container (CVE-2025-31133).
  package func mask(_ paths: [MaskedPath]) throws(SyscallError) {
    var directories = [SharedDescriptor]()
    var files = [SharedDescriptor]()
    for masked in paths {
      guard let target = try resolver.openIfPresent(masked.path) else { continue }
      let found = SharedDescriptor(target)
      if try found.handle.status().kind == .directory {
        directories.append(found)
      } else {
        files.append(found)
      }
    }
    if !files.isEmpty {
      guard let null else { throw SyscallError("open", "/dev/null", .ENODEV) }
      try cover(files, with: null)
    }
    if !directories.isEmpty { try cover(directories, with: try emptyDirectory()) }
    null = nil
  }

  /// The first target gets the mount itself, the others clones of it: a mount that is never attached
  /// would cost a grace period of the kernel when it is closed, and before Linux 6.15 a detached one
  /// cannot be cloned.
  private func cover(_ targets: [SharedDescriptor], with mount: SharedDescriptor)
    throws(SyscallError)
  {
    try Mounting.move(mount.handle, onto: targets[0].handle)
    for target in targets.dropFirst() {
      let clone = SharedDescriptor(try Mounting.openTree(at: mount.handle, clone: true))
      try Mounting.move(clone.handle, onto: target.handle)
    }
  }

  /// One empty read-only tmpfs for all masked directories of a container.
  private func emptyDirectory() throws(SyscallError) -> SharedDescriptor {
    let context = SharedDescriptor(try Mounting.openFilesystem("tmpfs"))
    try Mounting.configure(context.handle, "nr_blocks", "1")
    try Mounting.configure(context.handle, "nr_inodes", "1")
    try Mounting.configure(context.handle, "mode", "0555")
    try Mounting.configure(context.handle, flag: "ro")
    try Mounting.create(context.handle)
    return SharedDescriptor(
      try Mounting.mountFilesystem(
        context.handle, [.readOnly, .noSetUserID, .noDevices, .noExecute]))
  }
}
