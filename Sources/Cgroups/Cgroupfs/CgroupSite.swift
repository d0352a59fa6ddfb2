import Bytes
package import Linux

/// Which ancestors of a container's cgroup there are before its `create`.
///
/// How far it goes is recorded before anything is made: so a `create` that is killed between mkdir(2)
/// and the mark on the new directory leaves nothing that `delete` does not know to be its own.
package struct CgroupSite {
  /// The root of the filesystem, and the ancestors that exist.
  let chain: [SharedDescriptor]

  /// How many ancestors there are.
  package var depth: Int { chain.count - 1 }

  /// nil for a plan without a cgroup, for one that systemd makes, and where cgroup2 cannot be
  /// opened: `create` says why.
  package static func find(_ plan: CgroupPlan, host: HostFacts) -> CgroupSite? {
    guard plan.unit == nil, let path = plan.path, let mountPoint = host.cgroup.mountPoint else {
      return nil
    }
    do throws(CgroupError) { return try CgroupSite(path, below: mountPoint) } catch { return nil }
  }

  init(_ path: CgroupPath, below mountPoint: ByteString) throws(CgroupError) {
    var chain = [try CgroupDirectory.openRoot(mountPoint)]
    for name in path.components.dropLast() {
      do throws(SyscallError) {
        let parent = chain[chain.count - 1].handle
        chain.append(
          SharedDescriptor(try parent.open(name, [.directory], resolve: CgroupTree.resolve)))
      } catch {
        // Only what is not there is going to be made, and taken away again with the cgroup.
        if error.errno == .ENOENT { break }
        throw .system("making", path: path.text, error)
      }
    }
    self.chain = chain
  }
}
