package import Bytes
import Linux

/// The reply to a call.
package struct DBusReply: Equatable, Sendable {
  /// The unique name of the sender, which the bus itself writes: no other connection can have it.
  package let sender: ByteString
  package let body: [DBusValue]
}

/// A connection to a bus: calls with their replies, and the signals that arrive between them.
package final class BusConnection {
  private let socket: SharedDescriptor
  private let address: ByteString
  private var received: [UInt8] = []
  private var signals: [DBusMessage] = []
  private var serial: UInt32 = 0
  /// Calls without a wait for the reply: the bus answers in order, so an error of one of them comes before
  /// the answer to the next call, which then fails with it.
  private var unawaited: [UInt32] = []

  /// In milliseconds: how long a call may take that does not wait for a unit.
  package static var timeout: Int64 { 10_000 }

  /// Connects to the first socket of `address`, says who we are and asks for a name.
  package init(_ address: ByteString, milliseconds: Int64 = BusConnection.timeout)
    throws(DBusError)
  {
    self.address = address
    let path = try BusAddress.path(address)
    let end = Clock.monotonicNanoseconds + milliseconds * 1_000_000
    do throws(SyscallError) {
      socket = SharedDescriptor(try Socket.make(.stream))
      try BusConnection.connect(socket.handle, path, until: end)
    } catch {
      throw .unreachable(address, error)
    }
    // EXTERNAL without a name: the bus asks the kernel who we are, which is right in a user
    // namespace, too, where our own number is not the bus' number for us.
    try write([0] + ByteString("AUTH EXTERNAL\r\nDATA\r\nBEGIN\r\n").bytes)
    try tell("Hello")
    guard try line(until: end) == "DATA", try line(until: end).hasPrefix("OK ") else {
      throw .refused(name: "AUTH EXTERNAL", text: "the message bus does not know this user")
    }
  }

  /// Calls a method and gives the values of its reply.
  package func call(
    path: ByteString, interface: ByteString, member: ByteString, destination: ByteString,
    _ body: [DBusValue] = [], milliseconds: Int64 = BusConnection.timeout
  ) throws(DBusError) -> DBusReply {
    let serial = try send(
      path: path, interface: interface, member: member, destination: destination, body)
    let end = Clock.monotonicNanoseconds + milliseconds * 1_000_000
    let reply = try reply(to: serial, member, until: end)
    return DBusReply(sender: reply.sender, body: reply.body)
  }

  /// Asks the bus for the signals that a rule describes (D-Bus specification, "Match Rules").
  package func addMatch(_ rule: ByteString) throws(DBusError) {
    try tell("AddMatch", [.string(rule)])
  }

  /// Calls a method of the bus itself, and does not wait.
  private func tell(_ member: ByteString, _ body: [DBusValue] = []) throws(DBusError) {
    let serial = try send(
      path: "/org/freedesktop/DBus", interface: "org.freedesktop.DBus", member: member,
      destination: "org.freedesktop.DBus", body)
    unawaited.append(serial)
  }

  /// The first signal that `isWanted`, of those that came during calls or come until `end`, in
  /// monotonic nanoseconds.
  package func signal(until end: Int64, _ isWanted: (DBusMessage) -> Bool) throws(DBusError)
    -> DBusMessage
  {
    while true {
      if let index = signals.firstIndex(where: isWanted) {
        let signal = signals[index]
        signals.removeSubrange(...index)
        return signal
      }
      if let message = try message(until: end, "a signal"), message.kind == .signal {
        keep(message)
      }
    }
  }

  private func keep(_ signal: DBusMessage) {
    signals.append(signal)
    // A busy system sends many signals that match and are of no interest.
    if signals.count > 1024 { signals.removeFirst(512) }
  }

  private func send(
    path: ByteString, interface: ByteString, member: ByteString, destination: ByteString,
    _ body: [DBusValue] = []
  ) throws(DBusError) -> UInt32 {
    var message = DBusMessage(.call, serial: 0)
    message.path = path
    message.interface = interface
    message.member = member
    message.destination = destination
    message.body = body
    return try send(message)
  }

  /// Gives the message the next serial number, which is returned.
  @discardableResult
  func send(_ message: DBusMessage) throws(DBusError) -> UInt32 {
    serial += 1
    var message = message
    message.serial = serial
    try write(message.encoded)
    return serial
  }

  private func reply(to serial: UInt32, _ member: ByteString, until end: Int64) throws(DBusError)
    -> DBusMessage
  {
    while true {
      guard let message = try message(until: end, member) else { continue }
      switch message.kind {
      case .signal: keep(message)
      case .call: continue
      case .reply:
        guard message.replySerial == serial else { continue }
        unawaited = []
        return message
      case .error:
        let isOurs = message.replySerial == serial || unawaited.contains(message.replySerial)
        guard isOurs else { continue }
        throw .refused(name: message.errorName, text: message.body.first?.text ?? "refused")
      }
    }
  }
}

// Bytes on the socket.
extension BusConnection {
  /// A bus that is stuck, with as many waiting as its socket takes, ends this after a while, and a signal
  /// within a second.
  private static func connect(_ socket: Handle, _ path: ByteString, until end: Int64)
    throws(SyscallError)
  {
    while true {
      do throws(SyscallError) {
        return try Socket.connect(socket, to: path, milliseconds: 1_000)
      } catch {
        if error.errno != .ETIMEDOUT || Clock.monotonicNanoseconds > end { throw error }
      }
      try Polling.pause(milliseconds: 1)
    }
  }

  private func write(_ bytes: [UInt8]) throws(DBusError) {
    do throws(SyscallError) { try Socket.send(socket.handle, bytes) } catch {
      throw .unreachable(address, error)
    }
  }

  /// One line of the authentication, without its end.
  private func line(until end: Int64) throws(DBusError) -> ByteString {
    while true {
      if let index = received.firstIndex(of: 0x0a), index > 0 {
        let line = ByteString(received[..<(index - 1)])
        received.removeSubrange(...index)
        return line
      }
      if received.count > 4096 { throw .malformed("a line without an end") }
      try receive(until: end, "AUTH")
    }
  }

  /// The next message; nil for one of an unknown kind, and for one that is too long: every user of the
  /// bus may send us a signal, which must not end a call.
  private func message(until end: Int64, _ what: ByteString) throws(DBusError) -> DBusMessage? {
    while received.count < DBusMessage.prefix { try receive(until: end, what) }
    let length = try DBusMessage.length(received)
    if length > DBusMessage.limit {
      try skip(length, until: end, what)
      return nil
    }
    while received.count < length { try receive(until: end, what) }
    let message = try DBusMessage.decode(Array(received.prefix(length)))
    received.removeFirst(length)
    return message
  }

  private func skip(_ count: Int, until end: Int64, _ what: ByteString) throws(DBusError) {
    var left = count
    while true {
      let part = min(left, received.count)
      received.removeFirst(part)
      left -= part
      if left == 0 { return }
      try receive(until: end, what)
    }
  }

  private func receive(until end: Int64, _ what: ByteString) throws(DBusError) {
    let left = (end - Clock.monotonicNanoseconds) / 1_000_000
    if left <= 0 { throw .timeout(what) }
    let bytes: [UInt8]
    do throws(SyscallError) {
      let events = try Polling.wait(
        [(socket.handle, .input)], milliseconds: Int32(min(left, 60_000)))
      if events[0].isEmpty { return }
      bytes = try socket.handle.read(upTo: 65536)
    } catch {
      throw .unreachable(address, error)
    }
    if bytes.isEmpty { throw .closed(address) }
    received += bytes
  }
}
