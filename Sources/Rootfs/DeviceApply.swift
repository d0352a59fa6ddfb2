package import Bytes
package import Linux

extension RootfsContext {
  /// Makes the node, or accepts the one that is there if it is the same (DV-6).
  package func createDevice(_ plan: DevicePlan) throws(SyscallError) {
    let (parent, name) = try deviceParent(plan.path)
    if parent.isOfHost(plan) {
      // As with a bind mount on `/dev` itself, what is there is what there is.
      if plan.pointer.isEmpty || plan.path.hasPrefix("/dev/") { return }
      throw .violation(
        "refused because a symlink of the image leads into a directory of the host", plan.path)
    }
    // A fifo is no device: a user namespace may have it.
    if !bindsDevices || plan.kind == .fifo {
      do throws(SyscallError) {
        try parent.handle.makeNode(
          name, plan.kind, mode: plan.mode, major: plan.major, minor: plan.minor)
        return try giveToOwner(plan, parent, name)
      } catch {
        switch error.errno {
        case .EEXIST: return try adopt(plan, parent.handle, name)
        // In a user namespace no node can be made, so no further one is tried.
        case .EPERM where plan.kind != .fifo: bindsDevices = true
        default: throw error
        }
      }
    }
    try bindDevice(plan, parent.handle, name)
  }

  /// In a directory that the container's image can reach, the node is looked at before it is used.
  private func giveToOwner(_ plan: DevicePlan, _ parent: DeviceParent, _ name: ByteString)
    throws(SyscallError)
  {
    if !parent.isOwn { try check(plan, parent.handle, name) }
    if plan.user == 0 && plan.group == 0 { return }
    let node = SharedDescriptor(try parent.handle.open(name, [.path, .noFollow]))
    guard plan.describes(try node.handle.status()) else {
      throw .violation(quoted(plan.path) + " was replaced after it was created", plan.path)
    }
    try node.handle.changeOwner(user: plan.user, group: plan.group)
  }

  /// The same node in the tree itself gets the mode and owner that were asked for. On another mount it
  /// may be the host's own node, which is left as it is.
  private func adopt(_ plan: DevicePlan, _ parent: Handle, _ name: ByteString)
    throws(SyscallError)
  {
    let node = SharedDescriptor(try parent.open(name, [.path, .noFollow]))
    let status = try node.handle.status()
    guard plan.describes(status) else {
      throw .unmet(quoted(plan.path) + " exists and is not the configured device", plan.path)
    }
    guard try status.mountID == root.handle.status().mountID else { return }
    if status.userID != plan.user || status.groupID != plan.group {
      try node.handle.changeOwner(user: plan.user, group: plan.group)
    }
    if status.permissions != plan.mode {
      // The host's procfs: the root is not switched yet.
      try Handle.currentDirectory.changeMode(
        ofEntry: node.handle.descriptorPath, plan.mode)
    }
  }

  private func check(_ plan: DevicePlan, _ parent: Handle, _ name: ByteString)
    throws(SyscallError)
  {
    if plan.describes(try parent.status(ofEntry: name)) { return }
    throw .violation(quoted(plan.path) + " was replaced after it was created", plan.path)
  }

  /// Where nodes cannot be made, one that the parent made is bound, or else the host's (DV-8).
  private func bindDevice(_ plan: DevicePlan, _ parent: Handle, _ name: ByteString)
    throws(SyscallError)
  {
    let node: SharedDescriptor
    if let made = pinnedDevices.first(where: { $0.pointer == plan.pointer }) {
      node = made.tree
    } else {
      node = try HostDevice.find(plan)
    }
    do throws(SyscallError) {
      try parent.makeNode(name, .regular, mode: 0o644)
    } catch {
      if error.errno != .EEXIST { throw error }
      if plan.describes(try parent.status(ofEntry: name)) { return }
    }
    let target = SharedDescriptor(try parent.open(name, [.path, .noFollow]))
    guard try target.handle.status().kind == .regular else {
      throw .unmet(
        quoted(plan.path) + " exists and is neither the configured device nor a file", plan.path)
    }
    let change = AttributeChange(set: [.noSetUserID, .noExecute])
    try attach(
      node.handle, onto: target.handle,
      after: [MountChange(attributes: change, propagation: .private)])
  }

  private func deviceParent(_ path: ByteString) throws(SyscallError) -> (DeviceParent, ByteString) {
    // A plan's path is clean: it has a slash and a name after it.
    let directory = path.directoryName
    let name = path.baseName
    if let last = lastDeviceParent, last.path == directory { return (last, name) }
    var parent = try existingParent(directory)
    // Below a directory of the host nothing is made that only a link of the image leads to.
    if parent.path != directory, parent.hostBind == nil {
      let place = try resolver.make(directory, .directory)
      parent = try describe(place.descriptor, directory)
    }
    lastDeviceParent = parent
    return (parent, name)
  }

  /// `directory`, or the deepest one above it that is there; `path` says which it is.
  private func existingParent(_ directory: ByteString) throws(SyscallError) -> DeviceParent {
    for path in directory.ancestors where path != "/" {
      if let found = try resolver.openIfPresent(path) { return try describe(found, path) }
    }
    return try describe(root, "/")
  }

