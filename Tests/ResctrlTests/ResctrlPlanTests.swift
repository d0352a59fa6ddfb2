import Bytes
import OCISpec
import Testing

@testable import Resctrl

@Suite("Resctrl: what linux.intelRdt comes to")
struct ResctrlPlanTests {
  func plan(_ section: LinuxSection.IntelRdt, id: ByteString = "web") throws(ConfigError)
    -> ResctrlPlan
  {
    try ResctrlPlan.make(section, id: id)
  }

  func refusal(_ section: LinuxSection.IntelRdt, id: ByteString = "web") -> ByteString {
    do throws(ConfigError) {
      _ = try plan(section, id: id)
      return "accepted"
    } catch {
      return error.message
    }
  }

  @Test("RD-2 RD-6: without closID the group is the container's, and goes with it")
  func own() throws {
    let own = try plan(.init(memBwSchema: "MB:0=10"))
    #expect(own.group == "web" && own.origin == .own && own.removed == "web")
    let shared = try plan(.init(closID: "gold", memBwSchema: "MB:0=10"))
    #expect(shared.group == "gold" && shared.origin == .shared && shared.removed == nil)
    let existing = try plan(.init(closID: "gold"))
    #expect(existing.origin == .existing && existing.removed == nil)
    let root = try plan(.init(closID: "/"))
    #expect(root.group == "" && root.origin == .existing)
  }

  @Test("RD-7: a monitoring group is named after the container, and goes with it")
  func monitoring() throws {
    let shared = try plan(.init(closID: "gold", enableMonitoring: true))
    #expect(shared.monitoring == "web" && shared.removed == "gold/mon_groups/web")
    #expect(try plan(.init(closID: "/", enableMonitoring: true)).removed == "mon_groups/web")
    #expect(try plan(.init(enableMonitoring: true)).removed == "web")
  }

  @Test("RD-3: cache, bandwidth, then the lines as they are")
  func schemata() throws {
    let section = LinuxSection.IntelRdt(
      schemata: ["L2:0=f", "L3:0=1"], l3CacheSchema: "L3:0=ff;1=ff", memBwSchema: "MB:0=20")
    #expect(try plan(section).schemata == ["L3:0=ff;1=ff", "MB:0=20", "L2:0=f", "L3:0=1"])
    let lines = LinuxSection.IntelRdt(l3CacheSchema: "L3CODE:0=f\nL3DATA:0=f0\nMB:0=70\n")
    #expect(try plan(lines).schemata == ["L3CODE:0=f", "L3DATA:0=f0", "MB:0=70"])
    var both = lines
    both.memBwSchema = "MB:0=20"
    #expect(try plan(both).schemata == ["L3CODE:0=f", "L3DATA:0=f0", "MB:0=20"])
    let bandwidth = "config.json /linux/intelRdt/memBwSchema: " as ByteString
    #expect(
      refusal(.init(memBwSchema: "L3:0=f"))
        == bandwidth + "`L3:0=f` is not one line that begins with MB:")
    #expect(refusal(.init(memBwSchema: "MB:0=1\nL3:0=f")).hasPrefix(bandwidth))
    #expect(
      refusal(.init(schemata: ["L3:0=f", "a\nb"]))
        == "config.json /linux/intelRdt/schemata/1: `a\\x0ab` is not one line")
    let long = ByteString([UInt8](repeating: UInt8(ascii: "x"), count: 4096))
    #expect(
      refusal(.init(schemata: [long]))
        == "config.json /linux/intelRdt: more than 4096 bytes of schemata")
  }

  @Test("RD-2: a name that leaves the filesystem, or is the kernel's, is refused")
  func names() {
    let place = "config.json /linux/intelRdt/closID: " as ByteString
    for name: ByteString in [".", "..", "info", "mon_groups", "mon_data"] {
      #expect(refusal(.init(closID: name)) == place + "`" + name + "` is a name of the kernel")
    }
    for name: ByteString in ["a/b", "../a", "/a", "a\n", "//"] {
      #expect(refusal(.init(closID: name)).hasSuffix("is not the name of a group"))
    }
    #expect(
      refusal(.init(), id: "info")
        == "config.json /linux/intelRdt: the container's id `info` is a name of the kernel")
    #expect(refusal(.init(closID: "gold"), id: "info") == "accepted")
  }
}
