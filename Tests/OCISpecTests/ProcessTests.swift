import Bytes
import OCISpec
import Testing

@Suite("Process")
struct ProcessTests {
  private let plain = OCISpec.Process(cwd: "/", args: ["true"], user: .init(uid: 0, gid: 0))

  private func read(_ members: String) throws(ConfigError) -> OCISpec.Process? {
    let config: Config = try decode(process(members))
    return config.process
  }

  @Test("PR-1 PR-4 PR-6 PR-7: what a process needs")
  func required() throws {
    #expect(try read("") == plain)
    #expect(
      refusal(of: config(#""process": {"user": {"uid": 0, "gid": 0}, "args": ["a"]}"#))
        == "config.json /process/cwd: missing")
    #expect(
      refusal(of: config(#""process": {"user": {"uid": 0, "gid": 0}, "cwd": "/"}"#))
        == "config.json /process/args: missing")
    // Absent ids are 0.
    #expect(refusal(of: config(#""process": {"args": ["a"], "cwd": "/"}"#)) == nil)
  }

  @Test("OP-6: a process in a file of its own has pointers from its own root")
  func document() throws {
    let text = #"{"user": {"uid": 1, "gid": 2}, "args": ["true", ""], "cwd": "/x"}"#
    #expect(
      try decode(text) as OCISpec.Process
        == OCISpec.Process(cwd: "/x", args: ["true", ""], user: .init(uid: 1, gid: 2)))
    do throws(ConfigError) {
      _ = try decode(#"{"user": {"uid": -1}}"#) as OCISpec.Process
      Issue.record("accepted")
    } catch {
      #expect(error.message(in: "process.json") == "process.json /cwd: missing")
    }
  }

  @Test("PR-2 PR-3: the size of a terminal is not limited here, since it may be ignored")
  func terminal() throws {
    let size = #"{"height": 18446744073709551615, "width": 0}"#
    var expected = plain
    expected.terminal = true
    expected.consoleSize = .init(height: .max, width: 0)
    #expect(try read(#""terminal": true, "consoleSize": \#(size)"#) == expected)
  }

  @Test("PR-5: the environment is taken as it stands")
  func environment() throws {
    #expect(try read(#""env": ["A=1", "A=2", "B="]"#)?.env == ["A=1", "A=2", "B="])
    #expect(try read(#""env": []"#)?.env == [])
  }

  @Test("PR-7 PR-8 PR-9: ids have 32 bits; an absent mask is not 0")
  func user() throws {
    let text = config(
      #"""
      "process": {"user": {"uid": 4294967295, "gid": 1, "umask": 0, "additionalGids": [0, 4294967295]},
        "args": ["true"], "cwd": "/"}
      """#)
    let config: Config = try decode(text)
    #expect(
      config.process?.user == .init(uid: .max, gid: 1, umask: 0, additionalGids: [0, .max]))
    #expect(plain.user.umask == nil)
  }

  @Test("PR-10 JS-4: limits have 64 bits without a sign")
  func limits() throws {
    #expect(
      try read(
        #""rlimits": [{"type": "RLIMIT_CORE", "soft": 0, "hard": 18446744073709551615}]"#)?.rlimits
        == [.init(type: "RLIMIT_CORE", soft: 0, hard: .max)])
  }

  @Test("PR-11 CA-4: absent capabilities and an empty object are told apart")
  func capabilities() throws {
    #expect(try read("")?.capabilities == nil)
    #expect(try read(#""capabilities": {}"#)?.capabilities == .init())
    #expect(
      try read(
        #"""
        "capabilities": {"bounding": ["B"], "effective": ["E"], "inheritable": ["I"],
          "permitted": ["P"], "ambient": ["A"]}
        """#)?.capabilities
        == .init(
          bounding: ["B"], effective: ["E"], inheritable: ["I"], permitted: ["P"], ambient: ["A"]))
  }

  @Test("PR-12 PR-13: an adjustment of 0 is not none", arguments: [-1000, 0, 1000] as [Int32])
  func adjustment(value: Int32) throws {
    #expect(try read(#""oomScoreAdj": \#(value)"#)?.oomScoreAdj == value)
    #expect(try read(#""noNewPrivileges": true"#)?.noNewPrivileges == true)
    #expect(try read("")?.oomScoreAdj == nil)
  }

  @Test("PR-14 PR-15: labels")
  func labels() throws {
    let process = try read(#""apparmorProfile": "a", "selinuxLabel": "b:c""#)
    #expect(process?.apparmorProfile == "a")
    #expect(process?.selinuxLabel == "b:c")
  }

  @Test("PR-16 SC-1..5: the scheduler")
  func scheduler() throws {
    #expect(
      try read(
        #"""
        "scheduler": {"policy": "SCHED_DEADLINE", "nice": -20, "priority": -1, "flags": ["F"],
          "runtime": 1, "deadline": 2, "period": 18446744073709551615}
        """#)?.scheduler
        == .init(
          policy: "SCHED_DEADLINE", nice: -20, priority: -1, flags: ["F"], runtime: 1, deadline: 2,
          period: .max))
    #expect(
      try read(#""scheduler": {"policy": "SCHED_OTHER"}"#)?.scheduler
        == .init(policy: "SCHED_OTHER"))
  }

  @Test("PR-17 PR-18 IO-1 AF-1 AF-2: I/O priority and CPU affinity")
  func priorities() throws {
    #expect(
      try read(#""ioPriority": {"class": "IOPRIO_CLASS_BE", "priority": 4}"#)?.ioPriority
        == .init(ioClass: "IOPRIO_CLASS_BE", priority: 4))
    #expect(
      try read(#""execCPUAffinity": {"initial": "0-1", "final": ""}"#)?.execCPUAffinity
        == .init(initial: "0-1"))
  }
}
