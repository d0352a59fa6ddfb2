import Bytes
import Linux
import StateStore
import TestSupport
import Testing

@Suite("OP-3: the directory of one container")
struct StateDirectoryTests {
  private let temporary: TemporaryDirectory
  private let root: StateRoot

  init() throws {
    temporary = try TemporaryDirectory()
    root = StateRoot(
      explicit: temporary.path + "/root", runtimeDirectory: nil, isRealRoot: true)
  }

  @Test("OP-3: an id is claimed once")
  func claim() throws {
    let (directory, lock) = try StateDirectory.claim(try ContainerID("web"), in: root)
    #expect(try directory.handle.status().permissions == 0o700)
    let second = message { () throws(StateError) in
      _ = try StateDirectory.claim(try ContainerID("web"), in: root)
    }
    #expect(second == "container with given ID already exists")
    lock.release()
    try directory.remove()
    _ = try StateDirectory.claim(try ContainerID("web"), in: root)
  }

  @Test("OP-2: without a directory, or without a root, a container does not exist")
  func unknown() throws {
    for _ in 0..<2 {
      let text = message { () throws(StateError) in
        _ = try StateDirectory.open(try ContainerID("web"), in: root)
      }
      #expect(text == "container does not exist")
      _ = try root.create()
    }
    // A file is no container, and a link to one is not ours.
    try temporary.write("root/file", "")
    try temporary.makeSymlink("root/link", to: "/tmp")
    for name: ByteString in ["file", "link"] {
      let text = message { () throws(StateError) in
        _ = try StateDirectory.open(try ContainerID(name), in: root)
      }
      #expect(text == "container does not exist")
    }
  }

  @Test("one command at a time; the others wait, and not for ever")
  func lock() throws {
    let (directory, lock) = try StateDirectory.claim(try ContainerID("web"), in: root)
    let other = try StateDirectory.open(try ContainerID("web"), in: root)
    #expect(try other.isLocked())
    let busy = message { () throws(StateError) in _ = try other.lock(milliseconds: 20) }
    #expect(busy == "container `web` is busy with another command")
    lock.release()
    #expect(try !other.isLocked())
    let second = try other.lock()
    #expect(try directory.isLocked())
    second.release()
  }

  @Test("a lock that is won after the container was deleted is worth nothing")
  func deletedMeanwhile() throws {
    let (directory, lock) = try StateDirectory.claim(try ContainerID("web"), in: root)
    let other = try StateDirectory.open(try ContainerID("web"), in: root)
    try directory.remove()
    lock.release()
    #expect(
      message { () throws(StateError) in _ = try other.lock() } == "container does not exist")
    // Nor when the id has been taken again.
    _ = try StateDirectory.claim(try ContainerID("web"), in: root)
    #expect(
      message { () throws(StateError) in _ = try other.lock() } == "container does not exist")
  }

  @Test("OP-14: everything below is removed, whoever put it there")
  func remove() throws {
    let (directory, _) = try StateDirectory.claim(try ContainerID("web"), in: root)
    try directory.saveConfig(Array("{}".utf8))
    _ = try directory.makeExecFIFOs()
    try directory.handle.makeDirectory("notify", mode: 0o755)
    try temporary.write("root/web/notify/x", "")
    try temporary.write("outside", "kept")
    try directory.handle.makeSymlink("link", to: temporary.path)
    try directory.remove()
    #expect(try temporary.names("root") == [])
    #expect(try temporary.read("outside") == "kept")
    try directory.remove()
  }

  @Test("OP-14: a tree is removed, however deep it is")
  func deep() throws {
    let (directory, _) = try StateDirectory.claim(try ContainerID("web"), in: root)
    var below = SharedDescriptor(try directory.handle.open(".", [.directory]))
    for _ in 0..<1500 {
      try below.handle.makeDirectory("a", mode: 0o700)
      let file = try below.handle.open("b", [.writeOnly, .create], mode: 0o600)
      try file.handle.writeAll([1])
      below = SharedDescriptor(try below.handle.open("a", [.directory]))
    }
    try directory.remove()
    #expect(try temporary.names("root") == [])
  }

  @Test("OP-14: nothing is taken for removed whose removal failed")
  func busy() throws {
    let (directory, _) = try StateDirectory.claim(try ContainerID("web"), in: root)
    try directory.remove()
    // The id is another's by now.
    let (other, _) = try StateDirectory.claim(try ContainerID("web"), in: root)
    try directory.remove()
    #expect(try temporary.names("root") == ["web"])
    try other.remove()
    #expect(try temporary.names("root") == [])
  }

  @Test("the list has directories that can be ids, in order")
  func list() throws {
    #expect(try StateListing(root).ids.isEmpty)
    for name: ByteString in ["b", "a", "C"] {
      _ = try StateDirectory.claim(try ContainerID(name), in: root)
    }
    try temporary.write("root/file", "")
    try temporary.makeDirectory("root/.seccomp")
    #expect(try StateListing(root).ids.map { $0.text } == ["C", "a", "b"])
    let absent = StateRoot(
      explicit: nil, runtimeDirectory: temporary.path + "/none", isRealRoot: false)
    #expect(try StateListing(absent).ids == [])
  }

  @Test("OP-6: the configuration is kept as it was given")
  func config() throws {
    let (directory, _) = try StateDirectory.claim(try ContainerID("web"), in: root)
    #expect(try directory.loadConfig() == nil)
    try directory.saveConfig(Array("{\"a\": 1}".utf8))
    #expect(try directory.loadConfig() == Array("{\"a\": 1}".utf8))
    #expect(try directory.handle.status(ofEntry: "config.json").permissions == 0o600)
  }

  private func message(_ body: () throws(StateError) -> Void) -> ByteString {
    do throws(StateError) {
      try body()
      return "done"
    } catch {
      return error.message
    }
  }
}
