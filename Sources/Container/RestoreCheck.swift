import Bytes
import Cgroups
import InForce
import Launch
import Linux
import Plan
import Rootfs

// Before a restored container runs: what the kernel has in force is what its configuration says.
extension HostExecutor {
  func compareInForce(_ child: ProcessHandle) throws(StepFailure) {
    guard case .container(let new) = launched else { return }
    do throws(SyscallError) {
      let lacking = try lackingMounts(child, new.plan.rootfs)
      if !lacking.isEmpty { try mend(child, lacking) }
      let subject = Subject(
        plan: new.plan, process: child, cgroup: cgroup, hasStarted: true, recorded: [])
      guard let more = try subject.gained(try subject.family()).first else { return }
      throw .unmet(
        "the images have " + more.what + ": " + more.found
          + (more.wanted.isEmpty ? "" : ", and the configuration has " + more.wanted)
          + (more.note.isEmpty ? "" : " (" + more.note + ")") + " [" + more.pointer + "]")
    } catch {
      throw StepFailure(step: "compare what is in force with the configuration", error)
    }
  }

  private func lackingMounts(_ child: ProcessHandle, _ plan: RootfsPlan) throws(SyscallError)
    -> [LackingMount]
  {
    if !hasOwnMounts(plan) { return [] }
    let base = "/proc/" + ByteString(decimal: child.pid)
    let root = SharedDescriptor(
      try Handle.currentDirectory.open(base + "/root", [.path, .directory]))
    let file = SharedDescriptor(try Handle.currentDirectory.open(base + "/mountinfo", .readOnly))
    let mounts = MountInfo.parse(try file.handle.readKernelFile()[...])
    let resolver = InRootResolver(root: root.handle)
    return try plan.lacking(mounts) { (path) throws(SyscallError) in
      guard let found = try resolver.openIfPresent(path) else { return nil }
      let status = try found.handle.status()
      let name = try Handle.currentDirectory.readLink(found.handle.descriptorPath)
      return (name, status.mountID, status.kind == .directory)
    }
  }

  private func hasOwnMounts(_ plan: RootfsPlan) -> Bool { plan.rootSwitch != .changeRoot }

  /// A mount is changed from its own mount namespace only. Nobody of the container runs meanwhile, so a
  /// path leads where it did.
  private func mend(_ process: ProcessHandle, _ lacking: [LackingMount]) throws(SyscallError) {
    try perform(in: .mount, of: process, "mend the mounts") { () throws(SyscallError) in
      for mount in lacking {
        let place = SharedDescriptor(
          try Handle.currentDirectory.open(
            mount.mountPoint, [.path, .noFollow], resolve: [.noSymlinks, .inRoot]))
        guard try place.handle.status().mountID == mount.id else { ThisProcess.exit(2) }
        try Mounting.setAttributes(place.handle, set: mount.attributes)
      }
    }
  }

  func bringLoopbackUp(_ process: ProcessHandle) throws(SyscallError) {
    try perform(in: .network, of: process, "bring the loopback device up", Socket.bringLoopbackUp)
  }

  /// By a child in the namespace of the restored process.
  private func perform(
    in kind: NamespaceFlags, of process: ProcessHandle, _ title: ByteString,
    _ body: () throws(SyscallError) -> Void
  ) throws(SyscallError) {
    let own = ThisProcess.id
    switch try ThisProcess.fork() {
    case .child:
      do throws(SyscallError) {
        try ThisProcess.endWithParent(own)
        try ThisProcess.join(process.handle, kind)
        try body()
      } catch {
        ThisProcess.exit(1)
      }
      ThisProcess.exit(0)
    case .parent(let helper):
      guard let end = try helper.wait(milliseconds: 10_000) else {
        helper.end()
        throw .unmet("not done in time", title)
      }
      if end != .exited(0) { throw .unmet("failed", title) }
    }
  }
}
