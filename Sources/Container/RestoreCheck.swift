import Bytes
import Cgroups
import Identity
import Launch
import Linux
import Namespaces
import Plan
import Rootfs
import StateStore

// Before a restored container runs: what the kernel has in force is what its configuration says.
extension HostExecutor {
  func compareInForce(_ child: ProcessHandle) throws(StepFailure) {
    guard case .container(let new) = launched else { return }
    do throws(SyscallError) {
      try checkRights(child, new.plan.exec)
      try checkCgroup(child)
      let lacking = try lackingMounts(child, new.plan.rootfs)
      if lacking.isEmpty { return }
      try mend(child, lacking)
      if let mount = try lackingMounts(child, new.plan.rootfs).first {
        throw .unmet(
          "attributes are missing on " + quoted(mount.mountPoint) + " [" + mount.pointer + "]")
      }
    } catch {
      throw StepFailure(step: "compare what is in force with the configuration", error)
    }
  }

  /// Of every process: images are files, and what they say of rights is not believed. So a container with a
  /// process that was given more by `exec` is not restored.
  private func checkRights(_ child: ProcessHandle, _ exec: ExecutionPlan) throws(SyscallError) {
    try checkRights(of: try ProcessStatus(child.pid), exec, isInit: true)
    var others = [ProcessStatus]()
    let pids: [Int32]
    do throws(CgroupError) { pids = try cgroup?.processes() ?? [] } catch {
      throw .unmet(error.message)
    }
    for pid in pids where pid != child.pid {
      do throws(SyscallError) { others.append(try ProcessStatus(pid)) } catch {
        // A helper of criu that has ended.
        if error.errno != .ENOENT && error.errno != .ESRCH { throw error }
      }
    }
    // criu is in the cgroup, too: what it restored descends from init.
    var family = [child.pid]
    while let next = others.firstIndex(where: { family.contains($0.parent) }) {
      let other = others.remove(at: next)
      family.append(other.pid)
      try checkRights(of: other, exec, isInit: false)
    }
  }

  private func checkRights(of process: ProcessStatus, _ exec: ExecutionPlan, isInit: Bool)
    throws(SyscallError)
  {
    if isInit, exec.identity.noNewPrivileges, process["NoNewPrivs"] != "1" {
      throw .unmet("the images have a process without no_new_privs [/process/noNewPrivileges]")
    }
    if exec.seccomp != nil, process["Seccomp"] == "0" {
      throw .unmet("the images have a process without a seccomp filter [/linux/seccomp]")
    }
    let planned = exec.identity.capabilities
    let allowed =
      planned.bounding | planned.permitted | planned.effective | planned.inheritable
      | planned.ambient
    let sets: [(ByteString, UInt64)] = [
      ("CapBnd", planned.bounding), ("CapInh", allowed), ("CapPrm", allowed), ("CapEff", allowed),
      ("CapAmb", allowed),
    ]
    for (name, most) in sets {
      let found = process[name].bytes.reduce(UInt64(0)) {
        $0 << 4 | UInt64(hexadecimalValue($1) ?? 0)
      }
      let more = found & ~most
      if more == 0 { continue }
      throw .unmet(
        "the images have a process with more capabilities (" + name + "): "
          + (0..<64).filter { more >> $0 & 1 != 0 }.map { Capability.name(of: $0) ?? "unknown" }
          .joined(by: ", ") + " [/process/capabilities/bounding]")
    }
  }

  private func checkCgroup(_ child: ProcessHandle) throws(SyscallError) {
    guard let cgroup else { return }
    let own = try HostFacts.readCgroup(of: child.pid)
    if own == cgroup.location || own.hasPrefix(cgroup.location + "/") { return }
    throw .unmet("it is in another cgroup: " + own + " [/linux/cgroupsPath]")
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
    switch try ThisProcess.fork() {
    case .child:
      do throws(SyscallError) {
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

/// proc_pid_status(5).
private struct ProcessStatus {
  let pid: Int32
  private let text: ByteString

  init(_ pid: Int32) throws(SyscallError) {
    self.pid = pid
    let file = SharedDescriptor(
      try Handle.currentDirectory.open("/proc/" + ByteString(decimal: pid) + "/status", .readOnly))
    text = ByteString(try file.handle.readKernelFile())
  }

  var parent: Int32 { Int32(truncatingIfNeeded: self["PPid"].unsignedDecimal ?? 0) }

  subscript(name: ByteString) -> ByteString {
    for line in text.split(on: 0x0a) where line.hasPrefix(name + ":\t") {
      return line.dropFirst(name.count + 2)
    }
    return ""
  }
}
