import Bytes
import Linux

/// Socket activation: descriptors from 3 on that a service manager passed in (sd_listen_fds(3)).
package enum ListenDescriptors {
  /// How many there are: 0 unless `LISTEN_PID` names us, and for a number that is none.
  package static var count: Int {
    guard let text = ProcessArguments.variable("LISTEN_FDS"), let count = text.unsignedDecimal,
      count <= 1 << 20, let value = Int(exactly: count)
    else { return 0 }
    // Set for another process further up, it says nothing about our descriptors.
    if let pid = ProcessArguments.variable("LISTEN_PID"),
      pid != ByteString(decimal: ThisProcess.id)
    {
      return 0
    }
    return value
  }

  /// What the program gets to know of them: it is process 1 of its pid namespace, or takes it that it
  /// is meant.
  static var environment: [(name: ByteString, value: ByteString)] {
    let count = count
    if count == 0 { return [] }
    var variables: [(name: ByteString, value: ByteString)] = [
      ("LISTEN_FDS", ByteString(decimal: count)), ("LISTEN_PID", "1"),
    ]
    if let names = ProcessArguments.variable("LISTEN_FDNAMES") {
      variables.append(("LISTEN_FDNAMES", names))
    }
    return variables
  }
}
