import Bytes
package import Linux

/// The tree while it is built: handles that live from one step to the next. Used by init alone.
package final class RootfsContext {
  let plan: RootfsPlan
  /// The bundle's directory, opened once in the parent; what was checked is what becomes the root.
  let directory: SharedDescriptor
  /// The root mount, once it is made.
  var root: SharedDescriptor
  /// Mounts that turn read-only at the end, with the attributes that they get then.
  var delayed: [SharedDescriptor] = []
  /// The host's `/dev/null`, detached and read-only, to be bound over files (CVE-2025-31133 is a
  /// container's own that was a link).
  var null: SharedDescriptor?
  /// The directory of the last device, for the next one.
  var lastDeviceParent: (path: ByteString, directory: SharedDescriptor)?
  private(set) var isSwitched = false

  var resolver: InRootResolver { InRootResolver(root: root.handle) }

  private init(_ plan: RootfsPlan, _ directory: SharedDescriptor) {
    self.plan = plan
    self.directory = directory
    root = directory
  }

  /// Opens the root's directory, on the host.
  package static func open(_ plan: RootfsPlan) throws(SyscallError) -> RootfsContext {
    let directory = SharedDescriptor(
      try Handle.currentDirectory.open(plan.path, [.path, .directory]))
    let host = SharedDescriptor(try Handle.currentDirectory.open("/", [.path, .directory]))
    if try directory.handle.status().isSameFile(as: host.handle.status()) {
      throw SyscallError("open", plan.path, .EINVAL)
    }
    return RootfsContext(plan, directory)
  }
}

// The first and the last steps: a root of our own.
extension RootfsContext {
  /// Cuts the mount namespace off from the host's, and makes the root's directory a mount.
  package func prepareRoot() throws(SyscallError) {
    // What is made from here on gets exactly the modes that are written.
    ThisProcess.setUmask(0)
    if plan.rootSwitch == .changeRoot { return }
    // Slave, unless asked otherwise: what the host unmounts goes away here too, and nothing leaks
    // back. `unbindable` is for the new root alone.
    let propagation: MountFlags =
      switch plan.propagation {
      case .shared: .shared
      case .private: .private
      default: .slave
      }
    try Mounting.mount(target: "/", flags: [propagation, .recursive])
    if plan.propagation == .shared { try makeParentPrivate() }
    if !plan.maskedPaths.isEmpty { null = try openNull() }
    // The parent's handle belongs to the host's mount namespace. The same directory in ours is looked
    // up again, and must be the one that was checked.
    let own = SharedDescriptor(
      try Handle.currentDirectory.open(plan.path, [.path, .directory]))
    guard try own.handle.status().isSameFile(as: directory.handle.status()) else {
      throw SyscallError("open", plan.path, .EXDEV)
    }
    let tree = SharedDescriptor(
      try Mounting.openTree(at: own.handle, clone: true, recursive: true))
    try Mounting.move(tree.handle, onto: own.handle)
    root = tree
  }

  /// pivot_root(2) refuses a root whose parent mount is shared, and the bind mount would show on the
  /// host. The parent is the mount at or above the directory.
  private func makeParentPrivate() throws(SyscallError) {
    var path = try Handle.currentDirectory.readLink(
      "/proc/self/fd/" + ByteString(decimal: directory.handle.raw))
    while true {
      do throws(SyscallError) {
        return try Mounting.mount(target: path, flags: .private)
      } catch {
        guard error.errno == .EINVAL, path.count > 1,
          let slash = path.bytes.lastIndex(of: UInt8(ascii: "/"))
        else { throw error }
        path = slash == 0 ? "/" : path.prefix(slash)
      }
    }
  }

  private func openNull() throws(SyscallError) -> SharedDescriptor {
    let device = SharedDescriptor(
      try Handle.currentDirectory.open("/dev/null", [.path, .noFollow]))
    guard try device.handle.status().isCharacterDevice(1, 3) else {
      throw SyscallError("open", "/dev/null", .ENODEV)
    }
    let clone = SharedDescriptor(try Mounting.openTree(at: device.handle, clone: true))
    try AttributeCalls.set(
      clone.handle, AttributeChange(set: [.readOnly, .noSetUserID, .noExecute]),
      propagation: .private)
    return clone
  }

