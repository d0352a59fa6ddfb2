import Bytes
import Cgroups
import Linux
import OCISpec
import Testing

@testable import Plan

@Suite("Plan: the way into the namespaces (runtime-spec 11, 19.2)")
struct EntranceTests {
  private let map = [IDMapping(containerID: 0, hostID: 100_000, size: 65536)]

  /// The titles up to the session.
  private func entrance(
    _ namespaces: [LinuxSection.Namespace], maps: [IDMapping] = [], uid: UInt32 = 0,
    _ change: (inout Config) -> Void = { _ in }
  ) throws -> [ByteString] {
    var config = Config(
      root: .init(path: "rootfs"),
      process: OCISpec.Process(cwd: "/", args: ["sh"]),
      linux: LinuxSection(
        namespaces: [.init(type: "mount"), .init(type: "pid")] + namespaces, uidMappings: maps,
        gidMappings: maps))
    change(&config)
    var machine = host
    machine.effectiveUserID = uid
    let plan = try CreatePlan.make(
      config, CreateRequest(id: "c", bundle: "/b", cgroupManager: .cgroupfs), host: machine)
    return plan.steps.map { $0.title }.split(separator: "start a session")[0].map { $0 }
  }

  @Test("19.2: the common container is cloned into its namespaces, hidden from its first step on")
  func plain() throws {
    #expect(try entrance([]) == ["become non-dumpable"])
  }

  @Test("UM-4: a new user namespace takes one clone, and the parent writes about a visible process")
  func newUser() throws {
    #expect(
      try entrance([.init(type: "user")], maps: map) == [
        "meet the parent: id maps and clocks", "become root of the user namespace",
        "become non-dumpable",
      ])
  }

  @Test("NS-8: foreign namespaces are joined before the user namespace is made")
  func newUserAndJoin() throws {
    #expect(
      try entrance(
        [.init(type: "user"), .init(type: "network", path: "/n")], maps: map) == [
          "join the network namespace", "make a user namespace",
          "meet the parent: id maps and clocks", "become root of the user namespace",
          "be cloned into new namespaces", "become non-dumpable",
        ])
  }

  @Test("NS-7: a joined user namespace is entered with the others, and what is new is made inside")
  func joinedUser() throws {
    #expect(
      try entrance([.init(type: "user", path: "/u"), .init(type: "ipc", path: "/i")]) == [
        "become non-dumpable", "join the namespaces user, ipc",
        "become root of the user namespace", "be cloned into new namespaces",
      ])
  }

  @Test("TO-1: clocks are set before anybody is in the time namespace")
  func clocks() throws {
    let titles = try entrance([.init(type: "time")]) { config in
      config.linux.timeOffsets = [Entry("monotonic", .init(secs: 1))]
    }
    #expect(
      titles == [
        "become non-dumpable", "make a time namespace", "meet the parent: id maps and clocks",
        "be cloned into new namespaces",
      ])
    #expect(try entrance([.init(type: "time")]) == ["become non-dumpable"])
  }

  @Test("PR-13: oom_score_adj of a user namespace's init is the parent's to set")
  func oomScore() throws {
    let set: (inout Config) -> Void = { $0.process?.oomScoreAdj = 5 }
    #expect(try entrance([], set) == ["become non-dumpable", "set oom_score_adj to 5"])
    #expect(
      try !entrance([.init(type: "user")], maps: map, set).contains("set oom_score_adj to 5"))
  }

  @Test("19.2: an unprivileged exec goes through the user namespace to the pid namespace")
  func exec() throws {
    let config = Config(
      root: .init(path: "rootfs"),
      linux: LinuxSection(
        namespaces: [.init(type: "mount"), .init(type: "pid"), .init(type: "user")],
        uidMappings: map, gidMappings: map))
    func titles(uid: UInt32) throws -> [ByteString] {
      var machine = host
      machine.effectiveUserID = uid
      let plan = try ExecPlan.make(
        OCISpec.Process(cwd: "/", args: ["sh"]), config: config, container: "c",
        keyring: nil, host: machine, pointer: "")
      return plan.steps.map { $0.title }.split(separator: "start a session")[0].map { $0 }
    }
    #expect(
      try titles(uid: 0) == [
        "become non-dumpable", "join the namespaces user, mount",
        "become root of the user namespace",
      ])
    #expect(
      try titles(uid: 1000) == [
        "become non-dumpable", "join the namespaces user, mount, pid",
        "become root of the user namespace", "be cloned into new namespaces",
      ])
  }

  @Test("F4 PR-7: ids without a map are refused with their place")
  func unmapped() {
    func refusal(_ change: (inout Config) -> Void) -> ByteString {
      do {
        _ = try entrance(
          [.init(type: "user")], maps: [IDMapping(containerID: 0, hostID: 1, size: 2)], change)
        return "accepted"
      } catch let error as ConfigError {
        return error.message
      } catch {
        return "another error"
      }
    }
    #expect(
      refusal { $0.process?.user.uid = 2 }
        == "config.json /process/user/uid: 2 is not in /linux/uidMappings")
    #expect(
      refusal { $0.process?.user.additionalGids = [0, 3] }
        == "config.json /process/user/additionalGids/1: 3 is not in /linux/gidMappings")
  }

  @Test("rootless: without root a user namespace is needed")
  func rootless() {
    #expect(throws: ConfigError.self) { try entrance([], uid: 1000) }
  }
}
