import Bytes
import OCISpec
import Testing

@testable import Cgroups

/// `file=value` for each write, in order.
private func writes(_ resources: Resources) throws -> [String] {
  var warnings = [ByteString]()
  return try ResourceWrites.make(resources, warnings: &warnings).map {
    "\($0.file)=\($0.value)"
  }
}

private func refusal(_ resources: Resources) -> ByteString? {
  var warnings = [ByteString]()
  do throws(ConfigError) {
    _ = try ResourceWrites.make(resources, warnings: &warnings)
    return nil
  } catch {
    return error.pointer
  }
}

private func memory(_ memory: Resources.Memory) throws -> [String] {
  try writes(Resources(memory: memory))
}

private func cpu(_ cpu: Resources.CPU) throws -> [String] { try writes(Resources(cpu: cpu)) }

@Suite("Memory limits")
struct MemoryWriteTests {
  @Test("RS-1 RS-2: limit and reservation; -1 is max, 0 asks for nothing")
  func plain() throws {
    #expect(try memory(.init(limit: 1 << 20)) == ["memory.max=1048576"])
    #expect(try memory(.init(reservation: 4096)) == ["memory.low=4096"])
    #expect(try memory(.init(reservation: -1)) == ["memory.low=max"])
    #expect(try memory(.init(limit: 0, reservation: 0, swap: 0)) == [])
    #expect(refusal(Resources(memory: .init(limit: -2))) == "/linux/resources/memory/limit")
  }

  @Test("RS-3: swap is what is left after the limit, and is written before it")
  func swap() throws {
    #expect(
      try memory(.init(limit: 100, swap: 300)) == ["memory.swap.max=200", "memory.max=100"])
    #expect(try memory(.init(limit: 100, swap: 100)) == ["memory.swap.max=0", "memory.max=100"])
    #expect(try memory(.init(limit: 100, swap: -1)) == ["memory.swap.max=max", "memory.max=100"])
    #expect(try memory(.init(limit: 100, swap: 0)) == ["memory.max=100"])
    #expect(try memory(.init(limit: -1)) == ["memory.swap.max=max", "memory.max=max"])
    #expect(try memory(.init(limit: -1, swap: 70)) == ["memory.swap.max=70", "memory.max=max"])
    #expect(refusal(Resources(memory: .init(swap: 100))) == "/linux/resources/memory/swap")
    #expect(
      refusal(Resources(memory: .init(limit: 100, swap: 99))) == "/linux/resources/memory/swap")
  }

  @Test(
    "RS-0 RS-4..7: what cgroup v2 has no counterpart for is refused, what asks for nothing is not"
  )
  func unconvertible() throws {
    let refused: [Resources.Memory] = [
      .init(kernel: 1), .init(kernelTCP: 1), .init(swappiness: 60), .init(disableOOMKiller: true),
      .init(useHierarchy: false),
    ]
    for memory in refused { #expect(refusal(Resources(memory: memory)) != nil) }
    #expect(
      try memory(
        .init(kernel: 0, kernelTCP: -1, disableOOMKiller: false, useHierarchy: true)) == [])
  }

  @Test("RS-8: checkBeforeUpdate is about the limit alone")
  func check() throws {
    var warnings = [ByteString]()
    let writes = try ResourceWrites.make(
      Resources(memory: .init(limit: 100, swap: 300, checkBeforeUpdate: true)),
      warnings: &warnings)
    #expect(writes.map { $0.floor } == [nil, "memory.current"])
  }
}

