package import Bytes
package import Linux

/// The socket on which an engine waits for the master of a container's terminal.
package enum ConsoleSocket {
  /// In milliseconds: how long a peer may take to take what it waits for.
  package static var timeout: Int64 { 10_000 }

  /// Connects to `path`, a listening stream socket, on the host. A path too long for a socket's
  /// address is reached through a descriptor of its directory.
  package static func connect(_ path: ByteString) throws(SyscallError) -> SharedDescriptor {
    let socket = SharedDescriptor(try Socket.make(.stream))
    if path.count < 108 {
      try Socket.connect(socket.handle, to: path, milliseconds: timeout)
      return socket
    }
    let directory = SharedDescriptor(
      try Handle.currentDirectory.open(path.directoryName, [.path, .directory]))
    try Socket.connect(
      socket.handle, to: directory.handle.descriptorPath.appending(path.baseName),
      milliseconds: timeout)
    return socket
  }

  /// One message, one descriptor; receivers ignore the text.
  package static func send(_ master: Handle, to socket: Handle) throws(SyscallError) {
    try Socket.send(socket, Array("/dev/pts/ptmx".utf8), descriptors: [master])
  }
}