  private func describe(_ directory: SharedDescriptor, _ path: ByteString) throws(SyscallError)
    -> DeviceParent
  {
    let id = try directory.handle.status().mountID
    let isOwn = path == "/dev" && id == ownDevMountID && id != 0
    return DeviceParent(
      path: path, descriptor: directory, isOwn: isOwn, hostBind: isOwn ? nil : try hostBind(id))
  }

  /// The destination of the bind mount that a mount is, or lies below; nil for what is the
  /// container's own.
  private func hostBind(_ id: UInt64) throws(SyscallError) -> ByteString? {
    if bound.isEmpty { return nil }
    if try id == root.handle.status().mountID { return nil }
    if let bind = bound.last(where: { $0.mountID == id }) { return bind.destination }
    // The mounts below a recursive bind are only in mountinfo.
    let mounts = try MountInfo.read().map { (id: $0.id, parent: $0.parent) }
    var id = id
    // As deep as mounts can be nested.
    for _ in 0..<mounts.count {
      guard let parent = mounts.first(where: { $0.id == id })?.parent else { return nil }
      if let bind = bound.last(where: { $0.mountID == parent }) { return bind.destination }
      id = parent
    }
    return nil
  }

  /// The links that programs expect in `/dev`. What is there already stays, but for ptmx.
  package func createDeviceLinks() throws(SyscallError) {
    let (dev, _) = try deviceParent("/dev/null")
    defer { lastDeviceParent = nil }
    isDevOfHost = dev.hostBind != nil
    if isDevOfHost { return }
    try link(dev.handle, "fd", "/proc/self/fd")
    try link(dev.handle, "stdin", "/proc/self/fd/0")
    try link(dev.handle, "stdout", "/proc/self/fd/1")
    try link(dev.handle, "stderr", "/proc/self/fd/2")
    if try resolver.openIfPresent("/proc/kcore") != nil {
      try link(dev.handle, "core", "/proc/kcore")
    }
    if try !link(dev.handle, "ptmx", "pts/ptmx") {
      try dev.handle.unlink("ptmx")
      try dev.handle.makeSymlink("ptmx", to: "pts/ptmx")
    }
  }

  /// False if something has the name already.
  @discardableResult
  private func link(_ directory: Handle, _ name: ByteString, _ target: ByteString)
    throws(SyscallError) -> Bool
  {
    do throws(SyscallError) {
      try directory.makeSymlink(name, to: target)
      return true
    } catch {
      if error.errno == .EEXIST { return false }
      throw error
    }
  }

  /// Makes the program's directory if it is missing, while the tree can be written (PR-4).
  package func createWorkingDirectory(_ path: ByteString) throws(SyscallError) {
    do throws(SyscallError) {
      _ = try resolver.make(path, .directory)
    } catch {
      // The user may be allowed where root is not (a volume over the network); entering it tells.
      if error.errno != .EACCES { throw error }
    }
  }

  /// Binds the terminal's own descriptor on `/dev/console`: no path that the container could have put
  /// there is looked up (CVE-2025-52565, CVE-2026-88264).
  package func bindConsole(_ terminal: Handle) throws(SyscallError) {
    // It would be a mount of the host's.
    if plan.rootSwitch == .changeRoot { return }
    let dev: SharedDescriptor
    if isDevOfHost || !plan.createsDevices {
      // The host gets no file for it, nor sees the mount on the one that it has.
      guard let found = try resolver.openIfPresent("/dev"), plan.propagation?.type != .shared,
        try found.handle.has("console")
      else { return }
      dev = found
    } else {
      dev = try resolver.make("/dev", .directory).descriptor
      do throws(SyscallError) {
        try dev.handle.makeNode("console", .regular, mode: 0o600)
      } catch {
        if error.errno != .EEXIST { throw error }
      }
    }
    let target = SharedDescriptor(try dev.handle.open("console", [.path, .noFollow]))
    let kind = try target.handle.status().kind
    guard kind == .regular || kind == .character else {
      throw .violation(
        "`/dev/console` is neither a regular file nor a character device", "/dev/console")
    }
    let clone = SharedDescriptor(try Mounting.openTree(at: terminal, clone: true))
    try Mounting.move(clone.handle, onto: target.handle)
  }
}

/// Where device nodes are made.
struct DeviceParent {
  let path: ByteString
  let descriptor: SharedDescriptor
  /// Whether it is the tmpfs that we mounted ourselves, where nobody else has made a name.
  let isOwn: Bool
  /// Where the bind mount is mounted that it lies in, if it does.
  let hostBind: ByteString?

  /// Whether it is a directory of the host that the configuration did not name for the node.
  func isOfHost(_ plan: DevicePlan) -> Bool {
    guard let hostBind else { return false }
    return plan.pointer.isEmpty || plan.path.path(below: hostBind) == nil
  }

  var handle: Handle { descriptor.handle }
}

extension DevicePlan {
  func describes(_ status: FileStatus) -> Bool {
    status.kind == kind.kind && (kind == .fifo || status.special == (major, minor))
  }
}

extension Handle {
  fileprivate func has(_ name: ByteString) throws(SyscallError) -> Bool {
    do throws(SyscallError) {
      _ = try status(ofEntry: name)
      return true
    } catch {
      if error.errno == .ENOENT || error.errno == .ENOTDIR { return false }
      throw error
    }
  }
}
