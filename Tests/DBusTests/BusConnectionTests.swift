import Bytes
import Linux
import Testing

@testable import DBus

/// A message bus of our own, for a test's time.
private final class Daemon {
  static let program: ByteString = "/usr/bin/dbus-daemon"
  static var isInstalled: Bool {
    do throws(SyscallError) {
      try Handle.currentDirectory.checkAccess(program, .execute)
      return true
    } catch {
      return false
    }
  }

  let address: ByteString
  private let path: ByteString
  private let child: ProcessHandle

  init() throws {
    path =
      "/tmp/apus-bus-" + ByteString(decimal: ThisProcess.id) + "-"
      + ByteString(decimal: Clock.monotonicNanoseconds)
    address = "unix:path=" + path
    let image = ExecutableImage(
      arguments: [Daemon.program, "--session", "--nofork", "--address=" + address],
      environment: [])
    switch try ThisProcess.clone() {
    case .parent(let child): self.child = child
    case .child:
      do throws(SyscallError) { try Signals.resetAll() } catch { ThisProcess.exit(126) }
      _ = image.execute(Daemon.program)
      ThisProcess.exit(127)
    }
    for _ in 0..<500 {
      if (try? Handle.currentDirectory.status(ofEntry: path)) != nil { return }
      Clock.sleep(milliseconds: 10)
    }
  }

  deinit {
    try? child.send(.kill)
    _ = try? child.wait()
    try? Handle.currentDirectory.unlink(path)
  }
}

@Suite("A real bus", .enabled(if: Daemon.isInstalled, "needs dbus-daemon"), .serialized)
struct BusConnectionTests {
  private static let bus: ByteString = "org.freedesktop.DBus"
  private static let object: ByteString = "/org/freedesktop/DBus"

  private func ask(_ connection: BusConnection, _ member: ByteString, _ body: [DBusValue] = [])
    throws -> [DBusValue]
  {
    try connection.call(
      path: BusConnectionTests.object, interface: BusConnectionTests.bus, member: member,
      destination: BusConnectionTests.bus, body
    ).body
  }

  @Test("who we are is known from the kernel, and calls are answered")
  func calls() throws {
    let daemon = try Daemon()
    let connection = try BusConnection(daemon.address)
    let names = try ask(connection, "ListNames")
    #expect(names.first?.signature == "as")
    let user = try ask(
      connection, "GetConnectionUnixUser", [.string(BusConnectionTests.bus)])
    #expect(user.count == 1 && user[0].signature == "u")
  }

  @Test("an error is told with its name")
  func errors() throws {
    let daemon = try Daemon()
    let connection = try BusConnection(daemon.address)
    do {
      _ = try ask(connection, "NoSuchMethod")
      Issue.record("it has no such method")
    } catch let error as DBusError {
      guard case .refused(let name, _) = error else { throw error }
      #expect(name == "org.freedesktop.DBus.Error.UnknownMethod")
    }
    // The connection goes on.
    #expect(try ask(connection, "GetId").first?.text?.isEmpty == false)
  }

  @Test("an error of what nobody waits for is told by the next call")
  func unawaited() throws {
    let daemon = try Daemon()
    let connection = try BusConnection(daemon.address)
    try connection.addMatch("no='rule'")
    do {
      _ = try ask(connection, "GetId")
      Issue.record("the rule is none")
    } catch let error as DBusError {
      guard case .refused(let name, _) = error else { throw error }
      #expect(name == "org.freedesktop.DBus.Error.MatchRuleInvalid")
    }
  }

  @Test("signals that come during calls are kept, and others waited for")
  func signals() throws {
    let daemon = try Daemon()
    let connection = try BusConnection(daemon.address)
    try connection.addMatch("type='signal',member='NameOwnerChanged'")
    let other = try BusConnection(daemon.address)
    _ = try ask(other, "RequestName", [.string("org.apus.test"), .uint32(0)])
    _ = try ask(connection, "GetId")
    let end = Clock.monotonicNanoseconds + 5_000_000_000
    let signal = try connection.signal(until: end) {
      $0.member == "NameOwnerChanged" && $0.body.first?.text == "org.apus.test"
    }
    #expect(signal.path == BusConnectionTests.object && signal.body.count == 3)
    #expect(throws: DBusError.timeout("a signal")) {
      try connection.signal(until: Clock.monotonicNanoseconds + 20_000_000) { _ in true }
    }
  }

  @Test("no signal that another user sends ends a call, however deep or long it is")
  func foreignSignals() throws {
    let daemon = try Daemon()
    let connection = try BusConnection(daemon.address)
    let name: ByteString = "org.apus.target"
    _ = try ask(connection, "RequestName", [.string(name), .uint32(0)])
    let other = try BusConnection(daemon.address)
    var signal = DBusMessage(.signal, serial: 0)
    signal.path = "/a"
    signal.interface = "org.apus.Test"
    signal.member = "Signal"
    signal.destination = name
    var deep = DBusValue.byte(1)
    for _ in 0..<60 { deep = .variant(deep) }
    let long = ByteString([UInt8](repeating: 0x61, count: 5 << 20))
    for value in [deep, .string(long), .string("end")] {
      signal.body = [value]
      try other.send(signal)
      // The bus has passed it on before it answers the sender.
      _ = try ask(other, "GetId")
      _ = try ask(connection, "GetId")
    }
    let end = Clock.monotonicNanoseconds + 5_000_000_000
    let last = try connection.signal(until: end) { $0.body.first?.text == "end" }
    #expect(last.member == "Signal")
  }

  @Test("a large message arrives whole")
  func large() throws {
    let daemon = try Daemon()
    let connection = try BusConnection(daemon.address)
    let rule = "type='signal',arg0='" + ByteString([UInt8](repeating: 0x61, count: 900)) + "'"
    for _ in 0..<100 { try connection.addMatch(rule) }
    let error = #expect(throws: DBusError.self) {
      try ask(
        connection, "RequestName",
        [.string(ByteString([UInt8](repeating: 0x61, count: 300_000))), .uint32(0)])
    }
    #expect(error?.message.count ?? 0 < 1000)
  }

  @Test("a bus that is not there is an error without the kernel's words")
  func absent() {
    let error = #expect(throws: DBusError.self) { try BusConnection("unix:path=/tmp/no-such-bus") }
    let message = error?.message ?? ""
    #expect(message.hasSuffix("cannot be reached: connect failed with ENOENT"))
  }

  @Test("a peer that is silent is waited for no longer than agreed, one that is gone not at all")
  func silence() throws {
    let path = "/tmp/apus-silent-" + ByteString(decimal: ThisProcess.id)
    let listener = try Socket.make(.stream)
    try Socket.bind(listener.handle, to: path)
    defer { try? Handle.currentDirectory.unlink(path) }
    try Socket.listen(listener.handle)
    #expect(throws: DBusError.timeout("AUTH")) {
      try BusConnection("unix:path=" + path, milliseconds: 50)
    }
    listener.close()
    // A child that another test just made holds the listener until it executes something.
    var message: ByteString = ""
    for _ in 0..<100 where !message.hasSuffix("ECONNREFUSED") {
      let error = #expect(throws: DBusError.self) {
        try BusConnection("unix:path=" + path, milliseconds: 50)
      }
      message = error?.message ?? ""
      Clock.sleep(milliseconds: 20)
    }
    #expect(message.hasSuffix("ECONNREFUSED"))
  }
}
