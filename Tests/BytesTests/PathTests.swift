import Bytes
import Testing

@Suite("Paths as text")
struct PathTests {
  @Test("names between slashes, without empty ones and the dot")
  func components() {
    #expect(ByteString("/a//b/./../c/").pathComponents == ["a", "b", "..", "c"])
    #expect(ByteString("/").pathComponents == [])
    #expect(ByteString("").pathComponents == [])
  }

  @Test(
    "a directory and the name in it",
    arguments: [
      ("/a/b", "/a", "b"), ("/a", "/", "a"), ("a", ".", "a"), ("a/b", "a", "b"), ("/", "/", ""),
      ("/a/", "/a", ""),
    ] as [(ByteString, ByteString, ByteString)])
  func parts(_ path: ByteString, _ directory: ByteString, _ name: ByteString) {
    #expect(path.directoryName == directory)
    #expect(path.baseName == name)
  }

  @Test("a name in a directory, without a doubled slash")
  func appending() {
    #expect(ByteString("/").appending("a") == "/a")
    #expect(ByteString("/a").appending("b") == "/a/b")
    #expect(ByteString("").appending("a") == "a")
  }

  @Test("the directories above, the nearest first")
  func ancestors() {
    #expect(ByteString("/a/b").ancestors == ["/a/b", "/a", "/"])
    #expect(ByteString("a/b").ancestors == ["a/b", "a"])
    #expect(ByteString("/").ancestors == ["/"])
    #expect(ByteString("").ancestors == [])
  }

  @Test("a cleaned path does not leave the root, and lies below another or not")
  func cleaned() {
    #expect(ByteString("/../a/./b//../c").cleanedPath == "/a/c")
    let cleaned: [(ByteString, ByteString)] = [
      ("/", "/"), ("", "/"), ("a/b", "/a/b"), ("/a/", "/a"), ("//a", "/a"), ("/a/.", "/a"),
      ("/a/..", "/"),
      ("/.a/..b/...", "/.a/..b/..."), ("/a./b..", "/a./b.."), ("/..", "/"), ("/.", "/"),
    ]
    for (path, clean) in cleaned { #expect(path.cleanedPath == clean) }
    #expect(ByteString("/a/b").path(below: "/a") == "/b")
    #expect(ByteString("/a").path(below: "/a") == "/")
    #expect(ByteString("/ab").path(below: "/a") == nil)
  }
}