@Suite("CPU limits")
struct CPUWriteTests {
  @Test("RS-9: the curve from shares to weight")
  func weight() throws {
    let values: [(UInt64, UInt64)] = [
      (1, 1), (2, 1), (3, 2), (10, 4), (100, 17), (256, 35), (512, 59), (1000, 99), (1024, 100),
      (2048, 174), (4096, 303), (10000, 627), (102_400, 4429), (262_144, 10_000),
      (UInt64.max, 10_000),
    ]
    for (shares, weight) in values { #expect(CPUWeight.weight(shares: shares) == weight) }
    // Every value against arbitrary precision.
    #expect((UInt64(3)..<262_144).reduce(0) { $0 + CPUWeight.weight(shares: $1) } == 1_405_368_459)
    #expect(try cpu(.init(shares: 0)) == [])
    #expect(try cpu(.init(shares: 512)) == ["cpu.weight=59"])
  }

  @Test("RS-10: quota and period are one value")
  func bandwidth() throws {
    #expect(try cpu(.init(quota: 5000)) == ["cpu.max=5000 100000"])
    #expect(try cpu(.init(quota: 5000, period: 20000)) == ["cpu.max=5000 20000"])
    #expect(try cpu(.init(quota: -1)) == ["cpu.max=max 100000"])
    #expect(try cpu(.init(period: 20000)) == ["cpu.max=max 20000"])
    #expect(try cpu(.init(quota: 0, period: 0)) == [])
  }

  @Test("RS-11: burst, at most the quota, on both sides of it")
  func burst() throws {
    #expect(
      try cpu(.init(quota: 5000, burst: 1000))
        == ["cpu.max.burst=1000", "cpu.max=5000 100000", "cpu.max.burst=1000"])
    #expect(try cpu(.init(burst: 1000)) == ["cpu.max.burst=1000"])
    #expect(refusal(Resources(cpu: .init(quota: 5, burst: 6))) == "/linux/resources/cpu/burst")
  }

  @Test("RS-12: realtime is refused")
  func realtime() throws {
    #expect(refusal(Resources(cpu: .init(realtimeRuntime: 1))) != nil)
    #expect(refusal(Resources(cpu: .init(realtimePeriod: 1))) != nil)
    #expect(try cpu(.init(realtimeRuntime: 0, realtimePeriod: 0)) == [])
  }

  @Test("RS-13 RS-14: cpusets; idle comes before the weight, or instead of it")
  func setsAndIdle() throws {
    #expect(try cpu(.init(cpus: "0-1", mems: "0")) == ["cpuset.cpus=0-1", "cpuset.mems=0"])
    #expect(try cpu(.init(cpus: "", mems: "")) == [])
    #expect(try cpu(.init(shares: 1024, idle: 0)) == ["cpu.idle=0", "cpu.weight=100"])
    #expect(refusal(Resources(cpu: .init(idle: 2))) == "/linux/resources/cpu/idle")
    var warnings = [ByteString]()
    let writes = try ResourceWrites.make(
      Resources(cpu: .init(shares: 512, idle: 1)), warnings: &warnings)
    #expect(writes.map { $0.file } == ["cpu.idle"] && warnings.count == 1)
  }
}

@Suite("Other limits")
struct OtherWriteTests {
  @Test("RS-15: pids; every negative number is max, 0 is 0")
  func pids() throws {
    #expect(try writes(Resources(pids: .init(limit: 10))) == ["pids.max=10"])
    #expect(try writes(Resources(pids: .init(limit: -1))) == ["pids.max=max"])
    #expect(try writes(Resources(pids: .init(limit: -7))) == ["pids.max=max"])
    #expect(try writes(Resources(pids: .init(limit: 0))) == ["pids.max=0"])
  }

