package import Bytes
package import Linux

/// The socket on which an engine waits for the master of a container's terminal.
package enum ConsoleSocket {
  /// Connects to `path`, a listening stream socket, on the host. A path too long for a socket's
  /// address is reached through a descriptor of its directory.
  package static func connect(_ path: ByteString) throws(SyscallError) -> SharedDescriptor {
    let socket = SharedDescriptor(try Socket.make(.stream))
    // A peer that does not answer must not block us forever.
    try Socket.setTimeout(socket.handle, milliseconds: 10_000)
    if path.count < 108 {
      try Socket.connect(socket.handle, to: path)
      return socket
    }
    let directory = SharedDescriptor(
      try Handle.currentDirectory.open(path.directoryName, [.path, .directory]))
    try Socket.connect(
      socket.handle, to: directory.handle.descriptorPath.appending(path.baseName))
    return socket
  }

  /// One message, one descriptor; receivers ignore the text.
  package static func send(_ master: Handle, to socket: Handle) throws(SyscallError) {
    try Socket.send(socket, Array("/dev/pts/ptmx".utf8), descriptors: [master])
  }
}
