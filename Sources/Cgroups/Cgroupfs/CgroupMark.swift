package import Bytes
import Linux

/// Extended attributes of cgroups (Linux 5.7) that say which runtime made them, and what for.
enum CgroupMark {
  /// Which container a cgroup belongs to.
  private static let container: ByteString = "user.apus.container"
  /// On a directory that a `create` made on the way down to a container's cgroup.
  private static let made: ByteString = "user.apus.made"

  /// Without it only the record leads to the cgroup.
  static func set(_ text: ByteString, on cgroup: CgroupDirectory) {
    if text.isEmpty { return }
    do throws(SyscallError) {
      let directory = try cgroup.handle.open(".", [.directory])
      try directory.handle.setAttribute(container, text)
    } catch {}
  }

  static func container(of directory: Handle) throws(SyscallError) -> ByteString {
    try directory.attribute(container, limit: 8192)
  }

  /// Without it the directory stays when its last container goes.
  static func setMade(on directory: Handle) {
    do throws(SyscallError) { try directory.setAttribute(made, "1") } catch {}
  }

  static func checkMade(_ directory: Handle) throws(SyscallError) {
    _ = try directory.attribute(made)
  }
}

extension Cgroup {
  /// The cgroups whose mark is accepted by `isWanted`, wherever below `mountPoint` they are: for a
  /// container whose record does not say it.
  package static func marked(below mountPoint: ByteString, _ isWanted: (ByteString) -> Bool)
    throws(CgroupError) -> [Cgroup]
  {
    var found = [Cgroup]()
    let root = try CgroupDirectory.openRoot(mountPoint)
    do throws(SyscallError) {
      try CgroupTree.walk(
        root.handle,
        enter: { (directory, path) throws(SyscallError) in
          do throws(SyscallError) {
            guard isWanted(try CgroupMark.container(of: directory)) else { return }
          } catch { return }
          let files = CgroupDirectory(
            CgroupPath(components: path), root: root,
            SharedDescriptor(try directory.open(".", [.path, .directory])))
          found.append(Cgroup(files, .cgroupfs(CgroupfsManager(base: nil))))
        })
    } catch {
      throw .system("searching", path: mountPoint, error)
    }
    return found
  }
}
