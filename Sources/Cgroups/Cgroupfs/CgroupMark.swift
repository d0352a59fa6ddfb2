package import Bytes
package import Linux

/// Extended attributes of cgroups (Linux 5.7) that say which runtime made them, and what for.
///
/// A mark is set once and never replaced, so that what `delete --force` and `gc` end by it is the
/// container's. What a `create` leaves that is killed, where a cgroup
///
/// - is not made yet: the record names a path where anybody's cgroup may be. It has no mark, or another
///   one: no process in it is killed. Without one it is removed if it is empty.
/// - is made, and not marked: the same. Nobody is in it yet.
/// - is marked: by the mark it is the container's, whatever the record says. Processes in it are killed.
/// - is recorded with init: from then on its inode counts, which no other cgroup has during one boot,
///   and which a container cannot change that its own cgroup is delegated to.
///
/// Of two that make one cgroup only the first can mark it; the other is refused, and undoes nothing.
/// One that was there is marked after it was seen to be empty, thawed and nobody's.
enum CgroupMark {
  /// Which container a cgroup belongs to.
  private static let container: ByteString = "user.apus.container"
  /// On a directory that a `create` made on the way down to a container's cgroup.
  private static let made: ByteString = "user.apus.made"

  /// Without it, on an older kernel, only the record leads to the cgroup. Refused where there is one.
  static func set(_ text: ByteString, on cgroup: CgroupDirectory) throws(CgroupError) {
    if text.isEmpty { return }
    do throws(SyscallError) {
      let directory = try cgroup.handle.open(".", [.directory])
      try directory.handle.setAttribute(container, text, isNew: true)
    } catch {
      if error.errno == .EEXIST {
        throw .unmet("another command has just taken the cgroup `" + cgroup.path.text + "`")
      }
    }
  }

  static func remove(from cgroup: CgroupDirectory) {
    do throws(SyscallError) {
      let directory = try cgroup.handle.open(".", [.directory])
      try directory.handle.removeAttribute(container)
    } catch {}
  }

  static func container(of directory: Handle) throws(SyscallError) -> ByteString {
    try directory.attribute(container, limit: 8192)
  }

  /// Empty without a mark, nil where there are none.
  static func container(of cgroup: CgroupDirectory) -> ByteString? {
    do throws(SyscallError) {
      let directory = try cgroup.handle.open(".", [.directory])
      return try container(of: directory.handle)
    } catch {
      return error.errno == .ENODATA ? "" : nil
    }
  }

  /// Without it the directory stays when its last container goes.
  static func setMade(on directory: Handle) {
    do throws(SyscallError) { try directory.setAttribute(made, "1") } catch {}
  }

  static func checkMade(_ directory: Handle) throws(SyscallError) {
    _ = try directory.attribute(made)
  }
}

/// Whose a cgroup is that a record leads to.
package enum CgroupOwner: Equatable, Sendable {
  case container
  /// There is no mark: perhaps what a killed `create` made, perhaps anybody's.
  case nobody
  /// With the mark, empty where there is none.
  case other(ByteString)
}

extension Cgroup {
  /// During one boot no other has it.
  package func inode() throws(SyscallError) -> UInt64 { try directory.status().inode }

  /// - Parameter inode: the one that was recorded with init.
  package func owner(inode: UInt64?, _ isOwn: (ByteString) -> Bool) throws(SyscallError)
    -> CgroupOwner
  {
    if let inode, try self.inode() == inode { return .container }
    // What the record says is all there is.
    guard let mark = CgroupMark.container(of: files) else {
      return inode == nil ? .container : .other("")
    }
    if inode != nil { return .other(isOwn(mark) ? "" : mark) }
    if mark.isEmpty { return .nobody }
    return isOwn(mark) ? .container : .other(mark)
  }

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
