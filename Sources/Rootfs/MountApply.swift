import Bytes
package import Linux

// One entry of `mounts`: a mount is made detached, gets its attributes, and is then attached to a
// handle. At no time it is named by a path that could mean something else by then.
extension RootfsContext {
  package func mount(_ plan: MountPlan) throws(SyscallError) {
    switch plan.kind {
    case .bind(let source, let recursive):
      let tree = SharedDescriptor(
        try Mounting.openTree(
          at: .currentDirectory, path: source, clone: true, recursive: recursive))
      let isDirectory = try tree.handle.status().kind == .directory
      let target = SharedDescriptor(
        isDirectory
          ? try resolver.makeDirectories(plan.destination)
          : try resolver.makeFile(plan.destination))
      try attach(tree, plan, onto: target.handle, isRecursive: recursive)
    case .filesystem(let type, let source):
      let target = SharedDescriptor(try makeTarget(plan))
      let made = try makeFilesystem(type, source, plan, over: target.handle)
      try attach(made, plan, onto: target.handle)
    case .cgroup(let fallback):
      let target = SharedDescriptor(try makeTarget(plan))
      try attach(try makeCgroupMount(plan, fallback), plan, onto: target.handle)
    case .remount:
      let target = SharedDescriptor(try resolver.open(plan.destination))
      try AttributeCalls.set(target.handle, plan.options.attributes)
    }
  }

  private func makeTarget(_ plan: MountPlan) throws(SyscallError) -> FileDescriptor {
    // procfs and sysfs only where no link leads elsewhere (CVE-2019-19921, CVE-2025-54867).
    plan.needsRealDirectory
      ? try resolver.makeRealDirectory(plan.destination)
      : try resolver.makeDirectories(plan.destination)
  }

  /// Attributes, place, propagation, recursive attributes, in the order of 6.2.
  private func attach(
    _ mount: SharedDescriptor, _ plan: MountPlan, onto target: Handle, isRecursive: Bool = false
  ) throws(SyscallError) {
    let options = plan.options
    var change = options.attributes
    if plan.delaysReadOnly { change.set.remove(.readOnly) }
    var isDone = false
    if plan.isBind {
      // A clone is still a peer of its source: cut off, unless the configuration says how they are
      // to be connected.
      let propagation: Mounting.Propagation? = options.propagation.isEmpty ? .private : nil
      isDone = try setDetached(mount.handle, change, propagation, isRecursive: isRecursive)
    }
    try Mounting.move(mount.handle, onto: target)
    if plan.isBind && !isDone {
      try AttributeCalls.set(mount.handle, change)
    }
    for step in options.propagation {
      try AttributeCalls.set(
        mount.handle, AttributeChange(), propagation: step.type, recursive: step.recursive)
    }
    if !options.recursiveAttributes.isEmpty {
      try AttributeCalls.set(mount.handle, options.recursiveAttributes, recursive: true)
    }
    if plan.options.copiesUp { try TreeCopy.fill(mount.handle, from: target) }
    if plan.delaysReadOnly { delayed.append(mount) }
  }

  /// False on a kernel that cannot change a detached mount.
  private func setDetached(
    _ mount: Handle, _ change: AttributeChange, _ propagation: Mounting.Propagation?,
    isRecursive: Bool
  ) throws(SyscallError) -> Bool {
    do throws(SyscallError) {
      if isRecursive, propagation != nil, !change.isEmpty {
        try Mounting.setAttributes(mount, propagation: propagation, recursive: true)
        try Mounting.setAttributes(mount, set: change.set, clear: change.clear)
      } else if propagation != nil || !change.isEmpty {
        try Mounting.setAttributes(
          mount, set: change.set, clear: change.clear, propagation: propagation,
          recursive: isRecursive)
      }
      return true
    } catch {
      if error.errno == .ENOSYS { return false }
      throw error
    }
  }

  private func makeFilesystem(
    _ type: ByteString, _ source: ByteString, _ plan: MountPlan, over target: Handle
  ) throws(SyscallError) -> SharedDescriptor {
    let options = plan.options
    let context = SharedDescriptor(try Mounting.openFilesystem(type))
    do throws(SyscallError) {
      if !source.isEmpty { try Mounting.configure(context.handle, "source", source) }
      if type == "tmpfs", !options.data.contains(where: { $0.hasPrefix("mode=") }) {
        // The directory that it covers keeps its mode.
        let mode = try target.status().permissions
        try Mounting.configure(context.handle, "mode", ByteString(octal: mode))
      }
      for option in options.data { try configure(context.handle, option) }
      try configureSuperblock(context.handle, type, options)
      try Mounting.create(context.handle)
    } catch {
      let complaint = Mounting.complaint(context.handle)
      throw complaint.isEmpty ? error : SyscallError(error.call, complaint, error.errno)
    }
    var attributes = options.attributes.set
    if plan.delaysReadOnly { attributes.remove(.readOnly) }
    return SharedDescriptor(try Mounting.mountFilesystem(context.handle, attributes))
  }

  private func configure(_ context: Handle, _ option: ByteString) throws(SyscallError) {
    if let (key, value) = option.cut(at: UInt8(ascii: "=")) {
      try Mounting.configure(context, key, value)
    } else {
      try Mounting.configure(context, flag: option)
    }
  }

  private func configureSuperblock(
    _ context: Handle, _ type: ByteString, _ options: MountOptions
  ) throws(SyscallError) {
    // A filesystem on a device is opened read-only as a whole; the kernel's own ones have no use for
    // it, and a tmpfs must be filled first.
    let ours: [ByteString] = ["tmpfs", "proc", "sysfs", "devpts", "mqueue", "cgroup2"]
    if options.attributes.set.contains(.readOnly), !ours.contains(type) {
      try Mounting.configure(context, flag: "ro")
    }
    if options.superblock.contains(.synchronous) { try Mounting.configure(context, flag: "sync") }
    if options.superblock.contains(.directorySync) {
      try Mounting.configure(context, flag: "dirsync")
    }
    if options.superblock.contains(.lazyTime) { try Mounting.configure(context, flag: "lazytime") }
    if options.superblock.contains(.mandatoryLocks) {
      try Mounting.configure(context, flag: "mand")
    }
    if options.superblock.contains(.inodeVersion) {
      try Mounting.configure(context, flag: "iversion")
    }
  }

  /// A cgroup2 mount, or a bind of the host's where the kernel refuses a new one (a user namespace
  /// without a cgroup namespace).
  private func makeCgroupMount(_ plan: MountPlan, _ fallback: ByteString) throws(SyscallError)
    -> SharedDescriptor
  {
    do throws(SyscallError) {
      let context = SharedDescriptor(try Mounting.openFilesystem("cgroup2"))
      try Mounting.configure(context.handle, "source", "cgroup")
      for option in plan.options.data { try configure(context.handle, option) }
      try Mounting.create(context.handle)
      return SharedDescriptor(
        try Mounting.mountFilesystem(context.handle, plan.options.attributes.set))
    } catch {
      guard error.errno == .EPERM || error.errno == .EBUSY else { throw error }
      let tree = SharedDescriptor(
        try Mounting.openTree(at: .currentDirectory, path: fallback, clone: true))
      try Mounting.setAttributes(
        tree.handle, set: plan.options.attributes.set, propagation: .private)
      return tree
    }
  }
}

extension ByteString {
  /// `0755`, as mount options and chmod(1) write it.
  init(octal value: UInt32) {
    let digits = [value >> 9 & 7, value >> 6 & 7, value >> 3 & 7, value & 7]
    self.init(digits.map { UInt8(ascii: "0") + UInt8($0) })
  }
}
