package import Bytes
package import Linux

extension RootfsContext {
  /// Makes the node, or accepts the one that is there if it is the same (DV-6).
  package func createDevice(_ plan: DevicePlan) throws(SyscallError) {
    let (parent, name) = try deviceParent(plan.path)
    var isNew = true
    do throws(SyscallError) {
      try parent.handle.makeNode(
        name, plan.kind, mode: plan.mode, major: plan.major, minor: plan.minor)
    } catch {
      switch error.errno {
      case .EEXIST: isNew = false
      case .EPERM: return try bindDevice(plan, parent.handle, name)
      default: throw error
      }
    }
    let node = SharedDescriptor(try parent.handle.open(name, [.path, .noFollow]))
    let status = try node.handle.status()
    guard status.kind == plan.kind,
      plan.kind == .fifo || status.special == (plan.major, plan.minor)
    else {
      throw SyscallError("mknod", plan.path, .EEXIST)
    }
    if status.userID != plan.user || status.groupID != plan.group {
      try node.handle.changeOwner(user: plan.user, group: plan.group)
    }
    if !isNew, status.permissions != plan.mode {
      // The name was just seen to be this node; a link that took its place would be refused.
      try parent.handle.changeMode(ofEntry: name, plan.mode)
    }
  }

  /// Where nodes cannot be made, the host's is bound (DV-8).
  private func bindDevice(_ plan: DevicePlan, _ parent: Handle, _ name: ByteString)
    throws(SyscallError)
  {
    let device = SharedDescriptor(try Handle.currentDirectory.open(plan.path, [.path, .noFollow]))
    let status = try device.handle.status()
    guard status.kind == plan.kind, status.special == (plan.major, plan.minor) else {
      throw SyscallError("bind", plan.path, .ENODEV)
    }
    do throws(SyscallError) {
      try parent.makeNode(name, .regular, mode: 0o644)
    } catch {
      if error.errno != .EEXIST { throw error }
    }
    let target = SharedDescriptor(try parent.open(name, [.path, .noFollow]))
    let clone = SharedDescriptor(try Mounting.openTree(at: device.handle, clone: true))
    try AttributeCalls.set(
      clone.handle, AttributeChange(set: [.noSetUserID, .noExecute]), propagation: .private)
    try Mounting.move(clone.handle, onto: target.handle)
  }

  private func deviceParent(_ path: ByteString) throws(SyscallError) -> (
    SharedDescriptor, ByteString
  ) {
    guard let slash = path.bytes.lastIndex(of: UInt8(ascii: "/")) else {
      throw SyscallError("mknod", path, .EINVAL)
    }
    let directory = path.prefix(slash)
    let name = path.dropFirst(slash + 1)
    if let last = lastDeviceParent, last.path == directory { return (last.directory, name) }
    let (parent, _) = try resolver.makeParent(of: path)
    lastDeviceParent = (directory, parent)
    return (parent, name)
  }

  /// The links that programs expect in `/dev` (12.2). What is there already stays, but for ptmx.
  package func createDeviceLinks() throws(SyscallError) {
    let (dev, _) = try deviceParent("/dev/null")
    let links: [(ByteString, ByteString)] = [
      ("fd", "/proc/self/fd"), ("stdin", "/proc/self/fd/0"), ("stdout", "/proc/self/fd/1"),
      ("stderr", "/proc/self/fd/2"),
    ]
    for (name, target) in links { try link(dev.handle, name, target) }
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
    _ = SharedDescriptor(try resolver.makeDirectories(path))
  }

  /// Binds the terminal's own descriptor on `/dev/console`: no path that the container could have put
  /// there is looked up (CVE-2025-52565, CVE-2026-88264).
  package func bindConsole(_ terminal: Handle) throws(SyscallError) {
    let dev = SharedDescriptor(try resolver.makeDirectories("/dev"))
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

  /// Standard streams that are the host's `/dev/null` become the container's: its root could change
  /// the mode of the host's through them. A device is known by its type and number (CVE-2026-88265).
  package func replaceNullStreams() throws(SyscallError) {
    var own: SharedDescriptor?
    for number: Int32 in 0...2 {
      let stream = Handle(raw: number)
      guard try stream.status().isCharacterDevice(1, 3) else { continue }
      if own == nil {
        guard let node = try resolver.openIfPresent("/dev/null"),
          try node.handle.status().isCharacterDevice(1, 3)
        else { return }
        let opened = SharedDescriptor(
          try resolver.open("/dev/null", [.readWrite, .noFollow, .noControllingTerminal]))
        guard try opened.handle.status().isCharacterDevice(1, 3) else { return }
        own = opened
      }
      if let own { try own.handle.duplicate(onto: number) }
    }
  }
}
