import Bytes
import Linux
import OCISpec
import Testing

@testable import Identity

@Suite("EnvironmentPlan")
struct EnvironmentTests {
  @Test("PR-5: entries stay in order, the last of a name wins")
  func entries() throws {
    let plan = try EnvironmentPlan.make(["A=1", "B=", "A=2", "AB=x=y"], pointer: "/e")
    #expect(plan.entries == ["B=", "A=2", "AB=x=y"])
    #expect(plan.value(of: "A") == "2")
    #expect(plan.value(of: "AB") == "x=y")
    #expect(plan.value(of: "C") == nil)
  }

  @Test("PR-5: an entry without `=` or without a name is an error that does not quote it")
  func bad() {
    for bad in ["A", "", "=x"] as [ByteString] {
      do throws(ConfigError) {
        _ = try EnvironmentPlan.make(["A=1", bad], pointer: "/e")
        Issue.record("accepted \(bad)")
      } catch {
        #expect(error.pointer == "/e/1")
        #expect(!error.reason.description.contains("x"))
      }
    }
  }

  @Test("PR-5: HOME is looked up when it is missing or empty")
  func home() throws {
    #expect(try EnvironmentPlan.make(["A=1"], pointer: "").needsHome)
    #expect(try EnvironmentPlan.make(["HOME="], pointer: "").needsHome)
    var plan = try EnvironmentPlan.make(["HOME=", "A=1"], pointer: "")
    plan.set("HOME", to: "/root")
    #expect(plan.entries == ["A=1", "HOME=/root"])
    #expect(!plan.needsHome)
  }

  @Test("a hundred thousand entries of one name take no quadratic time")
  func many() throws {
    let entries = (0..<100_000).map { "A=" + ByteString(decimal: $0) }
    #expect(try EnvironmentPlan.make(entries, pointer: "").entries == ["A=99999"])
  }

  @Test(
    "PR-5: the home directory is the sixth field of the first line with the user's id",
    arguments: [
      (0, "/root"), (1000, "/home/a"), (1001, nil), (1002, nil), (1003, nil), (7, nil),
      (1004, "/home/f"),
    ] as [(UInt32, String?)])
  func passwd(user: UInt32, home: String?) {
    let file = """
      root:x:0:0::/root:/bin/sh
      1001:x:0:0::/nope:
      a:x:1000:1000:A:/home/a:/bin/sh
      b:x:1000:1000:B:/home/b:/bin/sh
      c:x:01001:0::/home/c:
      +::::::
      d:x:1002:0::relative:
      e:x:1003
      f:x:1004:0::/home/f
      """
    #expect(
      HomeDirectory.find(user: user, passwd: Array(file.utf8)) == home.map { ByteString($0) })
  }

  @Test("PR-5 T55: a passwd file that is missing, a fifo or a link out of the root is no answer")
  func hostilePasswd() throws {
    let parent = try Handle.currentDirectory.open("/tmp", [.path, .directory])
    let name = "apus-home-" + ByteString(decimal: ThisProcess.id)
    try parent.handle.makeDirectory(name, mode: 0o700)
    let root = try parent.handle.open(name, [.path, .directory])
    #expect(HomeDirectory.find(user: 0, root: root.handle) == "/")
    try root.handle.makeDirectory("etc", mode: 0o700)
    let etc = try root.handle.open("etc", [.path, .directory])
    try etc.handle.makeNode("passwd", .fifo, mode: 0o600)
    #expect(HomeDirectory.find(user: 0, root: root.handle) == "/")
    try etc.handle.unlink("passwd")
    try etc.handle.makeSymlink("passwd", to: "/etc/passwd")
    #expect(HomeDirectory.find(user: 0, root: root.handle) == "/")
    try etc.handle.unlink("passwd")
    let file = try etc.handle.open("passwd", [.writeOnly, .create], mode: 0o600)
    try file.handle.writeAll(Array("root:x:0:0::/here:".utf8))
    #expect(HomeDirectory.find(user: 0, root: root.handle) == "/here")
    try etc.handle.unlink("passwd")
    try root.handle.removeDirectory("etc")
    try parent.handle.removeDirectory(name)
  }
}
