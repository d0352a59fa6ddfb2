import Bytes
package import Linux
import OCISpec

extension IDMapPlan {
  /// Writes the maps of the process `pid`, which has just made its user namespace. By somebody with
  /// rights over the namespace outside: the runtime, before it gives up anything. `procfs` is the
  /// host's. setgroups first, groups, then users: with a user map of its own id alone the process
  /// could change its groups before they are mapped (UM-4).
  package func apply(pid: Int32, writer: Writer, procfs: Handle) throws(IDMapRefusal) {
    if writer == .helpers {
      try IDMapHelper.groups.run(groups, pid: pid)
      try IDMapHelper.users.run(users, pid: pid)
    }
    do throws(SyscallError) {
      if writer != .helpers { try write(pid: pid, deniesGroups: writer == .ownIDs, procfs) }
      try verify(pid: pid, procfs: procfs)
    } catch {
      throw IDMapRefusal(pointer: "/linux/uidMappings", reason: error.message)
    }
  }

  private func write(pid: Int32, deniesGroups: Bool, _ procfs: Handle) throws(SyscallError) {
    let directory = ByteString(decimal: pid) + "/"
    if deniesGroups { try write("deny", to: directory + "setgroups", procfs) }
    try write(IDMapPlan.text(groups), to: directory + "gid_map", procfs)
    try write(IDMapPlan.text(users), to: directory + "uid_map", procfs)
  }

  /// Compares with what the kernel has: after a helper wrote, and for a namespace that was joined
  /// (UM-3). The ids outside are those of the reader's namespace, which is ours.
  package func verify(pid: Int32, procfs: Handle) throws(SyscallError) {
    for (map, name) in [(users, "/uid_map"), (groups, "/gid_map")] as [([IDMapping], ByteString)] {
      let path = ByteString(decimal: pid) + name
      let file = try Procfs.open(procfs, path, .readOnly)
      let text = ByteString(try file.handle.readAll(limit: 1 << 16))
      guard let found = IDMapPlan.parse(text), IDMapPlan.isSame(found, map) else {
        throw .unmet("the id map in " + quoted(path) + " is not the configured one", path)
      }
    }
  }

  /// A user namespace without a process, for mounts that get its ids. Its maps are written by root.
  package func makeNamespace() throws(SyscallError) -> SharedDescriptor {
    let own = ThisProcess.id
    switch try ThisProcess.clone(new: .user) {
    case .child:
      do throws(SyscallError) { try ThisProcess.endWithParent(own) } catch { ThisProcess.exit(1) }
      // Until it is killed: the maps are written from outside.
      while true { Clock.sleep(milliseconds: 60_000) }
    case .parent(let child):
      var namespace: SharedDescriptor?
      var failure: SyscallError?
      do throws(SyscallError) {
        let procfs = SharedDescriptor(try Procfs.openHost())
        try write(pid: child.pid, deniesGroups: false, procfs.handle)
        try verify(pid: child.pid, procfs: procfs.handle)
        namespace = SharedDescriptor(
          try procfs.handle.open(ByteString(decimal: child.pid) + "/ns/user", .readOnly))
      } catch {
        failure = error
      }
      child.end()
      guard let namespace else { throw failure ?? .unmet("there is no user namespace for the ids") }
      return namespace
    }
  }

  /// The id outside of a user of the namespace that `pid` is in; nil if it has none.
  package static func hostUser(
    _ user: UInt32, of pid: Int32, procfs: Handle
  ) throws(SyscallError) -> UInt32? {
    let path = ByteString(decimal: pid) + "/uid_map"
    let file = try Procfs.open(procfs, path, .readOnly)
    let map = parse(ByteString(try file.handle.readAll(limit: 1 << 16))) ?? []
    return IDMapPlan(users: map, groups: []).hostUser(user)
  }

  private func write(
    _ text: ByteString, to path: ByteString, _ procfs: Handle
  ) throws(SyscallError) {
    let file = try Procfs.open(procfs, path, .writeOnly)
    try file.handle.writeOnce(text, subject: path)
  }
}
