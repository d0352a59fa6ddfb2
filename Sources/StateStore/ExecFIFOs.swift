import Bytes
package import Linux

/// The exec FIFO between an init that waits and the `start` to come, and the FIFO of its result.
///
/// `created` and `running` differ by the first one's existence; the command that unlinks it is the one
/// `start` that wins.
extension StateDirectory {
  static var execName: ByteString { "exec.fifo" }
  static var resultName: ByteString { "exec-result.fifo" }
  static var wordName: ByteString { "exec-errno" }

  /// Makes both and opens them for init: open for reading and writing, so that neither open waits.
  package func makeExecFIFOs() throws(SyscallError) -> (
    waiting: SharedDescriptor, result: SharedDescriptor
  ) {
    for name in [StateDirectory.execName, StateDirectory.resultName] {
      try making(name) { () throws(SyscallError) in
        try handle.makeNode(name, .fifo, mode: 0o600)
      }
    }
    let flags: OpenFlags = [.readWrite, .noFollow]
    return (
      SharedDescriptor(try handle.open(StateDirectory.execName, flags)),
      SharedDescriptor(try handle.open(StateDirectory.resultName, flags))
    )
  }

  /// Makes the file of `ExecErrno`, for an init that could not write into the FIFO.
  package func makeExecErrno() throws(SyscallError) -> SharedDescriptor {
    try making(StateDirectory.wordName) { () throws(SyscallError) in
      let file = try handle.open(
        StateDirectory.wordName, [.readWrite, .create, .exclusive, .noFollow], mode: 0o600)
      try file.handle.truncate(to: 4)
      return SharedDescriptor(file)
    }
  }

  /// What it holds; empty if there is none.
  package func readExecErrno() throws(SyscallError) -> [UInt8] {
    try read(StateDirectory.wordName, limit: 4) ?? []
  }

  /// Whether init still waits for its `start`.
  package func awaitsStart() throws(SyscallError) -> Bool {
    do throws(SyscallError) {
      return try handle.status(ofEntry: StateDirectory.execName).kind == .fifo
    } catch {
      if error.errno == .ENOENT { return false }
      throw error
    }
  }

  /// Takes both: nil if init is not there to read. Only the caller that got this far may let init go,
  /// by a byte into `waiting`; `result` then says whether the program was executed.
  package func takeExecFIFOs() throws(SyscallError) -> (
    waiting: SharedDescriptor, result: SharedDescriptor
  )? {
    let result = SharedDescriptor(
      try handle.open(StateDirectory.resultName, [.noFollow, .nonBlocking]))
    guard let waiting = try openExecFIFO() else { return nil }
    try handle.unlink(StateDirectory.execName)
    try handle.unlink(StateDirectory.resultName)
    return (waiting, result)
  }

  /// nil without a reader: init died.
  func openExecFIFO() throws(SyscallError) -> SharedDescriptor? {
    do throws(SyscallError) {
      return SharedDescriptor(
        try handle.open(StateDirectory.execName, [.writeOnly, .noFollow, .nonBlocking]))
    } catch {
      if error.errno == .ENXIO { return nil }
      throw error
    }
  }
}
