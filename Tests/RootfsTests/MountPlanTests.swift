import Bytes
import Linux
import OCISpec
import Testing

@testable import Rootfs

private let host = HostFacts(
  kernel: KernelVersion(6, 1), effectiveUserID: 0, effectiveGroupID: 0, isInUserNamespace: false,
  cgroup: .unified(mountPoint: "/sys/fs/cgroup"), ownCgroup: "/", lastCapability: 40,
  permittedCapabilities: ~0)

/// The plan of a configuration with these mounts, in the bundle `/b`.
func rootfsPlan(
  _ mounts: [Mount] = [], hasMountNamespace: Bool = true, noPivot: Bool = false,
  host: HostFacts = host, warnings: inout [ByteString], _ change: (inout Config) -> Void = { _ in }
) throws(ConfigError) -> RootfsPlan {
  var config = Config(root: .init(path: "rootfs"), mounts: mounts)
  change(&config)
  return try RootfsPlan.make(
    config: config, bundle: "/b", hasMountNamespace: hasMountNamespace, noPivot: noPivot,
    host: host, warnings: &warnings)
}

func rootfsPlan(_ mounts: [Mount] = [], _ change: (inout Config) -> Void = { _ in })
  throws(ConfigError) -> RootfsPlan
{
  var warnings = [ByteString]()
  return try rootfsPlan(mounts, warnings: &warnings, change)
}

/// The pointer and text of the refusal, empty if there is none.
func refusal(_ body: () throws(ConfigError) -> RootfsPlan) -> String {
  do throws(ConfigError) {
    _ = try body()
    return ""
  } catch {
    return (error.pointer + ": " + error.reason).description
  }
}

@Suite("Mounts: what a plan is (runtime-spec 6.1, 6.2)")
struct MountPlanTests {
  private func kind(_ mount: Mount) throws -> MountPlan.Kind {
    try #require(try rootfsPlan([mount]).mounts.first).kind
  }

