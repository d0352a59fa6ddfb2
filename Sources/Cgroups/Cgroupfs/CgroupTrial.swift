package import Bytes
package import Linux
import OCISpec

/// What can be done with a cgroup on this host, found out with one that is removed again.
package struct CgroupTrial {
  /// By name; nil for what succeeded.
  package private(set) var answers: [(name: StaticString, error: ByteString?)] = []

  /// In the order in which a container needs them; the first that fails ends it where the others need it.
  package init(host: HostFacts) {
    guard let mountPoint = host.cgroup.mountPoint else {
      answers.append(("make", "no cgroup2 filesystem is mounted"))
      return
    }
    do throws(ConfigError) {
      let id = "apus-doctor-" + ByteString(decimal: ThisProcess.id)
      let path = try CgroupPath(nil, id: id, ownCgroup: host.ownCgroup)
      do throws(CgroupError) {
        let plan = CgroupPlan(manager: .cgroupfs, path: path)
        let cgroup = try Cgroup.create(plan, host: host)
        guard let cgroup else { return }
        answers.append(("make", nil))
        perform(cgroup)
        try cgroup.destroy()
      } catch {
        answers.append(("make", "in " + mountPoint + ": " + error.message))
      }
    } catch {
      answers.append(("make", error.reason))
    }
  }

  private mutating func perform(_ cgroup: Cgroup) {
    add("clone3 into it") { () throws(SyscallError) in
      switch try ThisProcess.clone(into: cgroup.directory) {
      case .child: ThisProcess.exit(0)
      case .parent(let child): child.end()
      }
    }
    add("freeze") { () throws(SyscallError) in
      try cgroup.files.write("cgroup.freeze", "1")
      try cgroup.files.write("cgroup.freeze", "0")
    }
    add("kill") { () throws(SyscallError) in try cgroup.files.write("cgroup.kill", "1") }
    add("extended attributes") { () throws(SyscallError) in
      let directory = try cgroup.directory.open(".", [.directory])
      try directory.handle.setAttribute("user.apus.doctor", "1")
    }
    add("device program") { () throws(SyscallError) in
      // r0 = 1, exit: everything is allowed.
      try DeviceFilter.attach(
        [BPFInstruction(0xb7, immediate: 1), BPFInstruction(0x95)], to: cgroup.directory,
        isNew: true, isRootless: false)
    }
  }

  private mutating func add(_ name: StaticString, _ body: () throws(SyscallError) -> Void) {
    do throws(SyscallError) {
      try body()
      answers.append((name, nil))
    } catch {
      answers.append((name, error.message))
    }
  }
}

/// Whether systemd answers.
package enum SystemdTrial {
  /// nil if it does.
  package static func error(isUser: Bool) -> ByteString? {
    do throws(CgroupError) {
      _ = try SystemdBus(isUser: isUser)
      return nil
    } catch {
      return error.message
    }
  }
}
