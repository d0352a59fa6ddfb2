import Bytes
import Linux
import OCISpec
import Testing

@testable import Namespaces

@Suite("IDMapPlan")
struct IDMapPlanTests {
  private let range = IDMapping(containerID: 0, hostID: 100_000, size: 65536)

  private func make(
    _ namespaces: [LinuxSection.Namespace], users: [IDMapping], groups: [IDMapping]
  ) throws(ConfigError) -> IDMapPlan? {
    var config = config(namespaces)
    config.linux.uidMappings = users
    config.linux.gidMappings = groups
    return try IDMapPlan.make(config.linux, namespaces: try NamespacePlan.make(config: config))
  }

  @Test("UM-2: a new user namespace needs both maps, and maps need a user namespace")
  func both() throws {
    #expect(try make([], users: [], groups: []) == nil)
    #expect(try make([.init(type: "user")], users: [range], groups: [range])?.users == [range])
    for (namespaces, users, groups, pointer) in [
      ([.init(type: "user")], [], [range], "/linux/uidMappings"),
      ([.init(type: "user")], [range], [], "/linux/gidMappings"),
      ([], [range], [], "/linux/uidMappings"), ([], [], [range], "/linux/gidMappings"),
    ] as [([LinuxSection.Namespace], [IDMapping], [IDMapping], ByteString)] {
      let error = failure { () throws(ConfigError) in
        try make(namespaces, users: users, groups: groups)
      }
      #expect(error?.pointer == pointer)
    }
  }

  @Test("UM-3: a joined user namespace has a map already")
  func joined() throws {
    let user = LinuxSection.Namespace(type: "user", path: "/u")
    #expect(try make([user], users: [], groups: []) == nil)
    #expect(try make([user], users: [range], groups: [range])?.groups == [range])
    #expect(IDMapPlan.parse("         0     100000      65536\n") == [range])
    #expect(IDMapPlan.parse("0 1\n") == nil)
    #expect(IDMapPlan.parse("0 1 x\n") == nil)
    let other = IDMapping(containerID: 65536, hostID: 0, size: 1)
    #expect(IDMapPlan.isSame([range, other], [other, range]))
    #expect(!IDMapPlan.isSame([range], [other]))
    #expect(!IDMapPlan.isSame([range], [range, other]))
  }

  @Test("UM-4: empty, overlapping, overflowing and too many ranges are refused")
  func bad() {
    for (map, pointer) in [
      ([.init(containerID: 0, hostID: 0, size: 0)], "/m/0/size"),
      ([.init(containerID: .max, hostID: 0, size: 1)], "/m/0/containerID"),
      ([.init(containerID: 0, hostID: 1, size: .max)], "/m/0/hostID"),
      ([range, .init(containerID: 65535, hostID: 0, size: 1)], "/m/1/containerID"),
      ([range, .init(containerID: 65536, hostID: 99_999, size: 2)], "/m/1/hostID"),
    ] as [([IDMapping], ByteString)] {
      let error = failure { () throws(ConfigError) in
        try IDMapPlan.checked(map, pointer: "/m")
      }
      #expect(error?.pointer == pointer)
    }
    let many = (0..<341 as Range<UInt32>).map { IDMapping(containerID: $0, hostID: $0, size: 1) }
    let error = failure { () throws(ConfigError) in try IDMapPlan.checked(many, pointer: "/m") }
    #expect(error?.pointer == "/m")
    let all = IDMapping(containerID: 0, hostID: 0, size: .max)
    #expect(failure { () throws(ConfigError) in try IDMapPlan.checked([all], pointer: "") } == nil)
  }

  @Test("UM-5: ids inside and outside")
  func ids() {
    let plan = IDMapPlan(
      users: [range, .init(containerID: 70000, hostID: 5, size: 1)], groups: [range])
    #expect(plan.hostUser(0) == 100_000)
    #expect(plan.hostUser(65535) == 165_535)
    #expect(plan.hostUser(65536) == nil)
    #expect(plan.hostUser(70000) == 5)
    #expect(!plan.hasGroup(70000))
    #expect(plan.hasUser(70000))
    #expect(plan.hostGroup(1) == 100_001)
  }

  @Test("UM-4: the own id alone is mapped by hand, more by the helpers, all by root")
  func writer() {
    let own = IDMapping(containerID: 0, hostID: 1000, size: 1)
    let single = IDMapPlan(users: [own], groups: [own])
    let many = IDMapPlan(users: [own, range], groups: [own])
    var host = HostFacts(
      kernel: KernelVersion(6, 1), effectiveUserID: 1000, effectiveGroupID: 1000,
      isInUserNamespace: false, cgroup: .none, ownCgroup: "/", lastCapability: 40,
      permittedCapabilities: 0)
    #expect(single.writer(host: host) == .ownIDs)
    #expect(many.writer(host: host) == .helpers)
    host.effectiveUserID = 0
    #expect(many.writer(host: host) == .privileged)
    #expect(single.writer(host: host) == .privileged)
    host.isInUserNamespace = true
    #expect(many.writer(host: host) == .privileged)
  }

  @Test("UM-4: the kernel's lines and the helpers' arguments")
  func text() {
    let map = [range, .init(containerID: 65536, hostID: 7, size: 1)]
    #expect(IDMapPlan.text(map) == "0 100000 65536\n65536 7 1\n")
    #expect(IDMapPlan.arguments(map) == ["0", "100000", "65536", "65536", "7", "1"])
  }
}

@Suite("TimeOffsetPlan")
struct TimeOffsetPlanTests {
  private func make(
    _ offsets: [Entry<LinuxSection.TimeOffset>], _ namespaces: [LinuxSection.Namespace]
  ) throws(ConfigError) -> TimeOffsetPlan? {
    var config = config(namespaces)
    config.linux.timeOffsets = offsets
    return try TimeOffsetPlan.make(config.linux, namespaces: try NamespacePlan.make(config: config))
  }

  @Test("TO-1: a line for each clock, in one write")
  func lines() throws {
    let plan = try make(
      [
        Entry("monotonic", .init(secs: -3, nanosecs: 999_999_999)),
        Entry("boottime", .init(secs: .max)),
      ], [.init(type: "time")])
    #expect(plan?.text == "monotonic -3 999999999\nboottime 9223372036854775807 0\n")
    #expect(try make([], [.init(type: "time")]) == nil)
  }

  @Test("TO-1: no time namespace, a joined one, another clock, a whole second")
  func bad() {
    let good = Entry<LinuxSection.TimeOffset>("monotonic", .init(secs: 1))
    let new = [LinuxSection.Namespace(type: "time")]
    for (offsets, namespaces, pointer) in [
      ([good], [], "/linux/timeOffsets"),
      ([good], [.init(type: "time", path: "/t")], "/linux/timeOffsets"),
      ([Entry("realtime", .init())], new, "/linux/timeOffsets"),
      (
        [Entry("boottime", .init(nanosecs: 1_000_000_000))], new,
        "/linux/timeOffsets/boottime/nanosecs"
      ),
    ] as [([Entry<LinuxSection.TimeOffset>], [LinuxSection.Namespace], ByteString)] {
      let error = failure { () throws(ConfigError) in try make(offsets, namespaces) }
      #expect(error?.pointer == pointer)
    }
  }
}
