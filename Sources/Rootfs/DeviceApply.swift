package import Bytes
package import Linux

extension RootfsContext {
  /// Makes the node, or accepts the one that is there if it is the same (DV-6).
  package func createDevice(_ plan: DevicePlan) throws(SyscallError) {
    let (parent, name) = try deviceParent(plan.path)
    if !bindsDevices {
      do throws(SyscallError) {
        try parent.handle.makeNode(
          name, plan.kind, mode: plan.mode, major: plan.major, minor: plan.minor)
        return try giveToOwner(plan, parent, name)
      } catch {
        switch error.errno {
        case .EEXIST: return try adopt(plan, parent.handle, name)
        // In a user namespace no node can be made, so no further one is tried.
        case .EPERM: bindsDevices = true
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
      throw SyscallError("mknod", plan.path, .EEXIST)
    }
    try node.handle.changeOwner(user: plan.user, group: plan.group)
  }

  /// The same node in the tree itself gets the mode and owner that were asked for. On another mount it
  /// may be the host's own node, which is left as it is (D4).
  private func adopt(_ plan: DevicePlan, _ parent: Handle, _ name: ByteString)
    throws(SyscallError)
  {
    let node = SharedDescriptor(try parent.open(name, [.path, .noFollow]))
    let status = try node.handle.status()
    guard plan.describes(status) else { throw SyscallError("mknod", plan.path, .EEXIST) }
    guard try status.mountID == root.handle.status().mountID else { return }
    if status.userID != plan.user || status.groupID != plan.group {
      try node.handle.changeOwner(user: plan.user, group: plan.group)
    }
    if status.permissions != plan.mode {
      // The host's procfs: the root is not switched yet.
      try Handle.currentDirectory.changeMode(
        ofEntry: "/proc/self/fd/" + ByteString(decimal: node.handle.raw), plan.mode)
    }
  }

  private func check(_ plan: DevicePlan, _ parent: Handle, _ name: ByteString)
    throws(SyscallError)
  {
    if plan.describes(try parent.status(ofEntry: name)) { return }
    throw SyscallError("mknod", plan.path, .EEXIST)
  }

  /// Where nodes cannot be made, the host's is bound (DV-8).
  private func bindDevice(_ plan: DevicePlan, _ parent: Handle, _ name: ByteString)
    throws(SyscallError)
  {
    let node = SharedDescriptor(
      try Mounting.openTree(
        at: .currentDirectory, path: plan.path, clone: true, followLinks: false))
    guard plan.describes(try node.handle.status()) else {
      throw SyscallError("bind", plan.path, .ENODEV)
    }
    do throws(SyscallError) {
      try parent.makeNode(name, .regular, mode: 0o644)
    } catch {
      if error.errno != .EEXIST { throw error }
      if plan.describes(try parent.status(ofEntry: name)) { return }
    }
    let target = SharedDescriptor(try parent.open(name, [.path, .noFollow]))
    guard try target.handle.status().kind == .regular else {
      throw SyscallError("bind", plan.path, .EEXIST)
    }
    let change = AttributeChange(set: [.noSetUserID, .noExecute])
    try attach(
      node.handle, onto: target.handle,
      after: [MountChange(attributes: change, propagation: .private)])
  }

  private func deviceParent(_ path: ByteString) throws(SyscallError) -> (DeviceParent, ByteString) {
    // A plan's path is clean: it has a slash and a name after it.
    let slash = path.bytes.lastIndex(of: UInt8(ascii: "/")) ?? 0
    let directory = path.prefix(slash)
    let name = path.dropFirst(slash + 1)
    if let last = lastDeviceParent, last.path == directory { return (last, name) }
    let place = try resolver.make(directory.isEmpty ? "/" : directory, .directory)
    var isOwn = false
    if directory == "/dev", let ownDevMountID, ownDevMountID != 0 {
      isOwn = try place.handle.status().mountID == ownDevMountID
    }
    let parent = DeviceParent(path: directory, descriptor: place.descriptor, isOwn: isOwn)
    lastDeviceParent = parent
    return (parent, name)
  }

  /// The links that programs expect in `/dev` (12.2). What is there already stays, but for ptmx.
  package func createDeviceLinks() throws(SyscallError) {
    let (dev, _) = try deviceParent("/dev/null")
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
    lastDeviceParent = nil
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
    let dev = try resolver.make("/dev", .directory)
    do throws(SyscallError) {
      try dev.handle.makeNode("console", .regular, mode: 0o600)
    } catch {
      if error.errno != .EEXIST { throw error }
    }
    let target = SharedDescriptor(try dev.handle.open("console", [.path, .noFollow]))
    let kind = try target.handle.status().kind
    guard kind == .regular || kind == .character else {
      throw SyscallError("open", "/dev/console", .ELOOP)
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
  var handle: Handle { descriptor.handle }
}

extension DevicePlan {
  fileprivate func describes(_ status: FileStatus) -> Bool {
    status.kind == kind && (kind == .fifo || status.special == (major, minor))
  }
}
