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

  @Test("the common container is cloned into its namespaces, hidden from its first step on")
  func plain() throws {
    #expect(
      try entrance([]) == ["become non-dumpable", "wipe the command line and the environment"])
  }

  @Test(
    "a joined pid namespace is entered by the second clone, with nothing of the caller to be read")
  func joinedPid() throws {
    var config = Config(
      root: .init(path: "rootfs"), process: OCISpec.Process(cwd: "/", args: ["sh"]),
      linux: LinuxSection(namespaces: [
        .init(type: "pid", path: "/p"), .init(type: "network", path: "/n"), .init(type: "mount"),
      ]))
    config.process?.terminal = true
    let plan = try CreatePlan.make(
      config, CreateRequest(id: "c", bundle: "/b", cgroupManager: .cgroupfs), host: host)
    #expect(
      plan.steps.prefix(7).map { $0.title } == [
        "become non-dumpable", "join the network namespace", "join the pid namespace",
        "start a session", "wipe the command line and the environment",
        "clone the process that goes on from here", "start a session",
      ])
  }

  @Test("UM-4: a new user namespace takes one clone, and the parent writes about a visible process")
  func newUser() throws {
    #expect(
      try entrance([.init(type: "user")], maps: map) == [
        "sync with the parent: id maps and time offsets", "become root of the user namespace",
        "wipe the command line and the environment", "become non-dumpable",
      ])
  }

  @Test("NS-8: foreign namespaces are joined before the user namespace is made")
  func newUserAndJoin() throws {
    #expect(
      try entrance(
        [.init(type: "user"), .init(type: "network", path: "/n")], maps: map) == [
          "join the network namespace", "make a user namespace",
          "sync with the parent: id maps and time offsets", "become root of the user namespace",
          "wipe the command line and the environment", "clone the process that goes on from here",
          "become non-dumpable",
        ])
  }

  @Test("NS-7: a joined user namespace is entered with the others, and what is new is made inside")
  func joinedUser() throws {
    #expect(
      try entrance([.init(type: "user", path: "/u"), .init(type: "ipc", path: "/i")]) == [
        "become non-dumpable", "join the namespaces user, ipc",
        "become root of the user namespace", "wipe the command line and the environment",
        "clone the process that goes on from here", "become non-dumpable",
      ])
  }

  @Test("TO-1: clocks are set before anybody is in the time namespace")
  func clocks() throws {
    let titles = try entrance([.init(type: "time")]) { config in
      config.linux.timeOffsets = [Entry("monotonic", .init(secs: 1))]
    }
    #expect(
      titles == [
        "become non-dumpable", "make a time namespace",
        "sync with the parent: id maps and time offsets",
        "wipe the command line and the environment", "clone the process that goes on from here",
      ])
    #expect(
      try entrance([.init(type: "time")]) == [
        "become non-dumpable", "wipe the command line and the environment",
      ])
  }

  @Test("PR-13: oom_score_adj of a user namespace's init is the parent's to set")
  func oomScore() throws {
    let set: (inout Config) -> Void = { $0.process?.oomScoreAdj = 5 }
    #expect(
      try entrance([], set) == [
        "become non-dumpable", "set oom_score_adj to 5",
        "wipe the command line and the environment",
      ])
    #expect(
      try !entrance([.init(type: "user")], maps: map, set).contains("set oom_score_adj to 5"))
  }

  @Test("exec joins everything from outside, and enters the pid namespace by its last clone")
  func exec() throws {
    func titles(
      _ namespaces: [LinuxSection.Namespace], uid: UInt32 = 0, terminal: Bool = false
    ) throws -> [ByteString] {
      let maps = namespaces.contains { $0.type == "user" } ? map : []
      let config = Config(
        root: .init(path: "rootfs"),
        linux: LinuxSection(namespaces: namespaces, uidMappings: maps, gidMappings: maps))
      var machine = host
      machine.effectiveUserID = uid
      let plan = try ExecPlan.make(
        OCISpec.Process(terminal: terminal, cwd: "/", args: ["sh"]), config: config,
        container: "c", keyring: "k", host: machine, pointer: "")
      return plan.steps.map { $0.title }.split(separator: "set the umask to 022")[0].map { $0 }
    }
    let last: [ByteString] = [
      "start a session", "wipe the command line and the environment",
      "close what is held of the host", "clone the process that goes on from here",
      "start a session",
    ]
    #expect(
      try titles([.init(type: "mount"), .init(type: "pid"), .init(type: "ipc")]) == [
        "become non-dumpable", "join the ipc namespace", "join the mount namespace",
        "join the pid namespace", "join the session keyring `k`",
        "replace /dev/null of the standard streams",
      ] + last)
    for uid: UInt32 in [0, 1000] {
      #expect(
        try titles([.init(type: "mount"), .init(type: "pid"), .init(type: "user")], uid: uid) == [
          "become non-dumpable", "join the namespaces user, mount, pid",
          "become root of the user namespace", "become non-dumpable",
          "join the session keyring `k`", "replace /dev/null of the standard streams",
        ] + last)
    }
    #expect(
      try titles([.init(type: "pid")], terminal: true) == [
        "become non-dumpable", "join the pid namespace",
        "enter the root of a container without a mount namespace",
        "join the session keyring `k`", "open the terminal",
      ] + last + ["make the terminal the controlling one"])
  }

  @Test("exec sets limits ahead only if the runtime's part of the process does not notice them")
  func limitsAhead() throws {
    func servedAhead(_ type: ByteString, _ soft: UInt64, namespaces: [ByteString] = ["pid"]) throws
      -> Bool
    {
      let maps = namespaces.contains("user") ? map : []
      let config = Config(
        root: .init(path: "rootfs"),
        linux: LinuxSection(
          namespaces: namespaces.map { .init(type: $0) }, uidMappings: maps, gidMappings: maps))
      var process = OCISpec.Process(cwd: "/", args: ["sh"])
      process.rlimits = [.init(type: type, soft: soft, hard: soft)]
      let order = HostOrder.exec(
        try ExecPlan.make(
          process, config: config, container: "c", keyring: nil, host: host, pointer: ""))
      #expect(order.atCloned.isEmpty != order.atReady.isEmpty)
      return order.atReady.isEmpty
    }
    #expect(try servedAhead("RLIMIT_NOFILE", 1024))
    #expect(try servedAhead("RLIMIT_CORE", 0))
    #expect(try !servedAhead("RLIMIT_NOFILE", 1023))
    #expect(try !servedAhead("RLIMIT_AS", 1 << 40))
    #expect(try !servedAhead("RLIMIT_CORE", 0, namespaces: ["pid", "user"]))
  }

  @Test("debug copies the mounts with the host's rights where it has them, and else as root inside")
  func debug() throws {
    func titles(_ types: [ByteString], uid: UInt32) throws -> [ByteString] {
      let maps = types.contains("user") ? map : []
      let config = Config(
        root: .init(path: "rootfs"),
        linux: LinuxSection(
          namespaces: types.map { .init(type: $0) }, uidMappings: maps, gidMappings: maps))
      var machine = host
      machine.effectiveUserID = uid
      let plan = try ExecPlan.make(
        OCISpec.Process(cwd: "/", args: ["sh"]), config: config, container: "c", keyring: nil,
        host: machine, pointer: "", debug: DebugPlan(tools: nil, deviceProgram: nil))
      #expect(HostOrder.exec(plan).before.contains(.make(.debugCgroup)))
      return plan.steps.map { $0.title }.split(
        separator: "replace /dev/null of the standard streams")[0].map { $0 }
    }
    let tools: [ByteString] = ["copy the mount namespace", "attach the tools"]
    #expect(
      try titles(["mount", "pid", "user"], uid: 0) == [
        "become non-dumpable", "join the mount namespace",
      ] + tools + [
        "join the namespaces user, pid", "become root of the user namespace", "become non-dumpable",
      ])
    #expect(
      try titles(["mount", "pid", "user"], uid: 1000) == [
        "become non-dumpable", "join the namespaces user, mount, pid",
        "become root of the user namespace", "become non-dumpable",
      ] + tools)
    #expect(
      try titles(["pid"], uid: 0) == [
        "become non-dumpable", "join the pid namespace", "copy the mount namespace",
        "enter the root of a container without a mount namespace", "attach the tools",
      ])
  }

  @Test("PR-7: ids without a map are refused with their place")
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
