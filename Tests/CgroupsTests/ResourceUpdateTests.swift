import Bytes
import OCISpec
import Testing

@testable import Cgroups

@Suite("Changing limits")
struct ResourceUpdateTests {
  private func update(_ change: Resources, _ recorded: Resources = Resources()) throws -> (
    writes: [String], resources: Resources, warnings: [ByteString]
  ) {
    var warnings = [ByteString]()
    let update = try ResourceUpdate(change, recorded: recorded, warnings: &warnings)
    return (update.writes.map { "\($0.file)=\($0.value)" }, update.resources, warnings)
  }

  @Test("what is absent, or 0 where that asks for nothing, stays as it is")
  func unchanged() throws {
    let recorded = Resources(
      memory: .init(limit: 100, swap: 300), cpu: .init(shares: 512), pids: .init(limit: 7))
    let (writes, resources, _) = try update(
      Resources(memory: .init(limit: 0, swap: 0), cpu: .init(shares: 0, quota: 0)), recorded)
    #expect(writes == [] && resources == recorded)
    let pids = try update(Resources(pids: .init(limit: 0)), recorded)
    #expect(pids.writes == ["pids.max=0"] && pids.resources.pids == .init(limit: 0))
    #expect(pids.resources.memory == recorded.memory)
  }

  @Test("RS-3: limit and swap are counted together, from the record where only one is given")
  func memory() throws {
    let recorded = Resources(memory: .init(limit: 100, swap: 300))
    let raised = try update(Resources(memory: .init(limit: 150)), recorded)
    #expect(raised.writes == ["memory.swap.max=150", "memory.max=150"])
    #expect(raised.resources.memory == .init(limit: 150, swap: 300))
    let swap = try update(Resources(memory: .init(swap: 100)), recorded)
    #expect(swap.writes == ["memory.swap.max=0", "memory.max=100"])
    // Both are freed together.
    let free = try update(Resources(memory: .init(limit: -1)), recorded)
    #expect(free.writes == ["memory.swap.max=max", "memory.max=max"])
    #expect(free.resources.memory == .init(limit: -1, swap: -1))
    #expect(throws: ConfigError.self) { try update(Resources(memory: .init(limit: 400)), recorded) }
    #expect(throws: ConfigError.self) { try update(Resources(memory: .init(swap: 400))) }
    let low = try update(Resources(memory: .init(reservation: 50)), recorded)
    #expect(low.writes == ["memory.low=50"])
  }

  @Test("RS-10: quota and period keep each other")
  func cpu() throws {
    let recorded = Resources(cpu: .init(quota: 5000, burst: 1000, period: 20000))
    let period = try update(Resources(cpu: .init(period: 50000)), recorded)
    #expect(
      period.writes == ["cpu.max.burst=1000", "cpu.max=5000 50000", "cpu.max.burst=1000"])
    #expect(period.resources.cpu == .init(quota: 5000, burst: 1000, period: 50000))
    #expect(try update(Resources(cpu: .init(quota: -1))).writes == ["cpu.max=max 100000"])
    let idle = Resources(cpu: .init(idle: 1))
    let shares = try update(Resources(cpu: .init(shares: 512)), idle)
    #expect(shares.writes == ["cpu.idle=1"] && shares.warnings.count == 1)
    #expect(try update(idle, Resources(cpu: .init(shares: 512))).writes == ["cpu.idle=1"])
  }

  @Test("RS-14: a container that is no longer idle has its weight again")
  func noLongerIdle() throws {
    let change = Resources(cpu: .init(idle: 0))
    let shares = try update(change, Resources(cpu: .init(shares: 512, idle: 1)))
    #expect(shares.writes == ["cpu.idle=0", "cpu.weight=59"])
    let unified = try update(
      change,
      Resources(cpu: .init(shares: 512, idle: 1), unified: [Entry("cpu.weight", "300")]))
    #expect(unified.writes == ["cpu.idle=0", "cpu.weight=300"])
    #expect(try update(change).writes == ["cpu.idle=0"])
  }

  @Test("lists are merged by device, size and file; device rules stay")
  func lists() throws {
    let recorded = Resources(
      devices: [.init(allow: false)],
      blockIO: .init(throttleReadBpsDevice: [
        .init(major: 8, minor: 0, rate: 1), .init(major: 8, minor: 16, rate: 2),
      ]), hugepageLimits: [.init(pageSize: "2MB", limit: 1), .init(pageSize: "1GB", limit: 2)],
      unified: [Entry("memory.high", "1")])
    let (writes, resources, warnings) = try update(
      Resources(
        devices: [], blockIO: .init(throttleReadBpsDevice: [.init(major: 8, minor: 0, rate: 9)]),
        hugepageLimits: [.init(pageSize: "2MB", limit: 3)],
        unified: [Entry("memory.high", "5"), Entry("cpu.weight", "3")]),
      recorded)
    #expect(
      writes == [
        "io.max=8:0 rbps=9", "hugetlb.2MB.max=3", "hugetlb.2MB.rsvd.max=3", "memory.high=5",
        "cpu.weight=3",
      ])
    #expect(
      resources.blockIO?.throttleReadBpsDevice == [
        .init(major: 8, minor: 16, rate: 2), .init(major: 8, minor: 0, rate: 9),
      ])
    #expect(resources.hugepageLimits.count == 2 && resources.unified.count == 2)
    #expect(resources.devices == recorded.devices && warnings.count == 1)
  }

  @Test("RS-8: the use is compared with a limit that is given, not with a recorded one")
  func check() throws {
    var warnings = [ByteString]()
    let recorded = Resources(memory: .init(limit: 100, swap: 300))
    let swap = try ResourceUpdate(
      Resources(memory: .init(swap: 200, checkBeforeUpdate: true)), recorded: recorded,
      warnings: &warnings)
    #expect(swap.writes.allSatisfy { $0.floor == nil })
    let limit = try ResourceUpdate(
      Resources(memory: .init(limit: 50, checkBeforeUpdate: true)), recorded: recorded,
      warnings: &warnings)
    #expect(limit.writes.map { $0.floor } == [nil, "memory.current"])
    // Its own document has no /linux/resources.
    #expect(limit.writes.map { $0.pointer } == ["/memory/swap", "/memory/limit"])
  }
}

@Suite(
  "Changing limits in the kernel", .enabled(if: Kernel.canMakeCgroups, Kernel.reason), .serialized)
struct UpdateInKernelTests {
  @Test("a change that fails leaves every value as it was")
  func rollBack() throws {
    try Kernel.withCgroup("update") { cgroup in
      let before = [
        try cgroup.files.read("cgroup.max.depth"), try cgroup.files.read("cgroup.max.descendants"),
      ]
      let good = [
        CgroupWrite("cgroup.max.depth", "7", "/a"),
        CgroupWrite("cgroup.max.descendants", "8", "/b"),
      ]
      let error = #expect(throws: CgroupError.self) {
        try cgroup.update(good + [CgroupWrite("cgroup.max.depth", "x", "/c")])
      }
      #expect(error?.pointer == "/c")
      try #expect(cgroup.files.read("cgroup.max.depth") == before[0])
      try #expect(cgroup.files.read("cgroup.max.descendants") == before[1])
      try cgroup.update(good)
      try #expect(cgroup.files.read("cgroup.max.depth") == "7\n")
    }
  }
}
