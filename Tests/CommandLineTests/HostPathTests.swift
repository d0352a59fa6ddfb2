import Bytes
import CommandLine
import Testing

@Suite("EN-3: paths")
struct HostPathTests {
  @Test(
    "EN-3: relative paths become absolute",
    arguments: [
      ("a", "/w/d/a"), ("./a", "/w/d/a"), (".", "/w/d"), ("./", "/w/d"), ("a/b/", "/w/d/a/b"),
      ("../a", "/w/a"), ("../../a", "/a"), ("../../../a", "/a"), ("..", "/w"), ("./../a", "/w/a"),
      // Where a name's parent lies only the kernel knows: the name may be a link.
      ("a/../b", "/w/d/a/../b"), ("a/./b", "/w/d/a/b"), ("a//b", "/w/d/a/b"),
      ("/a", "/a"), ("/a/../b", "/a/../b"), ("//a/.//b/", "/a/b"), ("/", "/"), ("/.", "/"),
      ("/..", "/"), ("...", "/w/d/..."), ("..a", "/w/d/..a"), (".a", "/w/d/.a"),
    ])
  func absolute(path: String, expected: String) {
    #expect(HostPath.absolute(ByteString(path), from: "/w/d")?.description == expected)
  }

  @Test("EN-3: without a working directory only absolute paths have a meaning")
  func noDirectory() {
    #expect(HostPath.absolute("/a", from: nil) == "/a")
    #expect(HostPath.absolute("a", from: nil) == nil)
    #expect(HostPath.absolute("a", from: "(unreachable)/w") == nil)
    #expect(HostPath.absolute("a", from: "") == nil)
    #expect(HostPath.absolute("a", from: "/") == "/a")
  }

  @Test("EN-3: bytes that are no text stay as they are")
  func bytes() {
    let name = ByteString([0x2f, 0xff, 0x2f, 0xc3])
    #expect(HostPath.absolute(name, from: nil) == name)
  }
}