  /// The new root becomes `/`, and nothing of the old one stays in sight.
  package func switchRoot() throws(SyscallError) {
    try WorkingDirectory.change(to: root.handle)
    switch plan.rootSwitch {
    case .pivot:
      try Mounting.pivotRootHere()
      // The old root lies on top now. Its unmounting must not reach the host.
      if plan.propagation == .shared {
        try Mounting.mount(target: ".", flags: [.slave, .recursive])
      }
      try Mounting.unmountDetached(".")
    case .move:
      try HostPseudoFilesystems.hide(keeping: plan.path)
      try Mounting.mount(source: ".", target: "/", flags: .move)
      try WorkingDirectory.changeRoot(to: ".")
    case .changeRoot:
      try WorkingDirectory.changeRoot(to: ".")
    }
    try WorkingDirectory.change(to: "/")
    let now = SharedDescriptor(try Handle.currentDirectory.open("/", [.path, .directory]))
    guard try now.handle.status().isSameFile(as: root.handle.status()) else {
      throw SyscallError("pivot_root", plan.path, .EXDEV)
    }
    root = now
    isSwitched = true
  }

  /// The last changes of the tree: what was writable for init alone turns read-only.
  package func finishMounts() throws(SyscallError) {
    for mount in delayed {
      try AttributeCalls.set(mount.handle, AttributeChange(set: .readOnly))
    }
    delayed = []
    if plan.rootSwitch == .changeRoot { return }
    if plan.isReadOnly { try AttributeCalls.set(root.handle, AttributeChange(set: .readOnly)) }
    // Never before the switch: it would have changed the host's tree.
    switch plan.propagation {
    case .shared: try Mounting.mount(target: "/", flags: .shared)
    case .unbindable: try Mounting.mount(target: "/", flags: .unbindable)
    default: break
    }
  }
}

/// What the host's `/proc` and `/sys` would show a container whose root was not switched with
/// pivot_root: the kernel would even let it mount unmasked ones.
enum HostPseudoFilesystems {
  static func hide(keeping root: ByteString) throws(SyscallError) {
    let info = try SharedDescriptor(
      Handle.currentDirectory.open("/proc/self/mountinfo", .readOnly)
    ).handle.readAll(limit: 64 << 20)
    let targets = targets(mountInfo: ByteString(info), keeping: root)
    // Innermost first.
    for target in targets.reversed() {
      do throws(SyscallError) {
        try Mounting.unmountDetached(target)
      } catch {
        // Locked by a user namespace: it is covered instead.
        if error.errno != .EINVAL && error.errno != .EPERM { throw error }
        try Mounting.mount(
          source: "tmpfs", target: target, type: "tmpfs", flags: .readOnly, data: "nr_inodes=2")
      }
    }
  }

  /// The mount points of procfs and sysfs outside `root` (proc_pid_mountinfo(5)).
  static func targets(mountInfo: ByteString, keeping root: ByteString) -> [ByteString] {
    var targets = [ByteString]()
    for line in mountInfo.split(on: UInt8(ascii: "\n")) {
      let fields = line.split(on: UInt8(ascii: " "))
      guard fields.count > 8, let dash = fields.firstIndex(of: "-"), dash + 1 < fields.count,
        fields[dash + 1] == "proc" || fields[dash + 1] == "sysfs"
      else { continue }
      let target = unescaped(fields[4])
      if target != root && !target.hasPrefix(root + "/") { targets.append(target) }
    }
    return targets
  }

  /// `\040` is a space.
  private static func unescaped(_ text: ByteString) -> ByteString {
    var result = [UInt8]()
    var index = 0
    while index < text.count {
      if text[index] == 0x5c, index + 3 < text.count {
        let digits = (1...3).map { UInt16(text[index + $0] &- 0x30) }
        result.append(UInt8(truncatingIfNeeded: digits[0] << 6 | digits[1] << 3 | digits[2]))
        index += 4
      } else {
        result.append(text[index])
        index += 1
      }
    }
    return ByteString(result)
  }
}
