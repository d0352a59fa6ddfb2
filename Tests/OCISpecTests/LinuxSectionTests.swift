import Bytes
import OCISpec
import Testing

@Suite("LinuxSection")
struct LinuxSectionTests {
  private func read(_ members: String) throws(ConfigError) -> LinuxSection {
    let config: Config = try decode(linux(members))
    return config.linux
  }

  @Test("an absent section asks for nothing")
  func absent() throws {
    let config: Config = try decode(config(#""hostname": "a""#))
    #expect(config.linux == LinuxSection())
    #expect(try read("") == LinuxSection())
  }

  @Test("NS-1 NS-2 NS-3: namespaces keep their order; an empty path is none")
  func namespaces() throws {
    #expect(
      try read(
        #"""
        "namespaces": [{"type": "pid"}, {"type": "network", "path": "/run/netns/a"},
          {"type": "ipc", "path": ""}]
        """#
      ).namespaces
        == [.init(type: "pid"), .init(type: "network", path: "/run/netns/a"), .init(type: "ipc")])
  }

  @Test("UM-3 TO-1: maps and clock offsets")
  func userAndTime() throws {
    let section = try read(
      #"""
      "uidMappings": [{"containerID": 0, "hostID": 1000, "size": 1}],
      "gidMappings": [{"containerID": 0, "hostID": 1001, "size": 2}],
      "timeOffsets": {"boottime": {"secs": -9223372036854775808, "nanosecs": 4294967295},
        "monotonic": {}}
      """#)
    #expect(section.uidMappings == [.init(containerID: 0, hostID: 1000, size: 1)])
    #expect(section.gidMappings == [.init(containerID: 0, hostID: 1001, size: 2)])
    #expect(
      section.timeOffsets == [
        .init("boottime", .init(secs: .min, nanosecs: .max)), .init("monotonic", .init()),
      ])
  }

  @Test("DV-1..5: a device's numbers and owner may be absent")
  func devices() throws {
    #expect(
      try read(
        #"""
        "devices": [{"type": "c", "path": "/dev/a", "major": 10, "minor": -1, "fileMode": 438,
          "uid": 1, "gid": 2}, {"type": "p", "path": "/dev/b"}]
        """#
      ).devices
        == [
          .init(type: "c", path: "/dev/a", major: 10, minor: -1, fileMode: 0o666, uid: 1, gid: 2),
          .init(type: "p", path: "/dev/b"),
        ])
  }

  @Test("ND-1: network devices keep their order")
  func netDevices() throws {
    #expect(
      try read(#""netDevices": {"eth1": {"name": "b"}, "eth0": {}, "eth2": {"name": ""}}"#)
        .netDevices
        == [.init("eth1", .init(name: "b")), .init("eth0", .init()), .init("eth2", .init())])
  }

  @Test("CG-1 LX-1..5: paths, sysctls, propagation and label")
  func strings() throws {
    let section = try read(
      #"""
      "cgroupsPath": "/a", "sysctl": {"net.b": "1", "kernel.a": ""}, "rootfsPropagation": "slave",
      "maskedPaths": ["/b", "/a"], "readonlyPaths": ["/c"], "mountLabel": "d"
      """#)
    #expect(section.cgroupsPath == "/a")
    #expect(section.sysctl == [.init("net.b", "1"), .init("kernel.a", "")])
    #expect(section.rootfsPropagation == "slave")
    #expect(section.maskedPaths == ["/b", "/a"])
    #expect(section.readonlyPaths == ["/c"])
    #expect(section.mountLabel == "d")
  }

  @Test("LX-6..9 MP-1 RD-2 RD-3 RD-7: personality, memory policy, resctrl")
  func rest() throws {
    let section = try read(
      #"""
      "personality": {"domain": "LINUX32", "flags": ["F"]},
      "memoryPolicy": {"mode": "MPOL_BIND", "nodes": "0-1", "flags": ["G"]},
      "intelRdt": {"closID": "/", "schemata": ["L3:0=f"], "l3CacheSchema": "L3:0=1",
        "memBwSchema": "MB:0=20", "enableMonitoring": true}
      """#)
    #expect(section.personality == .init(domain: "LINUX32", flags: ["F"]))
    #expect(section.memoryPolicy == .init(mode: "MPOL_BIND", nodes: "0-1", flags: ["G"]))
    #expect(
      section.intelRdt
        == .init(
          closID: "/", schemata: ["L3:0=f"], l3CacheSchema: "L3:0=1", memBwSchema: "MB:0=20",
          enableMonitoring: true))
    #expect(try read(#""intelRdt": {}"#).intelRdt == .init())
  }

  @Test("SE-1..11: seccomp, with both halves of 64 bits")
  func seccomp() throws {
    #expect(
      try read(
        #"""
        "seccomp": {"defaultAction": "D", "defaultErrnoRet": 38, "architectures": ["A"], "flags": ["F"],
          "listenerPath": "/l", "listenerMetadata": "m",
          "syscalls": [{"names": ["read", "write"], "action": "E", "errnoRet": 0, "args": [
            {"index": 1, "value": 18446744073709551615, "valueTwo": 9223372036854775808, "op": "O"},
            {"index": 4294967295, "value": 0, "op": "P"}]}, {"names": [], "action": "E"}]}
        """#
      ).seccomp
        == SeccompSection(
          defaultAction: "D", defaultErrnoRet: 38, architectures: ["A"], flags: ["F"],
          listenerPath: "/l", listenerMetadata: "m",
          syscalls: [
            .init(
              names: ["read", "write"], action: "E", errnoRet: 0,
              args: [
                .init(index: 1, value: .max, valueTwo: 1 << 63, op: "O"),
                .init(index: .max, value: 0, op: "P"),
              ]), .init(names: [], action: "E"),
          ]))
  }

  @Test("SE-4: absent flags and none are told apart")
  func seccompFlags() throws {
    #expect(try read(#""seccomp": {"defaultAction": "D"}"#).seccomp?.flags == nil)
    #expect(try read(#""seccomp": {"defaultAction": "D", "flags": []}"#).seccomp?.flags == [])
  }
}