  @Test("RS-16 RS-18: weights for BFQ, or converted for the cost model")
  func ioWeights() throws {
    var warnings = [ByteString]()
    let pairs: [(UInt16, ByteString)] = [
      (10, "1"), (100, "910"), (300, "2930"), (500, "4950"), (1000, "10000"),
    ]
    for (weight, converted) in pairs {
      let writes = try ResourceWrites.make(
        Resources(blockIO: .init(weight: weight)), warnings: &warnings)
      #expect(writes[0].file == "io.bfq.weight" && writes[0].value == ByteString(decimal: weight))
      #expect(writes[0].alternative == .init(file: "io.weight", value: converted))
    }
    let device = try ResourceWrites.make(
      Resources(blockIO: .init(weightDevice: [.init(major: 8, minor: 16, weight: 500)])),
      warnings: &warnings)
    #expect(device[0].value == "8:16 500" && device[0].alternative?.value == "8:16 4950")
    let other = try ResourceWrites.make(
      Resources(blockIO: .init(weightDevice: [.init(major: 8, minor: 16, weight: 0)])),
      warnings: &warnings)
    #expect(other[0].value == "8:16 default" && other[0].alternative?.value == "8:16 default")
    #expect(try writes(Resources(blockIO: .init())) == [])
    #expect(try writes(Resources(blockIO: .init(weight: 0))) == [])
    for weight in [UInt16(9), 1001] {
      #expect(refusal(Resources(blockIO: .init(weight: weight))) != nil)
    }
    #expect(
      refusal(Resources(blockIO: .init(weightDevice: [.init(major: 8, minor: 0)])))
        == "/linux/resources/blockIO/weightDevice/0")
  }

  @Test("RS-17: leaf weights are refused")
  func leafWeights() {
    #expect(refusal(Resources(blockIO: .init(leafWeight: 100))) != nil)
    #expect(
      refusal(
        Resources(blockIO: .init(weightDevice: [.init(major: 8, minor: 0, leafWeight: 10)])))
        == "/linux/resources/blockIO/weightDevice/0/leafWeight")
  }

  @Test("RS-19: throttles, one line a write")
  func throttles() throws {
    let blockIO = Resources.BlockIO(
      throttleReadBpsDevice: [.init(major: 8, minor: 0, rate: 1000)],
      throttleWriteBpsDevice: [.init(major: 8, minor: 0, rate: 2000)],
      throttleReadIOPSDevice: [.init(major: 8, minor: 1, rate: 30)],
      throttleWriteIOPSDevice: [.init(major: 8, minor: 1, rate: 0)])
    #expect(
      try writes(Resources(blockIO: blockIO)) == [
        "io.max=8:0 rbps=1000", "io.max=8:0 wbps=2000", "io.max=8:1 riops=30",
        "io.max=8:1 wiops=max",
      ])
    #expect(
      refusal(
        Resources(blockIO: .init(throttleReadBpsDevice: [.init(major: -1, minor: 0, rate: 1)])))
        == "/linux/resources/blockIO/throttleReadBpsDevice/0")
  }

  @Test("RS-20 T22: huge pages are limited by use and by reservation; a size is no path")
  func hugepages() throws {
    #expect(
      try writes(Resources(hugepageLimits: [.init(pageSize: "2MB", limit: 4096)])) == [
        "hugetlb.2MB.max=4096", "hugetlb.2MB.rsvd.max=4096",
      ])
    for size in ["../../x", "", "MB", "0MB", "2MiB", "2mb", "02MB", "2TB", "2MB/../x"] {
      #expect(
        refusal(Resources(hugepageLimits: [.init(pageSize: ByteString(size), limit: 1)]))
          == "/linux/resources/hugepageLimits/0/pageSize", "\(size)")
    }
  }

  @Test("RS-21: rdma")
  func rdma() throws {
    #expect(
      try writes(
        Resources(rdma: [
          Entry("mlx5_1", .init(hcaHandles: 3, hcaObjects: 10000)),
          Entry("mlx4_0", .init(hcaObjects: 5)),
        ])) == ["rdma.max=mlx5_1 hca_handle=3 hca_object=10000", "rdma.max=mlx4_0 hca_object=5"])
    #expect(refusal(Resources(rdma: [Entry("a", .init())])) == "/linux/resources/rdma/a")
    #expect(refusal(Resources(rdma: [Entry("a b", .init(hcaHandles: 1))])) != nil)
  }

  @Test("RS-22: network classes and priorities are refused")
  func network() throws {
    #expect(refusal(Resources(network: .init(classID: 7))) != nil)
    #expect(refusal(Resources(network: .init(priorities: [.init(name: "lo", priority: 1)]))) != nil)
    #expect(try writes(Resources(network: .init(classID: 0))) == [])
  }

  @Test("RS-23 UN-1 UN-3: unified files come last, unknown ones too, a line a write")
  func unified() throws {
    let resources = Resources(
      memory: .init(limit: 100), pids: .init(limit: 5),
      unified: [
        Entry("io.max", "8:0 rbps=1\n8:16 rbps=2\n"), Entry("memory.max", "7"),
        Entry("new.file_2", "x"), Entry("hugetlb.2MB.max", "0"), Entry("cpu.max", ""),
        Entry("cgroup.max.depth", "3"),
      ])
    #expect(
      try writes(resources) == [
        "pids.max=5", "memory.max=100", "io.max=8:0 rbps=1", "io.max=8:16 rbps=2", "memory.max=7",
        "new.file_2=x", "hugetlb.2MB.max=0", "cgroup.max.depth=3",
      ])
  }

  @Test(
    "UN-2 UN-3 T22: what is no file of a controller is refused",
    arguments: [
      "../x", "a/b", "/etc/x", "cgroup.procs", "cgroup.kill", "cgroup.freeze", "", ".", "..",
      "memory", "memory.", ".max", "memory max", "memory.max\u{1}",
    ])
  func unifiedRefused(_ key: String) {
    let pointer = refusal(Resources(unified: [Entry(ByteString(key), "1")]))
    #expect(pointer?.hasPrefix("/linux/resources/unified/") == true)
  }
}
