import Bytes
import Linux
import OCISpec
import Testing

@testable import Identity

/// The pointer of the error that `body` throws.
func pointer(_ body: () throws(ConfigError) -> some Any) -> ByteString? {
  do throws(ConfigError) {
    _ = try body()
    return nil
  } catch {
    return error.pointer
  }
}

@Suite("IdentityPlan")
struct IdentityPlanTests {
  private func make(_ process: OCISpec.Process) throws(ConfigError) -> IdentityPlan {
    var warnings = [ByteString]()
    return try IdentityPlan.make(
      process: process, isInit: true, lastCapability: 40, grantable: .max, pointer: "/process",
      warnings: &warnings)
  }

  @Test("a process that asks for nothing gets nothing")
  func least() throws {
    let plan = try make(OCISpec.Process(cwd: "/", args: ["true"]))
    #expect(
      plan
        == IdentityPlan(
          user: UserPlan(user: 0, group: 0, additionalGroups: [], umask: 0o022),
          capabilities: CapabilityPlan(lastCapability: 40), limits: [], noNewPrivileges: false,
          affinity: AffinityPlan(), labels: []))
  }

  @Test("PR-12 PR-13 PR-14 PR-15: flags, score and labels are carried over")
  func scalars() throws {
    let process = OCISpec.Process(
      cwd: "/", args: ["true"], noNewPrivileges: true, oomScoreAdj: 0, apparmorProfile: "web",
      selinuxLabel: "a:b:c:s0")
    let plan = try make(process)
    #expect(plan.noNewPrivileges)
    #expect(plan.oomScoreAdjustment == 0)
    #expect(plan.labels == [.appArmor(profile: "web"), .seLinux(label: "a:b:c:s0")])
  }

  @Test("PR-13: the kernel's range of oom_score_adj", arguments: [-1001, 1001] as [Int32])
  func oomScore(value: Int32) {
    let process = OCISpec.Process(cwd: "/", args: ["true"], oomScoreAdj: value)
    #expect(pointer { () throws(ConfigError) in try make(process) } == "/process/oomScoreAdj")
  }

  @Test("PR-13: the score is written to our own file, through any instance of procfs")
  func applyOOMScore() throws {
    let procfs = try Procfs.openHost()
    let file = try procfs.handle.open("self/oom_score_adj", .readOnly)
    let text = ByteString(try file.handle.read(upTo: 16))
    let score = try #require(text.dropLast(1).signedDecimal)
    try OOMScore.apply(Int32(truncatingIfNeeded: score), procfs: procfs.handle)
  }

  @Test("PR-7 T17: the id that means `unchanged` is nobody's")
  func noUser() {
    for (user, expected) in [
      (.init(uid: .max, gid: 0), "/process/user/uid"),
      (.init(uid: 0, gid: .max), "/process/user/gid"),
      (.init(uid: 0, gid: 0, additionalGids: [1, .max]), "/process/user/additionalGids/1"),
      (.init(uid: 0, gid: 0, umask: 0o1000), "/process/user/umask"),
    ] as [(OCISpec.Process.User, ByteString)] {
      let process = OCISpec.Process(cwd: "/", args: ["true"], user: user)
      #expect(pointer { () throws(ConfigError) in try make(process) } == expected)
    }
  }

  @Test("PR-8 PR-9: umask and groups")
  func user() throws {
    let user = OCISpec.Process.User(uid: 1000, gid: 100, umask: 0o077, additionalGids: [5, 6])
    let plan = try UserPlan.make(user, pointer: "/u")
    #expect(plan == UserPlan(user: 1000, group: 100, additionalGroups: [5, 6], umask: 0o077))
  }

  @Test("T20: a label longer than the kernel takes, or of two lines, is refused")
  func longLabel() {
    let long = ByteString([UInt8](repeating: 0x61, count: 65537))
    for label in [long, "a\nb"] {
      let process = OCISpec.Process(cwd: "/", args: ["true"], apparmorProfile: label)
      #expect(
        pointer { () throws(ConfigError) in try make(process) } == "/process/apparmorProfile")
    }
  }

  @Test("PR-14 PR-15: the kernel's way to show a label is recognised, and no longer one")
  func shownLabel() {
    #expect(SecurityLabel.isShown("web", as: "web (enforce)\n"))
    #expect(SecurityLabel.isShown("unconfined", as: "unconfined\n"))
    #expect(SecurityLabel.isShown("a:b:c:s0", as: "a:b:c:s0"))
    #expect(!SecurityLabel.isShown("web", as: "webserver (enforce)\n"))
    #expect(!SecurityLabel.isShown("web", as: "unconfined\n"))
    #expect(!SecurityLabel.isShown("web", as: ""))
  }

  @Test("PR-14 PR-15: a label is refused where no security module takes it")
  func absentModule() throws {
    let procfs = try Procfs.openHost()
    for label in [SecurityLabel.appArmor(profile: "no-such"), .seLinux(label: "no:such:label:s0")] {
      #expect(throws: SyscallError.self) { try label.apply(procfs: procfs.handle) }
    }
  }

  @Test("PR-20: the keyring's name begins as runc's, and has what nobody can guess")
  func keyring() throws {
    #expect(SessionKeyring.name(container: "web", nonce: 7) == "_ses.web.7")
    #expect(try Random.number() != Random.number())
  }

  @Test("an absent user or group is taken for 0 with a warning, as on the peers")
  func absentIDs() throws {
    for (document, warned) in [
      ("{\"uid\": 5}", ["/process/user/gid: absent, assuming 0"]),
      ("{\"gid\": 5}", ["/process/user/uid: absent, assuming 0"]),
      (
        "{\"uid\": 5, \"gid\": 5, \"username\": \"www-data\"}",
        [
          "/process/user/username: has no effect on Linux, the program runs as uid 5: write the uid of `www-data`, "
            + "of the image's /etc/passwd, to /process/user/uid"
        ]
      ),
      (
        "{}",
        ["/process/user/uid: absent, assuming 0", "/process/user/gid: absent, assuming 0"]
      ),
    ] as [(ByteString, [ByteString])] {
      let text: ByteString = "{\"cwd\": \"/\", \"args\": [\"a\"], \"user\": " + document + "}"
      var warnings = [ByteString]()
      _ = try IdentityPlan.make(
        process: try OCISpec.Process.decode(Array(text.bytes), user: nil), isInit: true,
        lastCapability: 40, grantable: .max, pointer: "/process", warnings: &warnings)
      #expect(warnings == warned)
    }
  }
}
