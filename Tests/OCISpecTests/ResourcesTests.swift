import Bytes
import OCISpec
import Testing

@Suite("Resources")
struct ResourcesTests {
  private func read(_ members: String) throws(ConfigError) -> Resources {
    try decode("{\(members)}")
  }

  @Test("RS-24 DR-1..4: absent device rules and none are told apart")
  func devices() throws {
    #expect(try read("").devices == nil)
    #expect(try read(#""devices": []"#).devices == [])
    #expect(
      try read(
        #"""
        "devices": [{"allow": false, "access": "rwm"},
          {"allow": true, "type": "c", "major": -1, "minor": 3, "access": ""}]
        """#
      ).devices
        == [.init(allow: false, access: "rwm"), .init(allow: true, type: "c", major: -1, minor: 3)])
  }

  @Test("RS-1..8: memory")
  func memory() throws {
    #expect(
      try read(
        #"""
        "memory": {"limit": -1, "reservation": 1, "swap": 9223372036854775807, "kernel": 2,
          "kernelTCP": 3, "swappiness": 18446744073709551615, "disableOOMKiller": false,
          "useHierarchy": true, "checkBeforeUpdate": true}
        """#
      ).memory
        == .init(
          limit: -1, reservation: 1, swap: .max, kernel: 2, kernelTCP: 3, swappiness: .max,
          disableOOMKiller: false, useHierarchy: true, checkBeforeUpdate: true))
    #expect(try read(#""memory": {}"#).memory == .init())
  }

  @Test("RS-9..14: cpu; an empty set is none")
  func cpu() throws {
    #expect(
      try read(
        #"""
        "cpu": {"shares": 1, "quota": -1, "burst": 2, "period": 3, "realtimeRuntime": -4,
          "realtimePeriod": 5, "cpus": "0-1", "mems": "", "idle": 1}
        """#
      ).cpu
        == .init(
          shares: 1, quota: -1, burst: 2, period: 3, realtimeRuntime: -4, realtimePeriod: 5,
          cpus: "0-1", idle: 1))
  }

  @Test("RS-15: a limit of no processes is a limit", arguments: [-1, 0, .max] as [Int64])
  func pids(limit: Int64) throws {
    #expect(try read(#""pids": {"limit": \#(limit)}"#).pids == .init(limit: limit))
  }

  @Test("RS-16..19: block devices")
  func blockIO() throws {
    #expect(
      try read(
        #"""
        "blockIO": {"weight": 65535, "leafWeight": 10,
          "weightDevice": [{"major": 8, "minor": 0, "weight": 1}, {"major": 8, "minor": 1, "leafWeight": 2}],
          "throttleReadBpsDevice": [{"major": 1, "minor": 2, "rate": 18446744073709551615}],
          "throttleWriteBpsDevice": [{"major": 3, "minor": 4, "rate": 5}],
          "throttleReadIOPSDevice": [{"major": 6, "minor": 7, "rate": 8}],
          "throttleWriteIOPSDevice": []}
        """#
      ).blockIO
        == .init(
          weight: 65535, leafWeight: 10,
          weightDevice: [
            .init(major: 8, minor: 0, weight: 1), .init(major: 8, minor: 1, leafWeight: 2),
          ],
          throttleReadBpsDevice: [.init(major: 1, minor: 2, rate: .max)],
          throttleWriteBpsDevice: [.init(major: 3, minor: 4, rate: 5)],
          throttleReadIOPSDevice: [.init(major: 6, minor: 7, rate: 8)]))
  }

  @Test("RS-20..23 UN-1: huge pages, rdma, network and unified keep their order")
  func maps() throws {
    let resources = try read(
      #"""
      "hugepageLimits": [{"pageSize": "2MB", "limit": 18446744073709551615}],
      "rdma": {"b": {"hcaHandles": 1}, "a": {"hcaObjects": 4294967295}},
      "network": {"classID": 4294967295, "priorities": [{"name": "eth0", "priority": 1}]},
      "unified": {"memory.high": "1", "io.max": "8:0 rbps=1\n8:16 wbps=2", "a.b": ""}
      """#)
    #expect(resources.hugepageLimits == [.init(pageSize: "2MB", limit: .max)])
    #expect(
      resources.rdma == [.init("b", .init(hcaHandles: 1)), .init("a", .init(hcaObjects: .max))])
    #expect(
      resources.network == .init(classID: .max, priorities: [.init(name: "eth0", priority: 1)]))
    #expect(
      resources.unified == [
        .init("memory.high", "1"), .init("io.max", "8:0 rbps=1\n8:16 wbps=2"), .init("a.b", ""),
      ])
  }

  @Test("limits that were changed are recorded as they were read")
  func encoding() throws {
    let resources = try read(
      #"""
      "memory": {"limit": -1, "reservation": 5, "swap": 6, "checkBeforeUpdate": true},
      "cpu": {"shares": 2, "quota": -1, "burst": 3, "period": 4, "cpus": "0-1", "mems": "0", "idle": 1},
      "pids": {"limit": 0},
      "blockIO": {"weight": 10, "weightDevice": [{"major": 8, "minor": 0, "weight": 20}],
        "throttleReadBpsDevice": [{"major": 8, "minor": 0, "rate": 1}],
        "throttleWriteBpsDevice": [{"major": 8, "minor": 0, "rate": 2}],
        "throttleReadIOPSDevice": [{"major": 8, "minor": 0, "rate": 3}],
        "throttleWriteIOPSDevice": [{"major": 8, "minor": 0, "rate": 4}]},
      "hugepageLimits": [{"pageSize": "2MB", "limit": 18446744073709551615}],
      "rdma": {"b": {"hcaHandles": 1}, "a": {"hcaObjects": 2}}, "unified": {"a.b": "x y"}
      """#)
    #expect(try Resources.read(resources.json) == resources)
    #expect(try Resources.read(Resources().json) == Resources())
  }

  @Test("VV-1: an update names the file it came from")
  func fileName() {
    do throws(ConfigError) {
      _ = try read(#""pids": {"limit": 1.0}"#)
      Issue.record("accepted")
    } catch {
      #expect(
        error.message(in: "-")
          == "- /pids/limit: `1.0` is not a whole number from -9223372036854775808 to 9223372036854775807"
      )
    }
  }
}
