package import Bytes
package import Linux

/// A cgroup of a container on the cgroup2 hierarchy, by a descriptor of its directory.
///
/// The hierarchy's root is opened once and checked; below it nothing is reached through a link or
/// another mount (R7).
package final class Cgroup {
  let path: CgroupPath
  let hierarchy: SharedDescriptor
  private let shared: SharedDescriptor
  package var directory: Handle { shared.handle }

  private init(_ path: CgroupPath, _ hierarchy: SharedDescriptor, _ directory: SharedDescriptor) {
    self.path = path
    self.hierarchy = hierarchy
    shared = directory
  }

  private static var resolve: ResolveFlags { [.beneath, .noSymlinks, .noCrossDevice] }

  /// Makes the cgroup and puts its device program in force, before any process can be in it; nil for a
  /// plan without a cgroup.
  package static func create(_ plan: CgroupPlan, host: HostFacts) throws(CgroupError) -> Cgroup? {
    guard let path = plan.path, let mountPoint = host.cgroup.mountPoint else { return nil }
    let cgroup: Cgroup
    let refusal: ByteString?
    do throws(SyscallError) {
      let hierarchy = try openHierarchy(mountPoint)
      cgroup = Cgroup(path, hierarchy, try makeDirectories(path, below: hierarchy))
      refusal = try cgroup.unfitness()
      if refusal == nil { try cgroup.attach(plan.deviceProgram) }
    } catch {
      throw CgroupError("making", path.text, error)
    }
    if let refusal { throw CgroupError(refusal) }
    return cgroup
  }

  /// The cgroup of a record; nil if it is gone.
  package static func open(_ path: CgroupPath, mountPoint: ByteString) throws(CgroupError)
    -> Cgroup?
  {
    do throws(SyscallError) {
      let hierarchy = try openHierarchy(mountPoint)
      let directory = SharedDescriptor(
        try hierarchy.handle.open(path.relative, [.directory], resolve: resolve))
      return Cgroup(path, hierarchy, directory)
    } catch {
      if error.errno == .ENOENT || error.errno == .ENODEV { return nil }
      throw CgroupError("opening", path.text, error)
    }
  }

  private static func openHierarchy(_ mountPoint: ByteString) throws(SyscallError)
    -> SharedDescriptor
  {
    let root = SharedDescriptor(try Handle.currentDirectory.open(mountPoint, [.path, .directory]))
    guard try root.handle.filesystem().type == FilesystemStatus.cgroup2 else {
      throw SyscallError("open", mountPoint, .ENODEV)
    }
    return root
  }

  private static func makeDirectories(_ path: CgroupPath, below root: SharedDescriptor)
    throws(SyscallError) -> SharedDescriptor
  {
    var directory = root
    for name in path.components {
      do throws(SyscallError) {
        try directory.handle.makeDirectory(name, mode: 0o755)
      } catch {
        if error.errno != .EEXIST { throw error }
      }
      directory = SharedDescriptor(
        try directory.handle.open(name, [.directory], resolve: resolve))
    }
    return directory
  }

  /// A file of this cgroup.
  func open(_ file: ByteString, _ flags: OpenFlags) throws(SyscallError) -> SharedDescriptor {
    SharedDescriptor(try directory.open(file, flags, resolve: Cgroup.resolve))
  }

  func read(_ file: ByteString) throws(SyscallError) -> ByteString {
    let file = try open(file, .readOnly)
    return ByteString(try file.handle.readAll(limit: 64 << 20))
  }

  func write(_ file: ByteString, _ text: ByteString) throws(SyscallError) {
    let target = try open(file, .writeOnly)
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

extension Cgroup {
  /// Why a new container cannot have this cgroup: another one's processes, or a freezer that would
  /// hold init up for ever (OP-7).
  private func unfitness() throws(SyscallError) -> ByteString? {
    let events = try read("cgroup.events").split(on: 0x0a)
    if events.contains("populated 1") { return "container's cgroup is not empty: " + path.text }
    if events.contains("frozen 1") { return "container's cgroup is frozen: " + path.text }
    return nil
  }

  /// Replaces the device programs of this cgroup by `program`; the old ones stay until the new one is
  /// in force.
  private func attach(_ program: [BPFInstruction]?) throws(SyscallError) {
    guard let program else { return }
    let loaded = SharedDescriptor(try BPF.loadDeviceProgram(program))
    let old = try BPF.devicePrograms(of: directory)
    try BPF.attachDeviceProgram(
      loaded.handle, to: directory, replacing: old.count == 1 ? old[0].handle : nil)
    if old.count > 1 {
      for program in old { try BPF.detachDeviceProgram(program.handle, from: directory) }
    }
  }
}

extension CgroupPath {
  /// Below the mount point, without a leading slash.
  var relative: ByteString { components.joined(by: "/") }
}
