import Bytes
import OCISpec
import Testing

@testable import Cgroups

@Suite("cgroupsPath")
struct CgroupPathTests {
  private func text(_ path: ByteString?, own: ByteString = "/") throws -> ByteString {
    try CgroupPath(path, id: "abc", ownCgroup: own).text
  }

  @Test("CG-1: an absolute path starts at the mount point")
  func absolute() throws {
    #expect(try text("/machine/x", own: "/user.slice/shell") == "/machine/x")
    #expect(try text("//machine/./x/", own: "/") == "/machine/x")
    #expect(try text("/machine/../other/x") == "/other/x")
  }

  @Test("CG-2: a relative path starts beside our own cgroup")
  func relative() throws {
    #expect(try text("x/y", own: "/user.slice/shell") == "/user.slice/x/y")
    #expect(try text("x", own: "/shell") == "/x")
    #expect(try text("x", own: "/") == "/x")
    #expect(try text("x", own: "/../elsewhere") == "/x")
  }

  @Test("CG-3: without a path, the id beside our own cgroup")
  func absent() throws {
    #expect(try text(nil, own: "/") == "/abc")
    #expect(try text(nil, own: "/user.slice/shell") == "/user.slice/abc")
  }

  @Test(
    "CG-4 T22: what leads out, or to no cgroup of its own, is refused",
    arguments: [
      "/../..", "a/../../b", "..", "/", ".", "a/..", "/cgroup.procs/x", "/a\nb",
      "/" + ByteString([UInt8](repeating: 0x61, count: 256)),
      "/" + ByteString([UInt8](repeating: 0x61, count: 4095)),
      ByteString([UInt8](repeating: 0x2f, count: 300)),
      [ByteString](repeating: "a", count: 200).joined(by: "/"),
    ] as [ByteString])
  func refused(_ path: ByteString) {
    let error = #expect(throws: ConfigError.self) { try text(path, own: "/user.slice/shell") }
    #expect(error?.pointer == "/linux/cgroupsPath")
  }
}
