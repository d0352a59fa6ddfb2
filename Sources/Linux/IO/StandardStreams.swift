import Bytes

/// Descriptors 0, 1 and 2.
package enum StandardStreams {
  /// Opens `/dev/null` on each that the caller left closed, so that no file of ours takes its number
  /// and is handed to a container as its standard input or output.
  package static func fill() throws(SyscallError) {
    for number: Int32 in 0...2 where !Handle(raw: number).isOpen {
      // The lowest free number is taken: this one, since those below are open.
      let null = try Handle.currentDirectory.open("/dev/null", .readWrite)
      _ = null.release()
      try Handle(raw: number).keepOnExec()
    }
  }
}
