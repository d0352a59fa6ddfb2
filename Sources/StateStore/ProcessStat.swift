package import Bytes

/// The fields of `/proc/PID/stat` that show whether a process is the one that was started,
/// and how it ended.
package struct ProcessStat: Equatable, Sendable {
  /// Field 3: `R`, `S`, …; `Z` and `X` are processes that have ended.
  package let state: UInt8
  /// Field 22: when the process started, in clock ticks since boot.
  package let startTime: UInt64
  /// Field 52: the status of a process that has ended and is not reaped yet, as wait(2) gives it. nil
  /// before Linux 3.5, 0 if the reader may not trace it.
  package let waitStatus: Int32?
  /// It is on its way out and can only be waited for: it exits (field 9, PF_EXITING), or SIGKILL is pending
  /// (field 31), as which the kernel delivers every signal that ends a process.
  package let isEnding: Bool

  package var hasEnded: Bool { state == UInt8(ascii: "Z") || state == UInt8(ascii: "X") }

  /// Parses the line of proc_pid_stat(5); nil if it is malformed. Fields are counted from the last `)`,
  /// since a process may call itself `x) R 1 2 3`.
  package init?(_ line: ByteString) {
    guard let end = line.bytes.lastIndex(of: UInt8(ascii: ")")) else { return nil }
    let fields = line.bytes[(end + 1)...].split { $0 == 0x20 || $0 == 0x0a }
    guard fields.count >= 20, let state = fields[0].first,
      let startTime = ByteString(fields[19]).unsignedDecimal
    else { return nil }
    self.state = state
    self.startTime = startTime
    func bit(_ field: Int, _ mask: UInt64) -> Bool {
      fields.count > field - 3 && (ByteString(fields[field - 3]).unsignedDecimal ?? 0) & mask != 0
    }
    isEnding = bit(9, 0x4) || bit(31, 1 << 8)
    waitStatus =
      fields.count > 49
      ? ByteString(fields[49]).unsignedDecimal.flatMap { Int32(exactly: $0) } : nil
  }
}
