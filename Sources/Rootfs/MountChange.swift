import Bytes
import Linux

/// A change of one mount, or of a tree of mounts: attributes, propagation or both.
struct MountChange: Equatable, Sendable {
  var attributes = AttributeChange()
  var propagation: Mounting.Propagation?
  var recursive = false
}

extension MountChange {
  /// What a mount needs before it is attached, in the order of 6.2. `isTree`: it may have others
  /// below.
  static func all(for plan: MountPlan, isTree: Bool) -> [MountChange] {
    let options = plan.options
    // Without any, a bind mount is connected as its source is by now: what `rootfsPropagation` has
    // left of the host's.
    var changes = propagations(for: plan, isTree: isTree)
    // pivot_root(2) refuses a shared root, and what is mounted on it would show on the host.
    if plan.destination == "/" { changes.append(MountChange(propagation: .private)) }
    var own = options.attributes
    if plan.delaysReadOnly { own.set.remove(.readOnly) }
    // A new filesystem was mounted with these, but for one that fsmount(2) learned after 5.10.
    if !plan.isBind { own = AttributeChange(set: own.set.intersection(.noSymlinkFollow)) }
    add(own, recursive: false, to: &changes)
    add(options.recursiveAttributes, recursive: isTree, to: &changes)
    return changes
  }

  static func propagations(for plan: MountPlan, isTree: Bool) -> [MountChange] {
    plan.options.propagation.map {
      MountChange(propagation: $0.type, recursive: $0.recursive && isTree)
    }
  }

  /// One call with the change before, where both reach the same mounts.
  private static func add(
    _ attributes: AttributeChange, recursive: Bool, to changes: inout [MountChange]
  ) {
    if attributes.isEmpty { return }
    if let last = changes.indices.last, changes[last].attributes.isEmpty,
      changes[last].recursive == recursive
    {
      changes[last].attributes = attributes
    } else {
      changes.append(MountChange(attributes: attributes, recursive: recursive))
    }
  }

  /// Whether there is a mount_setattr(2): the kernel may be too old, or a sandbox around us.
  static var isKnownToKernel: Bool {
    do throws(SyscallError) {
      // Nothing to be done for nobody.
      try Mounting.setAttributes(Handle(raw: -1))
      return true
    } catch {
      return error.errno != .ENOSYS
    }
  }

  /// mount_setattr(2), which takes detached mounts too.
  func apply(to mount: Handle) throws(SyscallError) {
    try Mounting.setAttributes(
      mount, set: attributes.set, clear: attributes.clear, propagation: propagation,
      recursive: recursive)
  }

  /// The same with mount(2), for a mount that is attached; `path` leads to its root.
  func applyClassically(to mount: Handle, path: ByteString) throws(SyscallError) {
    if !attributes.isEmpty {
      // There is no such call for a whole tree.
      if recursive { throw .unmet("recursive attributes need mount_setattr (ENOSYS: Linux 5.12)") }
      // mount(2) replaces all attributes: those that are not named are given as they are.
      let present = ClassicFlags.attributes(statfs: try mount.filesystem().flags)
      let flags = ClassicFlags.flags(
        present.subtracting(attributes.clear).union(attributes.set))
      try Mounting.mount(target: path, flags: [flags, .remount, .bind])
    }
    if let propagation {
      var flags = propagation.flag
      if recursive { flags.insert(.recursive) }
      try Mounting.mount(target: path, flags: flags)
    }
  }
}

/// Attributes in the words of mount(2) and statfs(2).
enum ClassicFlags {
  private static let pairs: [(MountAttributes, MountFlags, statfs: UInt64)] = [
    (.readOnly, .readOnly, 0x1), (.noSetUserID, .noSetUserID, 0x2), (.noDevices, .noDevices, 0x4),
    (.noExecute, .noExecute, 0x8), (.noAccessTime, .noAccessTime, 0x400),
    (.noDirectoryAccessTime, .noDirectoryAccessTime, 0x800),
    (.noSymlinkFollow, .noSymlinkFollow, 0x2000),
  ]
  private static let statfsRelativeAccessTime: UInt64 = 0x1000

  static func flags(_ attributes: MountAttributes) -> MountFlags {
    var flags: MountFlags = []
    for pair in pairs where attributes.contains(pair.0) { flags.insert(pair.1) }
    if attributes.contains(.strictAccessTime) {
      flags.insert(.strictAccessTime)
    } else if !attributes.contains(.noAccessTime) {
      // Said in so many words: a remount without any of the three keeps the old one.
      flags.insert(.relativeAccessTime)
    }
    return flags
  }

  static func attributes(statfs flags: UInt64) -> MountAttributes {
    var attributes: MountAttributes = []
    for pair in pairs where flags & pair.statfs != 0 { attributes.insert(pair.0) }
    if flags & statfsRelativeAccessTime == 0, !attributes.contains(.noAccessTime) {
      attributes.insert(.strictAccessTime)
    }
    return attributes
  }
}

extension RootfsContext {
  /// Changes the mount and attaches it, so that nobody sees it as it should not be. Kernels without
  /// mount_setattr(2) only know how to change what is attached.
  func attach(_ mount: Handle, onto target: Handle, after changes: [MountChange])
    throws(SyscallError)
  {
    var done = 0
    do throws(SyscallError) {
      while done < changes.count {
        try changes[done].apply(to: mount)
        done += 1
      }
    } catch {
      if error.errno != .ENOSYS { throw error }
    }
    try beforeAttach?(mount, target)
    try Mounting.move(mount, onto: target)
    for change in changes.dropFirst(done) { try applyClassically(change, to: mount) }
  }

  /// Changes a mount that is attached.
  func apply(_ change: MountChange, to mount: Handle) throws(SyscallError) {
    do throws(SyscallError) {
      try change.apply(to: mount)
    } catch {
      if error.errno != .ENOSYS { throw error }
      try applyClassically(change, to: mount)
    }
  }

  /// Through the descriptor's link in a procfs of the host: the container's own is not trusted.
  private func applyClassically(_ change: MountChange, to mount: Handle) throws(SyscallError) {
    guard let procfs else {
      throw .unmet("without mount_setattr (ENOSYS) a procfs is needed")
    }
    try WorkingDirectory.change(to: procfs.handle)
    try change.applyClassically(to: mount, path: "self/fd/" + ByteString(decimal: mount.raw))
    try WorkingDirectory.change(to: "/")
  }
}