  @Test("MT-5: bind or rbind among the options makes a bind mount, whatever the type says")
  func bind() throws {
    let mount = Mount(destination: "/m", type: "none", source: "/s", options: ["bind"])
    #expect(try kind(mount) == .bind(source: "/s", recursive: false))
    #expect(
      try kind(Mount(destination: "/m", source: "/s", options: ["rbind"]))
        == .bind(source: "/s", recursive: true))
    #expect(
      try kind(Mount(destination: "/m", type: "tmpfs", source: "/s", options: ["bind"]))
        == .bind(source: "/s", recursive: false))
  }

  @Test("MT-3: a relative source is relative to the bundle, and stays as it is written")
  func relativeSource() throws {
    #expect(
      try kind(Mount(destination: "/m", source: "a/../b", options: ["bind"]))
        == .bind(source: "/b/a/../b", recursive: false))
  }

  @Test(
    "MT-1: a source in the root filesystem is looked up inside it, however it is written",
    arguments: [
      ("rootfs/v", "/v"), ("/b/rootfs/v/w", "/v/w"), ("/b/./x/..//rootfs/v", "/v"),
      ("/b/rootfs", "/"), ("/b/rootfs2/v", nil), ("/v", nil), ("/b", nil), ("/", nil),
      ("/b/rootfs/../../etc", nil),
    ] as [(ByteString, ByteString?)])
  func sourceInRoot(source: ByteString, inRoot: ByteString?) throws {
    let mount = Mount(destination: "/m", source: source, options: ["bind"])
    #expect(try rootfsPlan([mount]).mounts[0].sourceInRoot == inRoot)
  }

  @Test("MT-4: a filesystem keeps its type and its source, which may be missing")
  func filesystem() throws {
    #expect(
      try kind(Mount(destination: "/p", type: "proc", source: "proc"))
        == .filesystem(type: "proc", source: "proc"))
    #expect(
      try kind(Mount(destination: "/t", type: "tmpfs")) == .filesystem(type: "tmpfs", source: ""))
  }

  @Test("a remount says whether it concerns the mount alone")
  func remount() throws {
    let mount = Mount(destination: "/m", options: ["remount", "bind", "ro"])
    #expect(try kind(mount) == .remount(bind: true, source: "", type: ""))
    #expect(
      try kind(Mount(destination: "/m", type: "tmpfs", source: "t", options: ["remount"]))
        == .remount(bind: false, source: "t", type: "tmpfs"))
  }

  @Test("the type cgroup is cgroup2: a new mount in a cgroup namespace, else the host's")
  func cgroup() throws {
    let mount = Mount(destination: "/sys/fs/cgroup", type: "cgroup", options: ["ro"])
    #expect(try kind(mount) == .cgroup(hierarchy: "/sys/fs/cgroup", isNew: false))
    let plan = try rootfsPlan([mount]) { $0.linux.namespaces = [.init(type: "cgroup")] }
    #expect(plan.mounts[0].kind == .cgroup(hierarchy: "/sys/fs/cgroup", isNew: true))
    let options = Mount(destination: "/c", type: "cgroup", options: ["nsdelegate"])
    #expect(try kind(options) == .cgroup(hierarchy: "/sys/fs/cgroup", isNew: true))
    #expect(
      try kind(Mount(destination: "/c", type: "cgroup2"))
        == .cgroup(hierarchy: "/sys/fs/cgroup", isNew: false))
    var none = host
    none.cgroup = .none
    let text = refusal { () throws(ConfigError) in
      var warnings = [ByteString]()
      return try rootfsPlan([mount], host: none, warnings: &warnings)
    }
    #expect(text == "/mounts/0/type: the host has no cgroup2 filesystem mounted")
  }

  @Test(
    "MT-2: a destination is made absolute and clean",
    arguments: [
      ("/a/b", "/a/b", 0), ("a/b", "/a/b", 1), ("//a///b/.", "/a/b", 0), ("/a/../b/", "/b", 0),
      ("/../../a", "/a", 0), ("/a/x/..", "/a", 0), ("/...", "/...", 0),
    ] as [(ByteString, ByteString, Int)])
  func destination(written: ByteString, planned: ByteString, warned: Int) throws {
    var warnings = [ByteString]()
    let plan = try rootfsPlan(
      [Mount(destination: written, type: "tmpfs")], warnings: &warnings)
    #expect(plan.mounts[0].destination == planned)
    #expect(warnings.count == warned)
    if warned == 1 { #expect(warnings[0] == "/mounts/0/destination: `a/b` is taken from `/`") }
  }

  @Test("MT-1: mounts keep their order and know their place")
  func order() throws {
    let plan = try rootfsPlan([
      Mount(destination: "/z", type: "tmpfs"), Mount(destination: "/a", type: "tmpfs"),
    ])
    #expect(plan.mounts.map(\.destination) == ["/z", "/a"])
    #expect(plan.mounts.map(\.pointer) == ["/mounts/0", "/mounts/1"])
    #expect(plan.mounts[0].title == "mount `tmpfs` on `/z`")
  }

  @Test(
    "tmpfs and /dev turn read-only at the end, everything else at once",
    arguments: [
      (Mount(destination: "/t", type: "tmpfs", options: ["ro"]), true),
      (Mount(destination: "/t", type: "tmpfs"), false),
      (Mount(destination: "/dev", type: "devtmpfs", options: ["ro"]), true),
      (Mount(destination: "/dev/", source: "/dev", options: ["bind", "ro"]), true),
      (Mount(destination: "/m", source: "/m", options: ["bind", "ro"]), false),
      (Mount(destination: "/sys", type: "sysfs", options: ["ro"]), false),
    ])
  func readOnlyAtTheEnd(mount: Mount, delayed: Bool) throws {
    #expect(try rootfsPlan([mount]).mounts[0].delaysReadOnly == delayed)
  }

  @Test("procfs, sysfs and what lies below /proc are reached through no link")
  func links() throws {
    let plan = try rootfsPlan([
      Mount(destination: "/p", type: "proc"), Mount(destination: "/sys", type: "sysfs"),
      Mount(destination: "/proc/stat", source: "/s", options: ["bind"]),
      Mount(destination: "/dev", type: "tmpfs"), Mount(destination: "/process", type: "tmpfs"),
    ])
    #expect(plan.mounts.map(\.links) == [.refuse, .refuse, .refuse, .follow, .follow])
  }

  @Test("what fsconfig cannot say is said with mount(2)")
  func classic() throws {
    let long = ByteString([UInt8](repeating: 0x61, count: 256))
    let short = ByteString([UInt8](repeating: 0x61, count: 255))
    for (options, isClassic) in [
      (["iversion"], true), (["silent"], true), ([long], true), ([short], false),
      (["sync", "lazytime", "mand", "dirsync"], false),
    ] as [([ByteString], Bool)] {
      let mount = Mount(destination: "/m", type: "overlay", options: options)
      #expect(try rootfsPlan([mount]).mounts[0].needsClassicCall == isClassic)
    }
  }
}

@Suite("Mounts: what a plan refuses (runtime-spec 6.1, 6.2; security 3.2)")
struct MountRefusalTests {
  private func refused(_ mount: Mount) -> String {
    refusal { () throws(ConfigError) in try rootfsPlan([mount]) }
  }

