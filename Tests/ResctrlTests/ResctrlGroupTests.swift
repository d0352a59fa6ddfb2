import Bytes
import Linux
import OCISpec
import Testing

@testable import Resctrl

@Suite("Resctrl: a group, on a directory that stands for the filesystem")
struct ResctrlGroupTests {
  let filesystem: StandIn

  init() throws { filesystem = try StandIn() }

  func group(_ section: LinuxSection.IntelRdt) throws -> ResctrlGroup {
    ResctrlGroup(try ResctrlPlan.make(section, id: "web"), root: filesystem.root)
  }

  /// `make`, with the kernel's part between the steps.
  func make(_ group: ResctrlGroup, populating name: ByteString) throws {
    try group.check()
    try group.makeDirectory()
    try filesystem.populate(name)
    try group.setSchemata()
    try group.makeMonitoring()
  }

  /// What it is refused with, after the place of the property.
  func refusal(_ body: () throws(ConfigError) -> Void) -> ByteString {
    do throws(ConfigError) {
      try body()
      return "accepted"
    } catch {
      let place: ByteString = "config.json /linux/intelRdt"
      #expect(error.message.hasPrefix(place))
      return error.message.dropFirst(place.count)
    }
  }

  @Test("RD-1 RD-2 RD-3: a group of the container's own, schemata in one write, the process in it")
  func own() throws {
    let group = try group(.init(schemata: ["L2:0=f"], l3CacheSchema: "L3:0=ff"))
    try make(group, populating: "web")
    #expect(try filesystem.read("web/schemata") == "L3:0=ff\nL2:0=f\n")
    try group.add(42)
    #expect(try filesystem.read("web/tasks") == "42")
    #expect(try filesystem.read("tasks") == "")
  }

  @Test("RD-3: without schemata the file is not written")
  func unwritten() throws {
    try filesystem.root.handle.makeDirectory("gold", mode: 0o700)
    try filesystem.populate("gold", schemata: "L3:0=1\n")
    let group = try group(.init(closID: "gold"))
    try group.check()
    try group.make()
    try group.add(42)
    #expect(try filesystem.read("gold/schemata") == "L3:0=1\n")
    #expect(try filesystem.read("gold/tasks") == "42")
  }

