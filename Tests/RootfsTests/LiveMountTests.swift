import Bytes
import Linux
import OCISpec
import Testing

@testable import Rootfs

@Suite("Mounts on a container that exists")
struct LiveMountTests {
  static let host = HostFacts(
    kernel: KernelVersion(6, 8), effectiveUserID: 0, effectiveGroupID: 0, isInUserNamespace: false,
    cgroup: .unified(mountPoint: "/sys/fs/cgroup"), ownCgroup: "/", lastCapability: 40,
    permittedCapabilities: ~0)

  static func plan(_ mounts: [Mount], at pointer: ByteString = "/mounts", masked: [ByteString] = [])
    throws(ConfigError) -> RootfsPlan
  {
    var config = Config(
      root: .init(path: "rootfs"), mounts: [Mount(destination: "/old", type: "tmpfs")])
    config.linux.maskedPaths = masked
    var warnings = [ByteString]()
    return try RootfsPlan.live(
      mounts, at: pointer, config, bundle: "/b", host: host, warnings: &warnings)
  }

  @Test("the entries take the place of the configuration's, and keep their place in their document")
  func pointers() throws {
    let plan = try Self.plan(
      [
        Mount(destination: "/a", type: "tmpfs"),
        Mount(destination: "/b", source: "/s", options: ["rbind"]),
      ], at: "")
    #expect(plan.mounts.map(\.pointer) == ["/0", "/1"])
    #expect(plan.mounts.map(\.typeName) == ["tmpfs", "bind"])
    #expect(plan.startsInside)
  }

  @Test(
    "what only create can do is refused with its place",
    arguments: [
      (Mount(destination: "/", source: "/s", options: ["bind"]), "/mounts/0/destination: "),
      (Mount(destination: "/t", type: "tmpfs", options: ["remount"]), "/mounts/0/options: "),
      (Mount(destination: "/t", type: "tmpfs", options: ["silent"]), "/mounts/0/options: "),
      (Mount(destination: "/p", type: "proc"), "/mounts/0/type: "),
      (
        Mount(destination: "/t", source: "/s", options: ["bind", "copy-symlink"]),
        "/mounts/0/options: "
      ),
      (Mount(destination: "/sys", source: "/s", options: ["bind"]), "/mounts/0/destination: "),
      (
        Mount(
          destination: "/t", source: "/b/rootfs/x", options: ["bind"],
          uidMappings: [IDMapping(containerID: 0, hostID: 1, size: 1)],
          gidMappings: [IDMapping(containerID: 0, hostID: 1, size: 1)]), "/mounts/0/source: "
      ),
    ])
  func refused(mount: Mount, place: String) {
    let message = refusal { () throws(ConfigError) in
      try Self.plan([mount], masked: ["/sys/firmware"])
    }
    #expect(message.hasPrefix(place), "\(message)")
  }

  @Test("a masked path itself may be mounted over")
  func masked() throws {
    _ = try Self.plan(
      [Mount(destination: "/sys/firmware", type: "tmpfs")], masked: ["/sys/firmware"])
  }
}

@Suite("crun's inline id maps")
struct InlineIDMapTests {
  static let own: (users: [IDMapping], groups: [IDMapping]) = (
    [
      IDMapping(containerID: 0, hostID: 0, size: 1),
      IDMapping(containerID: 1, hostID: 2, size: 1000),
    ], [IDMapping(containerID: 0, hostID: 50, size: 10)]
  )

  @Test("ranges, absolute and relative")
  func ranges() throws {
    let maps = try InlineIDMap.parse("uids=@1-3-10#20-30-1;gids=0-100-10", own: Self.own)
    #expect(
      maps.users == [
        IDMapping(containerID: 1, hostID: 4, size: 10),
        IDMapping(containerID: 20, hostID: 30, size: 1),
      ])
    #expect(maps.groups == [IDMapping(containerID: 0, hostID: 100, size: 10)])
  }

  @Test(
    "what is no map is refused",
    arguments: [
      "uids=0-0-1", "uids=;gids=", "uids=0-0;gids=0-0-1", "uids=0-0-0;gids=0-0-1",
      "uids=@0-0-2;gids=0-0-1", "uids=@5000-5000-1;gids=0-0-1", "uids=0-0-1;gids=0-0-1;pids=1-1-1",
      "uids=4294967295-0-1;gids=0-0-1", "uids=0-0-1#;gids=0-0-1", "uids=@;gids=@",
    ] as [ByteString])
  func refused(text: ByteString) {
    #expect(throws: InlineIDMap.Fault.self) { try InlineIDMap.parse(text, own: Self.own) }
  }

  @Test("only maps make it one: a filesystem may have an option of this name")
  func cut() {
    #expect(InlineIDMap.cut("idmap=user") == nil)
    #expect(InlineIDMap.cut("xidmap=uids=0-0-1") == nil)
    #expect(InlineIDMap.cut("ridmap=gids=0-0-1")?.name == "ridmap")
  }
}
