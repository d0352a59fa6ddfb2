package import Bytes
package import Linux

/// A cgroup of a container on the cgroup2 hierarchy, by a descriptor of its directory.
///
/// The hierarchy's root is opened once and checked; below it nothing is reached through a link or
/// another mount.
package final class Cgroup {
  let path: CgroupPath
  let root: SharedDescriptor
  private let shared: SharedDescriptor
  let isUnit: Bool
  /// How many ancestors were there before its `create`, if that is known.
  let base: Int?
  private var manager: SystemdManager?
  private var holder: ScopeHolder?

  package var directory: Handle { shared.handle }
  /// Below the mount point of cgroup2: what a record needs to find it again.
  package var location: ByteString { path.text }

  init(
    _ path: CgroupPath, _ root: SharedDescriptor, _ directory: SharedDescriptor,
    isUnit: Bool = false, base: Int? = nil
  ) {
    self.path = path
    self.root = root
    self.isUnit = isUnit
    self.base = base
    shared = directory
  }

  /// The cgroup of a record; nil if it is gone.
  package static func open(
    _ path: CgroupPath, mountPoint: ByteString, manager: CgroupManagerKind = .cgroupfs,
    base: Int? = nil
  ) throws(CgroupError) -> Cgroup? {
    do throws(SyscallError) {
      return try openExisting(path, mountPoint, isUnit: manager == .systemd, base: base)
    } catch {
      if CgroupTree.isGone(error) { return nil }
      throw CgroupError("opening", path.text, error)
    }
  }

  static func openExisting(
    _ path: CgroupPath, _ mountPoint: ByteString, isUnit: Bool, base: Int? = nil
  ) throws(SyscallError) -> Cgroup {
    let root = try openRoot(mountPoint)
    let directory = try root.handle.open(
      path.relative, [.path, .directory], resolve: CgroupTree.resolve)
    return Cgroup(path, root, SharedDescriptor(directory), isUnit: isUnit, base: base)
  }

  /// What made the unit, and the process that keeps it until init is in it.
  func retain(_ manager: SystemdManager, _ holder: ScopeHolder?) {
    self.manager = manager
    self.holder = holder
  }

  func endScopeHolder() {
    holder?.end()
    holder = nil
  }

  /// The manager of the unit, the user's own if the unit lies below it.
  func systemd() throws(CgroupError) -> SystemdManager {
    if let manager { return manager }
    let new = try SystemdManager(
      isUser: path.components.contains(where: SystemdManager.isUserManager))
    manager = new
    return new
  }

  static func openRoot(_ mountPoint: ByteString) throws(SyscallError) -> SharedDescriptor {
    let root = SharedDescriptor(try Handle.currentDirectory.open(mountPoint, [.path, .directory]))
    guard try root.handle.filesystem().type == FilesystemStatus.cgroup2 else {
      throw SyscallError("it is no cgroup2 filesystem: statfs", mountPoint, .EXDEV)
    }
    return root
  }

  /// A file of this cgroup.
  func open(_ file: ByteString, _ flags: OpenFlags) throws(SyscallError) -> SharedDescriptor {
    SharedDescriptor(try directory.open(file, flags, resolve: CgroupTree.resolve))
  }

  func read(_ file: ByteString) throws(SyscallError) -> ByteString {
    let file = try directory.open(file, .readOnly, resolve: CgroupTree.resolve)
    return ByteString(try file.handle.readAll(limit: 64 << 20))
  }

  func write(_ file: ByteString, _ text: ByteString) throws(SyscallError) {
    let target = try directory.open(file, .writeOnly, resolve: CgroupTree.resolve)
    try target.handle.writeOnce(text, subject: file)
  }

  /// The value of `key` in a file of `key value` lines, such as cgroup.events.
  func value(of key: ByteString, in file: ByteString) throws(SyscallError) -> ByteString? {
    for line in try read(file).split(on: 0x0a) {
      if let (name, value) = line.cut(at: 0x20), name == key { return value }
    }
    return nil
  }
}

extension CgroupPath {
  /// Below the mount point, without a leading slash.
  var relative: ByteString { components.joined(by: "/") }

  /// The first `depth` components, without a leading slash.
  func ancestor(_ depth: Int) -> ByteString { Array(components.prefix(depth)).joined(by: "/") }
}
