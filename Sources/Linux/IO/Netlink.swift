package import Bytes
import CShim

/// One request or answer of rtnetlink(7): a header, a fixed structure, attributes.
package struct NetlinkMessage: Equatable, Sendable {
  package var type: UInt16
  package var flags: UInt16
  /// Everything after the header.
  package var payload: [UInt8]

  package init(type: UInt16, flags: UInt16, payload: [UInt8]) {
    self.type = type
    self.flags = flags
    self.payload = payload
  }

  /// Adds an attribute, padded to four bytes.
  package mutating func append(_ attribute: UInt16, _ value: [UInt8]) {
    payload += [UInt8](littleEndian: UInt16(truncatingIfNeeded: value.count + 4))
    payload += [UInt8](littleEndian: attribute)
    payload += value
    while payload.count % 4 != 0 { payload.append(0) }
  }

  /// The attributes behind a fixed structure of `offset` bytes. What is cut off is left out.
  package func attributes(after offset: Int) -> [(type: UInt16, value: [UInt8])] {
    var found = [(type: UInt16, value: [UInt8])]()
    var at = offset
    while at + 4 <= payload.count {
      let length = Int(number(at, as: UInt16.self))
      guard length >= 4, at + length <= payload.count else { break }
      // The two highest bits are flags.
      let type = number(at + 2, as: UInt16.self) & 0x3fff
      found.append((type, Array(payload[(at + 4)..<(at + length)])))
      at += (length + 3) & ~3
    }
    return found
  }

  /// A number of the fixed structure; 0 beyond the end.
  package func number<Number: FixedWidthInteger>(_ offset: Int, as type: Number.Type) -> Number {
    let bytes = payload.dropFirst(offset).prefix(Number.bitWidth / 8)
    return Number(truncatingIfNeeded: bytes.littleEndianNumber)
  }

  func encoded(sequence: UInt32) -> [UInt8] {
    [UInt8](littleEndian: UInt32(truncatingIfNeeded: payload.count + 16))
      + [UInt8](littleEndian: type) + [UInt8](littleEndian: flags)
      + [UInt8](littleEndian: sequence) + [UInt8](littleEndian: UInt32(0)) + payload
  }
}

/// A connection to the kernel's network configuration, of the namespace that this process was in when
/// it was opened (netlink(7)).
package final class Netlink: Sendable {
  private let socket: FileDescriptor

  package init() throws(SyscallError) {
    // NETLINK_ROUTE is 0.
    let fd = try check(
      apus_socket(APUS_AF_NETLINK, APUS_SOCK_RAW | APUS_SOCK_CLOEXEC, 0), "socket", "netlink")
    socket = FileDescriptor(owning: Int32(fd))
  }

  /// Sends a request and gives all answers to it. `subject` names it in an error.
  @discardableResult
  package func request(
    _ message: NetlinkMessage, subject: ByteString
  ) throws(SyscallError) -> [NetlinkMessage] {
    // NLM_F_REQUEST | NLM_F_ACK: every request ends with an answer of its own.
    var message = message
    message.flags |= 0x1 | 0x4
    try Socket.send(socket.handle, message.encoded(sequence: 1))
    var answers = [NetlinkMessage]()
    while true {
      let datagram = try receive(subject)
      var at = 0
      while at + 16 <= datagram.count {
        let header = NetlinkMessage(type: 0, flags: 0, payload: Array(datagram[at..<(at + 16)]))
        let length = Int(header.number(0, as: UInt32.self))
        guard length >= 16, at + length <= datagram.count else {
          throw SyscallError("netlink", subject, .EPROTO)
        }
        let answer = NetlinkMessage(
          type: header.number(4, as: UInt16.self), flags: header.number(6, as: UInt16.self),
          payload: Array(datagram[(at + 16)..<(at + length)]))
        switch answer.type {
        case 1: break  // NLMSG_NOOP
        case 2, 3:  // NLMSG_ERROR, of which 0 is the acknowledgement; NLMSG_DONE
          let errno = answer.number(0, as: Int32.self)
          if errno != 0 { throw SyscallError("netlink", subject, Errno(rawValue: 0 &- errno)) }
          return answers
        default: answers.append(answer)
        }
        at += (length + 3) & ~3
      }
    }
  }

  private func receive(_ subject: ByteString) throws(SyscallError) -> [UInt8] {
    let datagram = try Socket.receive(socket.handle, limit: 65536)
    if datagram.isEmpty { throw SyscallError("netlink", subject, .EPROTO) }
    return datagram
  }
}
