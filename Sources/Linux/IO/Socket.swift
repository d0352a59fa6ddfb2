package import Bytes
import CShim

/// Unix sockets: messages, and the descriptors that travel with them (unix(7)).
package enum Socket {
  /// The type of a socket (socket(2)).
  package struct Kind: Sendable {
    fileprivate let rawValue: Int32
    package static let stream = Kind(rawValue: APUS_SOCK_STREAM)
    package static let datagram = Kind(rawValue: APUS_SOCK_DGRAM)
    package static let sequencedPacket = Kind(rawValue: APUS_SOCK_SEQPACKET)
  }

  /// Two connected ends.
  @inline(never)
  package static func pair(_ kind: Kind) throws(SyscallError) -> (
    SharedDescriptor, SharedDescriptor
  ) {
    var ends: (Int32, Int32) = (-1, -1)
    try unsafe check(
      withUnsafeMutableBytes(of: &ends) {
        unsafe apus_socketpair(kind.rawValue, $0.baseAddress?.assumingMemoryBound(to: Int32.self))
      }, "socketpair")
    return (
      SharedDescriptor(FileDescriptor(owning: ends.0)),
      SharedDescriptor(FileDescriptor(owning: ends.1))
    )
  }

  /// A unix socket, close-on-exec (socket(2), unix(7)).
  @inline(never)
  package static func make(_ kind: Kind) throws(SyscallError) -> FileDescriptor {
    FileDescriptor(
      owning: Int32(try check(apus_socket(APUS_AF_UNIX, kind.rawValue, 0), "socket")))
  }

  /// Connects to the socket file `path`, shorter than 108 bytes: reach longer ones through
  /// `/proc/self/fd/N/name`. ETIMEDOUT where a listener has not even room for one more to wait: from here on
  /// sends and receives take `milliseconds` at most, too (EAGAIN).
  @inline(never)
  package static func connect(_ socket: Handle, to path: ByteString, milliseconds: Int64)
    throws(SyscallError)
  {
    try setTimeout(socket, milliseconds: milliseconds)
    do throws(SyscallError) {
      try checkRetrying("connect", path) {
        unsafe path.withCString { unsafe apus_connect_unix(socket.raw, $0) }
      }
    } catch {
      if error.errno == .EAGAIN { throw SyscallError("connect", path, .ETIMEDOUT) }
      throw error
    }
  }

  /// The same for a name in the abstract namespace of this network namespace, which begins with `@`. Nothing
  /// of ours has such a name: who shares the network could connect to it (CVE-2020-15257).
  @inline(never)
  package static func connect(_ socket: Handle, toAbstract name: ByteString, milliseconds: Int64)
    throws(SyscallError)
  {
    try setTimeout(socket, milliseconds: milliseconds)
    try checkRetrying("connect", name) {
      unsafe name.withCString { unsafe apus_connect_abstract(socket.raw, $0) }
    }
  }

  /// bind(2). EADDRINUSE if the path exists; ENAMETOOLONG above 107 bytes.
  @inline(never)
  package static func bind(_ socket: Handle, to path: ByteString) throws(SyscallError) {
    try check(unsafe path.withCString { unsafe apus_bind_unix(socket.raw, $0) }, "bind", path)
  }

  /// listen(2); `backlog` connections may wait.
  @inline(never)
  package static func listen(_ socket: Handle, backlog: Int32 = 1) throws(SyscallError) {
    try check(apus_listen(socket.raw, backlog), "listen")
  }

  /// accept4(2), close-on-exec. Blocks unless a connection is there: poll first.
  @inline(never)
  package static func accept(_ socket: Handle) throws(SyscallError) -> FileDescriptor {
    FileDescriptor(owning: Int32(try checkRetrying("accept") { apus_accept(socket.raw) }))
  }

  /// send(2) with MSG_NOSIGNAL, all of it. EPIPE if the peer is gone, EMSGSIZE if only a part was sent.
  @inline(never)
  package static func send(_ socket: Handle, _ bytes: [UInt8]) throws(SyscallError) {
    let sent = try checkRetrying("send") {
      unsafe bytes.withUnsafeBytes {
        unsafe apus_send(socket.raw, $0.baseAddress, UInt64(bytes.count), 0)
      }
    }
    if sent != Int64(bytes.count) { throw SyscallError("send", "", .EMSGSIZE) }
  }

  /// One message of at most `limit` bytes; empty when the peer is gone. A longer one is an error.
  @inline(never)
  package static func receive(_ socket: Handle, limit: Int) throws(SyscallError) -> [UInt8] {
    // MSG_TRUNC gives the whole length even of what was cut off.
    var length: Int64 = 0
    let bytes = try unsafe readFromKernel(limit, "recv") {
      length = unsafe apus_receive(socket.raw, $0, UInt64(limit), 0x20)
      return min(length, Int64(limit))
    }
    if length > Int64(limit) { throw SyscallError("recv", "", .EMSGSIZE) }
    return bytes
  }

  /// One message with up to eight descriptors.
  @inline(never)
  package static func send(_ socket: Handle, _ bytes: [UInt8], descriptors: [Handle])
    throws(SyscallError)
  {
    let numbers = descriptors.map { $0.raw }
    try checkRetrying("sendmsg") {
      unsafe bytes.withUnsafeBytes { bytes in
        unsafe numbers.withUnsafeBufferPointer {
          unsafe apus_send_descriptors(
            socket.raw, bytes.baseAddress, UInt64(bytes.count), $0.baseAddress,
            UInt32(numbers.count))
        }
      }
    }
  }

  /// One message and its descriptors, which belong to the caller.
  @inline(never)
  package static func receiveDescriptors(_ socket: Handle, limit: Int) throws(SyscallError)
    -> (bytes: [UInt8], descriptors: [SharedDescriptor])
  {
    var numbers = [Int32](repeating: -1, count: 8)
    var count: UInt32 = 0
    let bytes = try unsafe readFromKernel(limit, "recvmsg") { buffer in
      unsafe numbers.withUnsafeMutableBufferPointer {
        unsafe apus_receive_descriptors(
          socket.raw, buffer, UInt64(limit), $0.baseAddress, &count)
      }
    }
    return (
      bytes,
      numbers.prefix(Int(count)).map { SharedDescriptor(FileDescriptor(owning: $0)) }
    )
  }

  /// After this time a blocked send or receive ends with EAGAIN.
  @inline(never)
  package static func setTimeout(_ socket: Handle, milliseconds: Int64) throws(SyscallError) {
    try check(apus_socket_timeout(socket.raw, milliseconds), "setsockopt")
  }

  /// Brings `lo` up in the network namespace of this process.
  @inline(never)
  package static func bringLoopbackUp() throws(SyscallError) {
    let socket = SharedDescriptor(try make(.datagram))
    try bringLoopbackUp(through: socket.handle)
  }

  /// The same in the network namespace of the socket.
  @inline(never)
  package static func bringLoopbackUp(through socket: Handle) throws(SyscallError) {
    try check(apus_loopback_up(socket.raw), "ioctl", "SIOCSIFFLAGS lo")
  }

  /// The network namespace that the socket was made in (SIOCGSKNS): /proc/self/ns/net leads to the same for five
  /// times the price.
  @inline(never)
  package static func network(of socket: Handle) throws(SyscallError) -> FileDescriptor {
    FileDescriptor(owning: Int32(try check(apus_network_of(socket.raw), "ioctl", "SIOCGSKNS")))
  }
}
