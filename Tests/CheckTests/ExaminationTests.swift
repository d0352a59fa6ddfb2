import Bytes
import Check
import OCISpec
import TestSupport
import Testing

@Suite("Check: every rule, to the end")
struct ExaminationTests {
  private func places(_ text: [UInt8]) -> [String] {
    Fixture.examine(text).findings.filter { $0.severity != .note }.map {
      "\($0.severity.name) \($0.code) \($0.pointer)"
    }
  }

  @Test("a document without a fault has no findings, and a plan")
  func clean() {
    let proc = #""mounts": [{"destination": "/proc", "type": "proc", "source": "proc"}],"#
    let examination = Fixture.examine(document("", "", proc))
    #expect(examination.findings == [])
    #expect(examination.plan != nil)
    #expect(Fixture.examine(document()).findings.map(\.pointer) == ["/mounts"])
  }

  @Test("all errors are found at once, each at its place in the document as it was given")
  func all() {
    let text = document(
      """
      , "oomScoreAdj": 5000, "rlimits": [
        {"type": "RLIMIT_X", "soft": 1, "hard": 1}, {"type": "RLIMIT_CPU", "soft": 1, "hard": 1},
        {"type": "RLIMIT_CORE", "soft": 2, "hard": 1}, {"type": "RLIMIT_Y", "soft": 1, "hard": 1}]
      """,
      """
      , "devices": [{"type": "c", "path": "/dev/a"}, {"type": "q", "path": "/dev/b"}]
      """,
      """
      "hostname": 5, "mounts": [{"destination": "/a"}, {"destination": "/b", "type": "tmpfs"},
        {"destination": "", "type": "tmpfs"}],
      """)
    #expect(
      Set(places(text)) == [
        "error config-type /hostname", "error config-rule /mounts/0/type",
        "error config-rule /mounts/2/destination", "error config-rule /process/oomScoreAdj",
        "error config-word /process/rlimits/0/type", "error config-rule /process/rlimits/2/soft",
        "error config-word /process/rlimits/3/type", "error config-rule /linux/devices/0/major",
        "error config-word /linux/devices/1/type",
      ])
  }

  @Test("members that must be there are told missing once, and the rest is judged")
  func missing() {
    let text = Array(
      """
      {"process": {"cwd": "x", "user": {"uid": 0}}, "linux": {"namespaces": [{"type": "mount"}]}}
      """.utf8)
    let found = places(text)
    #expect(found.contains("error config-missing /ociVersion"))
    #expect(found.contains("error config-missing /root"))
    #expect(found.contains("error config-missing /process/args"))
    #expect(found.contains("error config-rule /process/cwd"))
    #expect(Set(found).count == found.count)
  }

  @Test("what follows from a namespace that is wrong is not blamed on others")
  func consequences() {
    let text = Array(
      """
      {"ociVersion": "1.3.0", "root": {"path": "rootfs", "readonly": true},
       "mounts": [{"destination": "/a", "type": "tmpfs"}],
       "linux": {"namespaces": [{"type": "mnt"}], "maskedPaths": ["/proc/kcore"]}}
      """.utf8)
    #expect(places(text) == ["error config-word /linux/namespaces/0/type"])
  }

  @Test("text that is no JSON is one finding, with the byte where it stops")
  func syntax() {
    let examination = Fixture.examine(Array("{\"a\": }".utf8))
    #expect(examination.findings.map(\.code) == ["config-syntax"])
    #expect(examination.offset == 7)
  }

  @Test("what the plan warns of has its place")
  func warnings() {
    let text = document(", \"capabilities\": {\"bounding\": [\"CAP_KILL\", \"CAP_FLY\"]}")
    #expect(places(text) == ["warning capability-left-out /process/capabilities/bounding/1"])
  }

  @Test("nothing that create accepts is an error", arguments: try SpecFixtures.names(in: "good"))
  func falseAlarms(name: String) throws {
    let text = try SpecFixtures.read("good/\(name).json")
    let golden = ByteString(try SpecFixtures.read("golden/\(name).plan"))
    let examination = Fixture.examine(text)
    let errors = examination.findings.filter { $0.severity == .error }
    if golden.hasPrefix("config.json ") {
      #expect(!errors.isEmpty)
      return
    }
    #expect(errors == [])
    // What create warns of; a form of a path that means nothing to this manager; a call that nobody
    // knows; a list of allowed calls without those of a program's start.
    let own = examination.findings.filter {
      $0.severity == .warning && !["capability-left-out", "config-warning"].contains($0.code)
    }
    let expected: [ByteString] =
      switch name {
      case "cgroups-path-systemd": ["cgroup-form"]
      case "seccomp-default-errno": ["seccomp-start"]
      case "seccomp-unknown-syscall": ["seccomp-unknown"]
      default: []
      }
    #expect(own.map(\.code) == expected)
  }
}
