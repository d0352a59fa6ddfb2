import Bytes
import JSON
import OCISpec
import TestSupport
import Testing

@Suite("members that the specification does not know")
struct UnknownMemberTests {
  private func find(_ text: String) throws -> [UnknownMember] {
    try UnknownMember.find(in: JSONValue.parse(Array(text.utf8)))
  }

  @Test(
    "a misspelt member names the one that was meant",
    arguments: [
      (#"{"root": {"readOnly": true}}"#, "/root/readOnly", "readonly"),
      (#"{"process": {"arg": []}}"#, "/process/arg", "args"),
      (#"{"process": {"cmd": []}}"#, "/process/cmd", "args"),
      (#"{"mounts": [{}, {"target": "/x"}]}"#, "/mounts/1/target", "destination"),
      (#"{"hooks": {"createruntime": []}}"#, "/hooks/createruntime", "createRuntime"),
      (#"{"linux": {"namespace": []}}"#, "/linux/namespace", "namespaces"),
      (
        #"{"linux": {"resources": {"memory": {"limits": 1}}}}"#, "/linux/resources/memory/limits",
        "limit"
      ),
      (
        #"{"linux": {"timeOffsets": {"boottime": {"sec": 1}}}}"#, "/linux/timeOffsets/boottime/sec",
        "secs"
      ),
    ] as [(String, ByteString, ByteString)])
  func misspelt(text: String, pointer: ByteString, meant: ByteString) throws {
    let found = try find(text)
    #expect(found.map { $0.pointer } == [pointer])
    #expect(found.first?.guess == .member(meant))
  }

  @Test(
    "a member at the wrong level names its place",
    arguments: [
      (#"{"linux": {"capabilities": {}}}"#, "/process"),
      (#"{"args": []}"#, "/process"), (#"{"process": {"hostname": "a"}}"#, "the top level"),
      (#"{"namespaces": []}"#, "/linux"), (#"{"linux": {"memory": {}}}"#, "/linux/resources"),
      (#"{"process": {"readonly": true}}"#, "/root"),
    ] as [(String, ByteString)])
  func misplaced(text: String, place: ByteString) throws {
    let found = try find(text)
    #expect(found.count == 1)
    #expect(found.first?.guess == .elsewhere(place))
  }

  @Test("what is right, a map's own keys and a vendor's member are not reported")
  func silent() throws {
    #expect(
      try find(
        #"""
        {"annotations": {"readOnly": "x"}, "com.example.x": 1, "x-y": 2,
         "linux": {"sysctl": {"net.x": "1"}, "resources": {"unified": {"memory.high": "1"}}}}
        """#) == [])
  }

  @Test("there is no false alarm in any good configuration")
  func good() throws {
    for name in try SpecFixtures.names(in: "good") {
      let value = try JSONValue.parse(SpecFixtures.read("good/\(name).json"))
      #expect(UnknownMember.find(in: value) == [], "\(name)")
    }
  }

  @Test("the words that a property may be are found by its pointer")
  func words() {
    #expect(knownWords(at: "/linux/namespaces/3/type")?.contains("network") == true)
    #expect(knownWords(at: "/linux/seccomp/syscalls/3/action")?.contains("SCMP_ACT_ERRNO") == true)
    #expect(knownWords(at: "/linux/seccomp/architectures/0")?.contains("SCMP_ARCH_X86") == true)
    #expect(knownWords(at: "/process/rlimits/0/type")?.contains("RLIMIT_NOFILE") == true)
    #expect(knownWords(at: "/process/args/0") == nil)
    #expect(knownWords(at: "") == nil)
  }
}
