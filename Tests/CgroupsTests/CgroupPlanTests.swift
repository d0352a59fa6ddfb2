import Bytes
import Linux
import OCISpec
import Testing

@testable import Cgroups

/// A machine with root's rights and cgroup2 at its usual place.
func facts(_ change: (inout HostFacts) -> Void = { _ in }) throws -> HostFacts {
  var facts = try HostFacts.read()
  facts.effectiveUserID = 0
  facts.isInUserNamespace = false
  facts.cgroup = .unified(mountPoint: "/sys/fs/cgroup")
  facts.ownCgroup = "/"
  change(&facts)
  return facts
}

private func plan(
  _ linux: LinuxSection, mounts: [Mount] = [], user: UInt32 = 0,
  _ manager: CgroupManagerKind = .cgroupfs, host: HostFacts? = nil
) throws -> CgroupPlan {
  var warnings = [ByteString]()
  let config = Config(
    root: .init(path: "rootfs"), mounts: mounts,
    process: .init(cwd: "/", args: ["true"], user: .init(uid: user, gid: 0)), linux: linux)
  return try CgroupPlan.make(
    config: config, id: "abc", manager: manager, host: try host ?? facts(), warnings: &warnings)
}

@Suite("Cgroup plan")
struct CgroupPlanTests {
  private static let cgroupMount = Mount(
    destination: "/sys/fs/cgroup/", type: "cgroup", source: "cgroup", options: ["nosuid", "rw"])

  private func owner(
    _ mount: Mount? = CgroupPlanTests.cgroupMount, user: UInt32 = 5, namespaces: [ByteString],
    maps: [IDMapping] = []
  ) throws -> UInt32? {
    let linux = LinuxSection(
      namespaces: namespaces.map { .init(type: $0) }, uidMappings: maps)
    return try plan(linux, mounts: mount.map { [$0] } ?? [], user: user).owner
  }

  @Test("CO-1 CO-2 CO-3: delegated with a cgroup namespace and a writable cgroup mount only")
  func delegation() throws {
    try #expect(owner(namespaces: ["cgroup"]) == 5)
    try #expect(owner(namespaces: ["mount"]) == nil)
    try #expect(owner(nil, namespaces: ["cgroup"]) == nil)
    var readOnly = CgroupPlanTests.cgroupMount
    readOnly.options = ["ro"]
    try #expect(owner(readOnly, namespaces: ["cgroup"]) == nil)
    var elsewhere = CgroupPlanTests.cgroupMount
    elsewhere.destination = "/cgroup"
    try #expect(owner(elsewhere, namespaces: ["cgroup"]) == nil)
    // Root of the container is root of the host: it is ours already.
    try #expect(owner(user: 0, namespaces: ["cgroup"]) == nil)
  }

  @Test("CO-1: the owner is the host's number of the container's user")
  func mappedOwner() throws {
    let maps = [
      IDMapping(containerID: 0, hostID: 100_000, size: 10),
      IDMapping(containerID: 10, hostID: 5, size: 1),
    ]
    try #expect(owner(user: 0, namespaces: ["cgroup", "user"], maps: maps) == 100_000)
    try #expect(owner(user: 9, namespaces: ["cgroup", "user"], maps: maps) == 100_009)
    try #expect(owner(user: 10, namespaces: ["cgroup", "user"], maps: maps) == 5)
    try #expect(owner(user: 11, namespaces: ["cgroup", "user"], maps: maps) == nil)
  }

  @Test("without a cgroup a limit is refused, never left out")
  func disabled() throws {
    let limited = LinuxSection(resources: Resources(memory: .init(limit: 1 << 20)))
    #expect(throws: ConfigError.self) { try plan(limited, .disabled) }
    try #expect(plan(LinuxSection(), .disabled).path == nil)
    // What a cgroup is born with is no limit.
    let defaults = LinuxSection(
      resources: Resources(cpu: .init(shares: 1024), pids: .init(limit: 0)))
    try #expect(plan(defaults, .disabled).path == nil)
    let noCgroup = try facts { $0.cgroup = .none }
    #expect(throws: ConfigError.self) { try plan(limited, host: noCgroup) }
    #expect(throws: ConfigError.self) {
      try plan(LinuxSection(cgroupsPath: "/x"), host: noCgroup)
    }
    try #expect(plan(LinuxSection(), host: noCgroup).path == nil)
  }

  @Test("rootless: only a cgroup that nobody asked for may be missing")
  func rootless() throws {
    let user = try facts { $0.effectiveUserID = 1000 }
    try #expect(plan(LinuxSection(), host: user).isOptional)
    try #expect(!plan(LinuxSection(cgroupsPath: "/x"), host: user).isOptional)
    let limited = LinuxSection(resources: Resources(pids: .init(limit: 4)))
    try #expect(!plan(limited, host: user).isOptional)
    try #expect(!plan(LinuxSection()).isOptional)
  }
}
