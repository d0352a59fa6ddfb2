import Bytes
import Linux
import TestSupport
import Testing

@testable import Rootfs

@Suite("what a tmpfs covers is copied into it")
struct TreeCopyTests {
  private let scratch: TemporaryDirectory

  init() throws {
    scratch = try TemporaryDirectory(below: "root")
    try scratch.makeDirectory("from")
    try scratch.makeDirectory("to")
  }

  private func fill() throws(SyscallError) {
    let from = try scratch.open("from")
    let to = try scratch.open("to")
    try TreeCopy.fill(to.handle, from: from.handle)
  }

  @Test("files, directories, links and fifos with their modes; no devices")
  func copy() throws {
    try scratch.makeDirectory("from/sub", mode: 0o2750)
    try scratch.write("from/sub/file", "text", mode: 0o4711)
    try scratch.write("from/empty", "")
    try scratch.makeSymlink("from/link", to: "/etc/passwd")
    try scratch.makeFifo("from/fifo")
    try fill()
    #expect(try scratch.names("to") == ["empty", "fifo", "link", "sub"])
    #expect(try scratch.read("to/sub/file") == "text")
    #expect(try scratch.status("to/sub").permissions == 0o2750)
    #expect(try scratch.status("to/sub/file").permissions == 0o4711)
    #expect(try scratch.status("to/link").kind == .symlink)
    #expect(try scratch.status("to/fifo").kind == .fifo)
  }

  @Test("depth is bounded, for the image decides it")
  func depth() throws {
    var path: ByteString = "from"
    for _ in 0...TreeCopy.mostDepth {
      path += "/d"
      try scratch.makeDirectory(path)
    }
    let error = #expect(throws: SyscallError.self) {
      try fill()
    }
    #expect(error?.kind == .unmet)
    #expect(error?.message == "tmpcopyup: more than 128 nested directories")
  }

  @Test("T49: a file that is exchanged meanwhile never lends its mode to another's text")
  func exchanged() throws {
    try scratch.write("from/a", "guarded", mode: 0o4711)
    try scratch.write("from/b", "foreign", mode: 0o644)
    let swapper = Swapper(try scratch.open("from"))
    defer { swapper.stop() }
    var copies: Set<String> = []
    for round in 0..<400 {
      let name = ByteString(decimal: UInt64(round))
      try scratch.makeDirectory(name)
      let from = try scratch.open("from")
      let to = try scratch.open(name)
      // A name may be missing between two renames.
      do throws(SyscallError) { try TreeCopy.fill(to.handle, from: from.handle) } catch {
        #expect(error.errno == .ENOENT)
      }
      for entry in try scratch.names(name) {
        let path = name + "/" + ByteString(entry)
        let text = try scratch.read(path)
        // Empty where the copy ended early.
        if text.isEmpty { continue }
        copies.insert(text.description)
        #expect(try (scratch.status(path).permissions == 0o4711) == (text == "guarded"))
      }
    }
    swapper.expectSwaps()
    #expect(copies == ["guarded", "foreign"])
  }
}
