package import Bytes
package import Linux

/// What there is, before a `create`, of the way down to a container's cgroup.
///
/// How far it goes is recorded before anything is made: so a `create` that is killed between mkdir(2)
/// and the mark on the new directory leaves nothing that `delete` does not know to be its own.
package struct CgroupSite {
  /// The hierarchy's root, and the ancestors that exist.
  let chain: [SharedDescriptor]

  /// How many ancestors there are.
  package var depth: Int { chain.count - 1 }

  /// nil for a plan without a cgroup, for one that systemd makes, and where the hierarchy cannot be
  /// opened: `create` says why.
  package static func find(_ plan: CgroupPlan, host: HostFacts) -> CgroupSite? {
    guard plan.unit == nil, let path = plan.path, let mountPoint = host.cgroup.mountPoint else {
      return nil
    }
    do throws(SyscallError) { return try CgroupSite(path, below: mountPoint) } catch { return nil }
  }

  init(_ path: CgroupPath, below mountPoint: ByteString) throws(SyscallError) {
    var chain = [try Cgroup.openRoot(mountPoint)]
    for name in path.components.dropLast() {
      do throws(SyscallError) {
        let parent = chain[chain.count - 1].handle
        chain.append(
          SharedDescriptor(try parent.open(name, [.directory], resolve: CgroupTree.resolve)))
      } catch {
        // Only what is not there is going to be made, and taken away again with the cgroup.
        if error.errno == .ENOENT { break }
        throw error
      }
    }
    self.chain = chain
  }
}

extension Cgroup {
  /// Says on a container's cgroup whose it is (Linux 5.7).
  private static let container: ByteString = "user.apus.container"

  /// Without it the record alone leads here.
  func mark(_ text: ByteString) {
    if text.isEmpty { return }
    do throws(SyscallError) {
      let directory = try self.directory.open(".", [.directory])
      try directory.handle.setAttribute(Cgroup.container, text)
    } catch {}
  }

  /// The cgroups whose mark is accepted by `isWanted`, wherever below `mountPoint` they lie: for a
  /// container whose record does not say it.
  package static func marked(below mountPoint: ByteString, _ isWanted: (ByteString) -> Bool)
    throws(CgroupError) -> [Cgroup]
  {
    var found = [Cgroup]()
    do throws(SyscallError) {
      let root = try openRoot(mountPoint)
      try CgroupTree.walk(
        root.handle,
        enter: { (directory, path) throws(SyscallError) in
          do throws(SyscallError) {
            guard isWanted(try directory.attribute(container, limit: 8192)) else { return }
          } catch { return }
          found.append(
            Cgroup(
              CgroupPath(components: path), root,
              SharedDescriptor(try directory.open(".", [.path, .directory]))))
        })
    } catch {
      throw CgroupError("searching", mountPoint, error)
    }
    return found
  }
}
