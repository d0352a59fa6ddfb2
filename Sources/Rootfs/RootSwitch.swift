import Bytes
package import Linux

// The first and the last steps: a root of our own.
extension RootfsContext {
  /// Cuts the mount namespace off from the host's, and makes the root's directory a mount.
  package func prepareRoot() throws(SyscallError) {
    // What is made from here on gets exactly the modes that are written.
    ThisProcess.setUmask(0)
    if plan.rootSwitch == .changeRoot { return }
    if !MountChange.isKnownToKernel { procfs = SharedDescriptor(try Procfs.openHost()) }
    // Slave, unless asked otherwise: what the host unmounts goes away here too, and nothing leaks
    // back. `unbindable` is for the new root alone, and `shared` leaves us the host's peer.
    switch plan.propagation?.type {
    case .shared: break
    case .private: try Mounting.mount(target: "/", flags: [.private, .recursive])
    case .slave, .unbindable, nil:
      try Mounting.mount(target: "/", flags: [.slave, .recursive])
    }
    if !plan.maskedPaths.isEmpty { null = try openNull() }
    // The parent's handle belongs to the host's mount namespace. The same directory in ours is looked
    // up again, and must be the one that was checked.
    let own = SharedDescriptor(
      try Handle.currentDirectory.open(
        plan.startsInside ? "." : plan.path, [.path, .directory]))
    guard try own.handle.status().isSameFile(as: directory.handle.status()) else {
      throw .violation(
        quoted(plan.path) + " is not the directory that was checked", plan.path)
    }
    if plan.propagation?.type == .shared { try makeParentPrivate(own) }
    let tree = SharedDescriptor(
      try Mounting.openTree(at: own.handle, clone: true, recursive: true))
    try Mounting.move(tree.handle, onto: own.handle)
    root = tree
  }

  /// pivot_root(2) refuses a root whose parent mount is shared, and the root mount would show on the
  /// host. The parent is the mount at the directory or above it (LX-2).
  private func makeParentPrivate(_ directory: SharedDescriptor) throws(SyscallError) {
    var place = directory
    // As many steps as a path can have names.
    for _ in 0..<2048 {
      do throws(SyscallError) {
        return try apply(MountChange(propagation: .private), to: place.handle)
      } catch {
        // Not the root of a mount.
        if error.errno != .EINVAL { throw error }
      }
      place = SharedDescriptor(try place.handle.open("..", [.path, .directory]))
    }
    throw .unmet("there is no mount at " + quoted(plan.path) + " or above it", plan.path)
  }

  /// The new root becomes `/`, and nothing of the old one stays in sight.
  package func switchRoot() throws(SyscallError) {
    try WorkingDirectory.change(to: root.handle)
    switch plan.rootSwitch {
    case .pivot:
      if plan.propagation?.type == .shared { return try switchSharedRoot() }
      try Mounting.pivotRootHere()
      // The old root lies on top now.
      try Mounting.unmountDetached(".")
    case .move:
      try moveRoot()
    case .changeRoot:
      try WorkingDirectory.changeRoot(to: ".")
    }
    try checkRoot()
  }

  /// Where mounts are shared with the host, what is unmounted here must not be unmounted there: the
  /// old root is cut off first. It is named by its own descriptor: below `.`, which lies under it by
  /// now, are the container's mounts, and those keep what connects them.
  private func switchSharedRoot() throws(SyscallError) {
    let old = SharedDescriptor(try Handle.currentDirectory.open("/", [.path, .directory]))
    try Mounting.pivotRootHere()
    try WorkingDirectory.change(to: old.handle)
    try Mounting.mount(target: ".", flags: [.slave, .recursive])
    try Mounting.unmountDetached(".")
    try checkRoot()
  }

  private func moveRoot() throws(SyscallError) {
    let old = SharedDescriptor(try Handle.currentDirectory.open("/", [.path, .directory]))
    let mounts = try HostPseudoFilesystems.outside(root.handle.status().mountID)
    let isShared = plan.propagation?.type == .shared
    // Or the container's root would be moved over the host's as well.
    if isShared { try Mounting.mount(target: "/", flags: .slave) }
    try Mounting.mount(source: ".", target: "/", flags: .move)
    try WorkingDirectory.changeRoot(to: ".")
    // From here a path leads to the host's mounts only, even to those that the new root lay on.
    try WorkingDirectory.change(to: old.handle)
    if isShared { try HostPseudoFilesystems.cutOff(mounts) }
    try HostPseudoFilesystems.hide(mounts)
  }

  private func checkRoot() throws(SyscallError) {
    try WorkingDirectory.change(to: "/")
    let now = try Handle.currentDirectory.status(ofEntry: "/")
    let wanted = try root.handle.status()
    guard now.isSameFile(as: wanted), now.mountID == wanted.mountID else {
      throw .violation("`/` is not the container's root after the switch", plan.path)
    }
  }

  /// The last changes of the tree: what was writable for init alone turns read-only.
  package func finishMounts() throws(SyscallError) {
    let readOnly = MountChange(attributes: AttributeChange(set: .readOnly))
    for mount in delayed { try applyWhenIdle(readOnly, to: mount.handle) }
    delayed = []
    if plan.rootSwitch == .changeRoot { return }
    if plan.isReadOnly { try applyWhenIdle(readOnly, to: root.handle) }
    // Never before the switch: it would have changed the host's tree.
    if let propagation = plan.propagation,
      propagation.type == .shared || propagation.type == .unbindable
    {
      try apply(
        MountChange(propagation: propagation.type, recursive: propagation.recursive),
        to: root.handle)
      // An option of a mount's own says more about it than the property for all of them.
      if propagation.recursive {
        for (mount, changes) in connected {
          for change in changes { try apply(change, to: mount.handle) }
        }
      }
    }
    connected = []
  }

  /// A mount that somebody writes to cannot turn read-only; a hook's last write may still be on its
  /// way to the disk.
  private func applyWhenIdle(_ change: MountChange, to mount: Handle) throws(SyscallError) {
    for _ in 0..<5 {
      do throws(SyscallError) {
        return try apply(change, to: mount)
      } catch {
        if error.errno != .EBUSY { throw error }
      }
      Clock.sleep(milliseconds: 100)
    }
    try apply(change, to: mount)
  }
}
