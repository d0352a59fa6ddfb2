import Bytes
import Linux
import OCISpec
import Testing

@testable import Cgroups

@Suite("Device filter", .enabled(if: Kernel.canMakeCgroups, Kernel.reason), .serialized)
struct DeviceFilterTests {
  private static func filter(_ rules: [Resources.DeviceRule]) -> [BPFInstruction]? {
    (try? ruleList(rules)).flatMap { DeviceProgram.make($0) }
  }

  /// Reading the start of kmsg, a device that is not among the default ones.
  private static let readKmsg: ByteString = "head -c0 /dev/kmsg 2>/dev/null"

  @Test("DR-5 DR-6 DR-8: the kernel takes the program and denies what it denies")
  func denied() throws {
    try Kernel.withCgroup("filter", filter: DeviceFilterTests.filter([])) { cgroup in
      try #expect(Kernel.shell("head -c1 /dev/zero >/dev/null", in: cgroup.directory) == 0)
      try #expect(Kernel.shell(DeviceFilterTests.readKmsg, in: cgroup.directory) != 0)
      try #expect(BPF.devicePrograms(of: cgroup.directory).count == 1)
    }
  }

  @Test("DR-1: a rule opens a device, for reading alone")
  func allowed() throws {
    let rule = Resources.DeviceRule(allow: true, type: "c", major: 1, minor: 11, access: "r")
    try Kernel.withCgroup("filter", filter: DeviceFilterTests.filter([rule])) {
      cgroup in
      try #expect(Kernel.shell(DeviceFilterTests.readKmsg, in: cgroup.directory) == 0)
      try #expect(Kernel.shell("exec 2>/dev/null 3>/dev/kmsg", in: cgroup.directory) != 0)
      try #expect(Kernel.shell("exec 2>/dev/null 3<>/dev/kmsg", in: cgroup.directory) != 0)
    }
  }

  @Test("DR-8: a program on a cgroup that exists takes the place of the old ones")
  func replaced() throws {
    try Kernel.withCgroup("filter", filter: DeviceFilterTests.filter([])) { cgroup in
      let filter = DeviceFilterTests.filter([
        .init(allow: true, type: "c", major: 1, minor: 11, access: "rwm")
      ])
      for _ in 0..<2 {
        // One that a container left would be made anew.
        CgroupMark.remove(from: cgroup.files)
        _ = try Kernel.create(Kernel.plan(again: cgroup, filter: filter))
        try #expect(BPF.devicePrograms(of: cgroup.directory).count == 1)
        try #expect(Kernel.shell(DeviceFilterTests.readKmsg, in: cgroup.directory) == 0)
      }
    }
  }

  @Test("DR-8: the longest list of rules still loads")
  func longest() throws {
    var rules = [Resources.DeviceRule]()
    for index in 0..<Int64(512) {
      var rule = Resources.DeviceRule(allow: index % 2 == 0, major: index, minor: index % 7)
      rule.type = index % 3 == 0 ? "b" : "c"
      rule.access = index % 5 == 0 ? "rwm" : "rw"
      rules.append(rule)
    }
    try Kernel.withCgroup("filter", filter: DeviceFilterTests.filter(rules)) {
      try #expect(Kernel.shell("head -c1 /dev/zero >/dev/null", in: $0.directory) == 0)
    }
  }
}
