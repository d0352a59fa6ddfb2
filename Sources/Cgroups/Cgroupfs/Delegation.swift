import Bytes
import Linux
import OCISpec

/// Whether the container may manage its own cgroup (CO-1 to CO-7).
enum Delegation {
  /// The host uid that should own the cgroup; nil keeps the runtime's. Only with a cgroup namespace of
  /// its own and a writable cgroup mount.
  static func owner(_ config: Config, host: HostFacts) -> UInt32? {
    guard isNew("cgroup", config), config.mounts.contains(where: isWritableCgroup) else {
      return nil
    }
    guard let user = hostUser(config), user != host.effectiveUserID, !host.isRootless else {
      return nil
    }
    return user
  }

  private static func isWritableCgroup(_ mount: Mount) -> Bool {
    mount.source == "cgroup" && mount.destination.pathComponents == ["sys", "fs", "cgroup"]
      && !mount.options.contains("ro")
  }

  private static func isNew(_ type: StaticString, _ config: Config) -> Bool {
    config.linux.namespaces.contains { $0.type == type && ($0.path ?? "").isEmpty }
  }

  /// nil if the user namespace is joined, or maps no such user.
  private static func hostUser(_ config: Config) -> UInt32? {
    let user = config.process?.user.uid ?? 0
    guard config.linux.namespaces.contains(where: { $0.type == "user" }) else { return user }
    guard isNew("user", config) else { return nil }
    for map in config.linux.uidMappings {
      guard user >= map.containerID, user - map.containerID < map.size else { continue }
      let (number, overflow) = map.hostID.addingReportingOverflow(user - map.containerID)
      return overflow ? nil : number
    }
    return nil
  }

  /// Hands over the directory and those of its files that the kernel lists for it, nothing else
  /// (CO-4, CO-7).
  static func handOver(_ cgroup: Handle, to user: UInt32) throws(SyscallError) {
    // CVE-2018-17961's kind: the group stays, so no group of the host gains anything.
    try cgroup.changeOwner(user: user, group: .max)
    for name in delegatedFiles() {
      do throws(SyscallError) {
        try cgroup.changeOwner(name, user: user, group: .max)
      } catch {
        // CO-5: a file that this kernel or cgroup does not have is not an error.
        if error.errno != .ENOENT { throw error }
      }
    }
  }

  private static func delegatedFiles() -> [ByteString] {
    do throws(SyscallError) {
      let list = try Handle.currentDirectory.open("/sys/kernel/cgroup/delegate", .readOnly)
      let names = ByteString(try list.handle.readAll(limit: 65536)).split(on: 0x0a)
      return names.filter { !$0.isEmpty && !$0.contains(UInt8(ascii: "/")) }
    } catch {
      // CO-6.
      return ["cgroup.procs", "cgroup.subtree_control", "cgroup.threads"]
    }
  }
}