  @Test("an update sets lines in one write, and what takes it back is only about these resources")
  func update() throws {
    try filesystem.root.handle.makeDirectory("web", mode: 0o700)
    try filesystem.populate("web", schemata: "    L3:0=fffff;1=fffff\n    MB:0=  100\n")
    let plan = try ResctrlPlan.updated(.init(), id: "web", cache: "L3:0=f", bandwidth: nil)
    let group = ResctrlGroup(plan, root: filesystem.root)
    #expect(try group.update(plan.schemata) == ["    L3:0=fffff;1=fffff"])
    #expect(try filesystem.read("web/schemata").hasPrefix("L3:0=f\n"))
    #expect(
      refusal { () throws(ConfigError) in
        _ = try ResctrlPlan.updated(nil, id: "web", cache: "L3:0=f", bandwidth: nil)
      } == ": the container has no group of resctrl")
    #expect(
      refusal { () throws(ConfigError) in
        _ = try ResctrlPlan.updated(
          .init(closID: "gold"), id: "web", cache: nil, bandwidth: "MB:0=1")
      } == "/closID: the group `gold` is not the container's alone")
    #expect(
      refusal { () throws(ConfigError) in
        _ = try ResctrlPlan.updated(.init(), id: "web", cache: nil, bandwidth: "L3:0=1")
      }.hasPrefix("/memBwSchema: "))
  }

  @Test("RD-4: a shared group is made if it is missing")
  func shared() throws {
    let group = try group(.init(closID: "gold", memBwSchema: "MB:0=20"))
    try make(group, populating: "gold")
    #expect(try filesystem.read("gold/schemata") == "MB:0=20\n")
  }

  @Test("RD-4: a group that exists is compared, and never changed")
  func compared() throws {
    let text = "    L3:0=fffff;1=fffff\n    MB:0=  100;1=  100\n" as ByteString
    let same = try group(
      .init(closID: "/", l3CacheSchema: "L3:1=0xFFFFF", memBwSchema: "MB:0=100; 1=0100"))
    try same.check()
    try same.make()
    let other = try group(.init(closID: "/", l3CacheSchema: "L3:0=fffff;1=f"))
    try other.check()
    #expect(
      refusal { () throws(ConfigError) in try other.make() }
        == ": the group `/` exists without `L3:0=fffff;1=f`")
    let missing = try group(.init(closID: "/", schemata: ["L2:0=f"]))
    #expect(refusal { () throws(ConfigError) in try missing.make() }.hasSuffix("`L2:0=f`"))
    #expect(try filesystem.read("schemata") == text)
  }

  @Test("RD-5: closID alone names a group that exists")
  func existing() throws {
    let group = try group(.init(closID: "gold"))
    #expect(
      refusal { () throws(ConfigError) in try group.check() }
        == "/closID: there is no group `gold`")
    #expect(!filesystem.has("gold"))
  }

  @Test("RD-2 RD-6: what bears the container's name and is somebody else's is not taken over")
  func foreign() throws {
    try filesystem.root.handle.makeDirectory("web", mode: 0o700)
    let own = try group(.init())
    #expect(
      refusal { () throws(ConfigError) in try own.check() }
        == ": the group `web` exists and is not the container's")
    #expect(refusal { () throws(ConfigError) in try own.make() }.hasSuffix("failed with EEXIST"))
    try own.undo()
    #expect(filesystem.has("web"))
    try filesystem.root.handle.makeDirectory("mon_groups/web", mode: 0o700)
    let monitored = try group(.init(closID: "/", enableMonitoring: true))
    #expect(
      refusal { () throws(ConfigError) in try monitored.check() }
        == "/enableMonitoring: `mon_groups/web` exists and is not the container's")
  }

  @Test("RD-7: a monitoring group in the container's group, the process in both")
  func monitoring() throws {
    let group = try group(.init(enableMonitoring: true))
    try make(group, populating: "web")
    #expect(filesystem.has("web/mon_groups/web"))
    try filesystem.write("web/mon_groups/web/tasks", "")
    try group.add(7)
    #expect(try filesystem.read("web/tasks") == "7")
    #expect(try filesystem.read("web/mon_groups/web/tasks") == "7")
  }

  @Test("RD-7: a monitoring group that cannot be made is an error")
  func unmonitored() throws {
    try filesystem.root.handle.removeDirectory("mon_groups")
    let group = try group(.init(closID: "/", enableMonitoring: true))
    try group.check()
    #expect(
      refusal { () throws(ConfigError) in try group.make() }
        == "/enableMonitoring: resctrl: cannot make the group `mon_groups/web`: openat2 "
        + "failed with ENOENT" as ByteString
    )
  }

  @Test("RD-8: the kernel's last words are part of the error")
  func lastWords() throws {
    let group = try group(.init(l3CacheSchema: "L3:0=0"))
    try group.makeDirectory()
    // In the place of a file that refuses.
    try filesystem.root.handle.makeDirectory("web/schemata", mode: 0o700)
    try filesystem.write("info/last_cmd_status", "Mask out of range\nsecond line\n")
    #expect(
      refusal { () throws(ConfigError) in try group.setSchemata() }
        == ": resctrl: cannot set `L3:0=0`: openat2 failed with EISDIR "
        + "(Mask out of range; second line)" as ByteString
    )
  }

  @Test("RD-6 ER-1: a failed create takes back what it made")
  func undone() throws {
    let own = try group(.init(memBwSchema: "MB:0=20"))
    try make(own, populating: "web")
    try filesystem.empty("web")
    try own.undo()
    #expect(!filesystem.has("web"))
    let monitored = try group(.init(closID: "/", enableMonitoring: true))
    try monitored.make()
    try monitored.undo()
    #expect(!filesystem.has("mon_groups/web"))
    let shared = try group(.init(closID: "gold", memBwSchema: "MB:0=20"))
    try make(shared, populating: "gold")
    try filesystem.write("gold/tasks", "99\n")
    try shared.undo()
    #expect(filesystem.has("gold"))
  }

  @Test("RD-6: delete removes what was recorded, and is content when it is gone")
  func removed() throws {
    let root = filesystem.root.handle
    try root.makeDirectory("mon_groups/web", mode: 0o700)
    try ResctrlGroup.remove("mon_groups/web", below: root)
    #expect(!filesystem.has("mon_groups/web") && filesystem.has("mon_groups"))
    try ResctrlGroup.remove("mon_groups/web", below: root)
    try ResctrlGroup.remove("web", below: root)
    try root.makeSymlink("gold", to: "/tmp")
    #expect(throws: SyscallError.self) { try ResctrlGroup.remove("gold/mon_groups", below: root) }
  }

  @Test("RD-1: a directory that is no resctrl is not taken for one")
  func unmounted() throws {
    if StandIn.hasRealOne { return }
    let plan = try ResctrlPlan.make(.init(), id: "web")
    #expect(
      refusal { () throws(ConfigError) in _ = try ResctrlGroup.open(plan) }
        == ": no resctrl filesystem is mounted on /sys/fs/resctrl")
    try ResctrlGroup.remove("web")
  }
}
