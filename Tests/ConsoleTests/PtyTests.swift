import Bytes
import Console
import Linux
import Testing

@Suite("the container's terminal")
struct PtyTests {
  @Test("a master and the peer that is asked of it, with line endings as they were")
  func pair() throws {
    let pty = try hostPty()
    #expect(Terminal.isTerminal(pty.peer.handle))
    try Terminal.setSize(pty.peer.handle, rows: 33, columns: 44)
    #expect(try Terminal.size(of: pty.master.handle) == (33, 44))
    try pty.peer.handle.writeAll(Array("a\n".utf8))
    #expect(try pty.master.handle.read(upTo: 10) == Array("a\r\n".utf8))
  }

  @Test("a /dev/pts that is no devpts, and a multiplexer that is a link, are refused")
  func wrongDevpts() throws {
    let path: ByteString =
      "/tmp/apus-pty-" + ByteString(decimal: Clock.monotonicNanoseconds)
    for name in ["", "/dev", "/dev/pts"] {
      try Handle.currentDirectory.makeDirectory(path + ByteString(name), mode: 0o700)
    }
    try Handle.currentDirectory.makeSymlink(path + "/dev/pts/ptmx", to: "/dev/ptmx")
    let root = SharedDescriptor(
      try Handle.currentDirectory.open(path, [.path, .directory]))
    #expect(throws: StepError.violation("`/dev/pts` is not a devpts", "/dev/pts")) {
      try Pty.open(root: root.handle)
    }
    try Handle.currentDirectory.unlink(path + "/dev/pts/ptmx")
    try Handle.currentDirectory.removeDirectory(path + "/dev/pts")
    // Not even when it leads to one.
    try Handle.currentDirectory.makeSymlink(path + "/dev/pts", to: "/dev/pts")
    #expect(throws: SyscallError.self) { try Pty.open(root: root.handle) }
    try Handle.currentDirectory.unlink(path + "/dev/pts")
    for name in ["/dev", ""] {
      try Handle.currentDirectory.removeDirectory(path + ByteString(name))
    }
  }
}

@Suite("the socket that receives the master")
struct ConsoleSocketTests {
  @Test("EN-J: one message with one descriptor, then the end")
  func protocolOfReceivers() throws {
    let socket = try Listener(name: "s")
    let pty = try hostPty()
    let received = try socket.receive { (path) throws(SyscallError) in
      let connected = try ConsoleSocket.connect(path)
      try ConsoleSocket.send(pty.master.handle, to: connected.handle)
    }
    #expect(String(decoding: received.bytes, as: UTF8.self) == "/dev/pts/ptmx")
    #expect(received.descriptors == 1)
    #expect(received.isTerminal)
    #expect(received.endsAfter)
  }

  @Test("a path longer than a socket's address is reached through its directory")
  func longPath() throws {
    let name = ByteString([UInt8](repeating: UInt8(ascii: "d"), count: 150))
    let socket = try Listener(name: "s", directory: name)
    #expect(socket.path.count > 108)
    let pty = try hostPty()
    let received = try socket.receive { (path) throws(SyscallError) in
      let connected = try ConsoleSocket.connect(path)
      try ConsoleSocket.send(pty.master.handle, to: connected.handle)
    }
    #expect(received.descriptors == 1)
  }

  @Test("what does not listen is an error", arguments: ["/", "/dev/null", "/nowhere/socket"])
  func refused(path: String) {
    #expect(throws: SyscallError.self) { try ConsoleSocket.connect(ByteString(path)) }
  }
}

/// A listening socket in a directory of its own.
private final class Listener {
  let path: ByteString
  private let base: ByteString
  private let directory: ByteString
  private let socket: SharedDescriptor

  struct Received {
    var bytes: [UInt8]
    var descriptors: Int
    var isTerminal: Bool
    var endsAfter: Bool
  }

  init(name: ByteString, directory: ByteString = "d") throws(SyscallError) {
    base = "/tmp/apus-socket-" + ByteString(decimal: Clock.monotonicNanoseconds)
    self.directory = base + "/" + directory
    path = self.directory + "/" + name
    try Handle.currentDirectory.makeDirectory(base, mode: 0o700)
    try Handle.currentDirectory.makeDirectory(self.directory, mode: 0o700)
    let handle = SharedDescriptor(
      try Handle.currentDirectory.open(self.directory, [.path, .directory]))
    socket = SharedDescriptor(try Socket.make(.stream))
    try Socket.bind(
      socket.handle,
      to: "/proc/self/fd/" + ByteString(decimal: handle.handle.raw) + "/" + name)
    try Socket.listen(socket.handle)
  }

  /// What arrives when `send` is done with this socket's path.
  func receive(_ send: (ByteString) throws(SyscallError) -> Void) throws(SyscallError) -> Received {
    try send(path)
    let connection = SharedDescriptor(try Socket.accept(socket.handle))
    let (bytes, descriptors) = try Socket.receiveDescriptors(connection.handle, limit: 4096)
    let rest = try Socket.receive(connection.handle, limit: 16)
    return Received(
      bytes: bytes, descriptors: descriptors.count,
      isTerminal: descriptors.first.map { Terminal.isTerminal($0.handle) } ?? false,
      endsAfter: rest.isEmpty)
  }

  deinit {
    do throws(SyscallError) {
      try Handle.currentDirectory.unlink(path)
      try Handle.currentDirectory.removeDirectory(directory)
      try Handle.currentDirectory.removeDirectory(base)
    } catch {
      print("left behind: \(base)")
    }
  }
}
