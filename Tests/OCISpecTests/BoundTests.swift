import Bytes
import OCISpec
import Testing

@Suite("Bound")
struct BoundTests {
  private func list(_ element: String, _ count: Int) -> String {
    "[" + Array(repeating: element, count: count).joined(separator: ",") + "]"
  }

  @Test(
    "T20: the number of entries is bounded",
    arguments: [
      ("mounts", 4096, #"{"destination":"/a"}"#, "", ""),
      (
        "additionalGids", 65_536, "1",
        #""process": {"cwd": "/", "args": ["a"], "user": {"uid": 0, "gid": 0, "#, "}}"
      ),
      (
        "rlimits", 16, #"{"type":"a","soft":0,"hard":0}"#,
        #""process": {"user": {"uid": 0, "gid": 0}, "cwd": "/", "args": ["a"], "#, "}"
      ),
      ("poststop", 64, #"{"path":"/a"}"#, #""hooks": {"#, "}"),
      ("namespaces", 8, #"{"type":"pid"}"#, #""linux": {"#, "}"),
      ("devices", 4096, #"{"type":"c","path":"/a"}"#, #""linux": {"#, "}"),
      ("uidMappings", 340, #"{"containerID":0,"hostID":0,"size":1}"#, #""linux": {"#, "}"),
      ("maskedPaths", 4096, #""/a""#, #""linux": {"#, "}"),
      (
        "syscalls", 8192, #"{"names":[],"action":"a"}"#,
        #""linux": {"seccomp": {"defaultAction": "a", "#, "}}"
      ),
    ] as [(String, Int, String, String, String)])
  func entries(name: String, limit: Int, element: String, open: String, close: String) {
    func text(_ count: Int) -> String {
      config(open + #""\#(name)": "# + list(element, count) + close)
    }
    #expect(refusal(of: text(limit)) == nil)
    let message = refusal(of: text(limit + 1))
    #expect(message?.hasSuffix("/\(name): more than \(limit) entries") == true)
  }

  @Test("T20: the number of keys is bounded")
  func keys() {
    func sysctl(_ count: Int) -> String {
      linux("\"sysctl\": {" + (0..<count).map { "\"a\($0)\":\"\"" }.joined(separator: ",") + "}")
    }
    #expect(refusal(of: sysctl(512)) == nil)
    #expect(refusal(of: sysctl(513)) == "config.json /linux/sysctl: more than 512 entries")
  }

  @Test("T20: seccomp names are counted over all rules")
  func seccompNames() {
    let rule = #"{"action":"a","names":"# + list("\"a\"", 4096) + "}"
    func text(_ last: String) -> String {
      linux(#""seccomp": {"defaultAction": "a", "syscalls": [\#(rule), \#(rule)\#(last)]}"#)
    }
    #expect(refusal(of: text("")) == nil)
    #expect(
      refusal(of: text(#", {"action": "a", "names": ["a"]}"#))
        == "config.json /linux/seccomp/syscalls: more than 8192 names")
  }

  @Test("T20: an argument is as long as one that can be executed; its text is not repeated")
  func arguments() {
    func text(_ member: String, _ length: Int) -> String {
      let value = "A=" + String(repeating: "a", count: length - 2)
      return
        #"{"user": {"uid": 0, "gid": 0}, "cwd": "/", "args": ["a"], "\#(member)": ["a=", "\#(value)"]}"#
    }
    #expect(refusal(of: text("env", 131_071), as: OCISpec.Process.self) == nil)
    #expect(
      refusal(of: text("env", 131_072), as: OCISpec.Process.self)
        == "config.json /env/1: argument list too long: this is longer than 131071 bytes")
  }

  @Test("T20: arguments and environment together are less than 6 MiB")
  func argumentsTogether() {
    func text(_ count: Int) -> String {
      let env = list("\"A=" + String(repeating: "a", count: (1 << 16) - 3) + "\"", count)
      return #"{"user": {"uid": 0, "gid": 0}, "cwd": "/", "args": ["a"], "env": \#(env)}"#
    }
    #expect(refusal(of: text(95), as: OCISpec.Process.self) == nil)
    #expect(
      refusal(of: text(96), as: OCISpec.Process.self)
        == "config.json: args and env are larger than 6 MiB")
  }

  @Test("T20: a path is one that the kernel takes")
  func paths() {
    func text(_ path: String) -> String {
      #"{"ociVersion": "1.3.0", "root": {"path": "\#(path)"}}"#
    }
    let component = String(repeating: "a", count: 255)
    #expect(refusal(of: text("/\(component)/\(component)")) == nil)
    #expect(
      refusal(of: text("/\(component)a/b"))
        == "config.json /root/path: a component is longer than 255 bytes")
    let long = String(repeating: "/a", count: 2047) + "b"
    #expect(refusal(of: text(long)) == nil)
    #expect(refusal(of: text(long + "b")) == "config.json /root/path: longer than 4095 bytes")
  }
}
