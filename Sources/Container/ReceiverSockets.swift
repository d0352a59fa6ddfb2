import Bytes
import Console
import Linux
import Report

/// The sockets on which engines wait for a descriptor: a terminal's master, or a process.
enum ReceiverSockets {
  static func connect(_ option: ByteString, _ path: ByteString?) throws(CommandFailure)
    -> SharedDescriptor?
  {
    guard let path else { return nil }
    do throws(SyscallError) {
      return try ConsoleSocket.connect(path)
    } catch {
      // Only the error's name: engines would take its text for a word about the program.
      throw CommandFailure(
        option + ": cannot connect to `" + path.escaped(limit: 200) + "`: " + error.errno.symbol)
    }
  }

  /// `text` is what runc sends along: `standard` for an init, `setns` for an exec.
  static func send(_ process: ProcessHandle, _ text: ByteString, to socket: SharedDescriptor?)
    throws(CommandFailure)
  {
    guard let socket else { return }
    do throws(SyscallError) {
      try Socket.send(socket.handle, Array(text.bytes), descriptors: [process.handle])
    } catch {
      throw CommandFailure("--pidfd-socket: cannot send the process: " + error.errno.symbol)
    }
  }
}