  @Test("MT-2: a destination that is empty, too long or the root")
  func destination() {
    #expect(refused(Mount(destination: "", type: "tmpfs")) == "/mounts/0/destination: is empty")
    let long = ByteString([UInt8](repeating: 0x2f, count: 4096))
    #expect(refused(Mount(destination: long, type: "tmpfs")).contains("longer than 4095"))
    for root: ByteString in ["/", "//", "/.", "/a/..", ".", ".."] {
      #expect(
        refused(Mount(destination: root, type: "tmpfs"))
          == "/mounts/0/destination: the root itself cannot be mounted over")
    }
  }

  @Test("MT-3: a bind mount without a source")
  func source() {
    for source: ByteString? in [nil, ""] {
      #expect(
        refused(Mount(destination: "/m", source: source, options: ["bind"]))
          == "/mounts/0/source: a bind mount needs a source")
    }
  }

  @Test("MT-4: neither a type nor a bind option; bind as a type")
  func type() {
    for type: ByteString? in [nil, ""] {
      #expect(
        refused(Mount(destination: "/m", type: type))
          == "/mounts/0/type: neither a type nor `bind` or `rbind` in the options")
    }
    #expect(
      refused(Mount(destination: "/m", type: "bind", source: "/s")).hasPrefix("/mounts/0/type: "))
  }

  @Test("data for the filesystem on a bind mount, but not defaults")
  func bindData() throws {
    #expect(
      refused(Mount(destination: "/m", source: "/s", options: ["bind", "size=1"]))
        == "/mounts/0/options: `size=1` means nothing on a bind mount")
    #expect(refused(Mount(destination: "/m", source: "/s", options: ["bind", "defaults"])) == "")
  }

  @Test("tmpcopyup elsewhere than on a tmpfs")
  func copyUp() {
    for mount in [
      Mount(destination: "/m", type: "ramfs", options: ["tmpcopyup"]),
      Mount(destination: "/m", source: "/s", options: ["bind", "tmpcopyup"]),
    ] {
      #expect(refused(mount) == "/mounts/0/options: `tmpcopyup` is for tmpfs only")
    }
    #expect(refused(Mount(destination: "/m", type: "tmpfs", options: ["tmpcopyup"])) == "")
  }

  @Test("ID-3 MT-6: an id map that is incomplete, or nobody's")
  func idMaps() {
    let map = [IDMapping(containerID: 0, hostID: 1000, size: 1)]
    for (mount, reason) in [
      (
        Mount(destination: "/m", source: "/s", options: ["bind", "idmap"]),
        "/mounts/0/options: `idmap` needs maps, or a user namespace of the container's own"
      ),
      (
        Mount(destination: "/m", source: "/s", options: ["bind"], uidMappings: map),
        "/mounts/0/gidMappings: is missing beside the other map"
      ),
      (
        Mount(destination: "/m", source: "/s", options: ["rbind", "ridmap"], gidMappings: map),
        "/mounts/0/uidMappings: is missing beside the other map"
      ),
      (
        Mount(destination: "/m", type: "tmpfs", uidMappings: map, gidMappings: map),
        "/mounts/0: only a bind mount can be idmapped"
      ),
    ] {
      #expect(refused(mount) == reason)
    }
  }

  @Test("ID-2 ID-4: the mount's own maps, recursive if `ridmap` says so")
  func ownIDMaps() throws {
    let map = [IDMapping(containerID: 0, hostID: 1000, size: 1)]
    for (options, recursive) in [(["bind"], false), (["rbind", "ridmap"], true)] {
      let mount = Mount(
        destination: "/m", source: "/s", options: options.map { ByteString($0) }, uidMappings: map,
        gidMappings: map)
      let plan = try rootfsPlan([mount])
      #expect(plan.mounts[0].idMap == MountIDMap(users: map, groups: map, recursive: recursive))
    }
  }

  @Test("MT-U3: more data than mount(2) takes, where mount(2) is needed")
  func page() {
    let layer = ByteString([UInt8](repeating: 0x61, count: 4096))
    #expect(
      refused(Mount(destination: "/m", type: "overlay", options: [layer]))
        == "/mounts/0/options: more than a page of data for the filesystem")
  }

  @Test(
    "T10: what is mounted on /proc or below it",
    arguments: [
      (Mount(destination: "/proc", type: "tmpfs"), false),
      (Mount(destination: "/proc", type: "cgroup"), false),
      (Mount(destination: "/proc", type: "proc"), true),
      (Mount(destination: "/proc", source: "/proc", options: ["rbind"]), true),
      (Mount(destination: "/proc", options: ["remount", "bind", "ro"]), true),
      (Mount(destination: "/proc/self/attr", type: "tmpfs"), false),
      (Mount(destination: "/x/../proc/self/attr", type: "tmpfs"), false),
      (Mount(destination: "proc/self", type: "tmpfs"), false),
      (Mount(destination: "/proc/sys", source: "/s", options: ["bind"]), false),
      (Mount(destination: "/proc/stat/x", source: "/s", options: ["bind"]), false),
      (Mount(destination: "/proc/cpuinfo", source: "/s", options: ["bind"]), true),
      (Mount(destination: "/proc/sys/kernel/ns_last_pid", source: "/s", options: ["bind"]), true),
      (Mount(destination: "/process", type: "tmpfs"), true),
    ])
  func proc(mount: Mount, isAllowed: Bool) {
    #expect((refused(mount) == "") == isAllowed)
  }
}
