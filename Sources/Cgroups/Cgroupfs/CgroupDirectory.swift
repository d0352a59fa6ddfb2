import Bytes
import Linux

/// One directory of the cgroup2 filesystem and its files, by descriptors.
///
/// The filesystem's root is opened once and checked; below it nothing is reached through a link or
/// another mount.
final class CgroupDirectory {
  let path: CgroupPath
  let root: SharedDescriptor
  private let shared: SharedDescriptor

  var handle: Handle { shared.handle }

  init(_ path: CgroupPath, root: SharedDescriptor, _ directory: SharedDescriptor) {
    self.path = path
    self.root = root
    shared = directory
  }

  static func openRoot(_ mountPoint: ByteString) throws(CgroupError) -> SharedDescriptor {
    do throws(SyscallError) {
      let root = SharedDescriptor(
        try Handle.currentDirectory.open(mountPoint, [.path, .directory]))
      if try root.handle.filesystem().type == FilesystemStatus.cgroup2 { return root }
    } catch {
      throw .system("opening", path: mountPoint, error)
    }
    throw .unmet("`" + mountPoint + "` is not a cgroup2 filesystem")
  }

  /// nil if it is gone. `known` is the filesystem's root where it is open already.
  static func open(_ path: CgroupPath, mountPoint: ByteString, known: SharedDescriptor? = nil)
    throws(CgroupError) -> CgroupDirectory?
  {
    do throws(CgroupError) {
      let root: SharedDescriptor
      if let known { root = known } else { root = try openRoot(mountPoint) }
      do throws(SyscallError) {
        return CgroupDirectory(path, root: root, try open(path.relative, below: root))
      } catch {
        throw .system("opening", path: path.text, error)
      }
    } catch {
      if error.isGone { return nil }
      throw error
    }
  }

  private static func open(_ path: ByteString, below root: SharedDescriptor) throws(SyscallError)
    -> SharedDescriptor
  {
    SharedDescriptor(
      try root.handle.open(path, [.path, .directory], resolve: CgroupTree.resolve))
  }

  /// The ancestor `depth` levels below the root, which is 0.
  func ancestor(_ depth: Int) throws(SyscallError) -> CgroupDirectory {
    if depth == path.components.count { return self }
    let above = CgroupPath(components: Array(path.components.prefix(depth)))
    return CgroupDirectory(
      above, root: root,
      depth == 0 ? root : try CgroupDirectory.open(above.relative, below: root))
  }

  func parent() throws(SyscallError) -> CgroupDirectory {
    try ancestor(max(0, path.components.count - 1))
  }

  /// Its name in its parent; empty for the root, which the kernel never removes.
  var name: ByteString { path.components.last ?? "" }

  func open(_ file: ByteString, _ flags: OpenFlags) throws(SyscallError) -> SharedDescriptor {
    SharedDescriptor(try handle.open(file, flags, resolve: CgroupTree.resolve))
  }

  func read(_ file: ByteString) throws(SyscallError) -> ByteString {
    let file = try handle.open(file, .readOnly, resolve: CgroupTree.resolve)
    return ByteString(try file.handle.readKernelFile())
  }

  /// nil where the kernel has no such file.
  func optional(_ file: ByteString) throws(SyscallError) -> ByteString? {
    do throws(SyscallError) { return try read(file) } catch {
      // Reading says whether pressure is switched off.
      if error.errno == .ENOENT || error.errno == .EOPNOTSUPP { return nil }
      throw error
    }
  }

  func write(_ file: ByteString, _ text: ByteString) throws(SyscallError) {
    let target = try handle.open(file, .writeOnly, resolve: CgroupTree.resolve)
    try target.handle.writeOnce(text, subject: file)
  }

  /// The words of the first line, such as those of cgroup.controllers.
  func words(_ file: ByteString) throws(SyscallError) -> [ByteString] {
    try read(file).split(on: 0x0a)[0].split(on: 0x20).filter { !$0.isEmpty }
  }

  /// Whether the directory has been removed.
  var isRemoved: Bool {
    do throws(SyscallError) {
      _ = try handle.status(ofEntry: "cgroup.procs")
      return false
    } catch {
      return CgroupTree.isGone(error)
    }
  }
}

extension CgroupPath {
  /// Below the mount point, without a leading slash.
  var relative: ByteString { components.joined(by: "/") }

  /// The first `depth` components, without a leading slash.
  func ancestor(_ depth: Int) -> ByteString { Array(components.prefix(depth)).joined(by: "/") }
}
