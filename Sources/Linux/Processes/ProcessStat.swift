import Bytes

/// The fields of `/proc/PID/stat` that show whether a process is the one that was started, whether it
/// stands still, and how it ended (proc_pid_stat(5)). Nothing else reads that file.
package struct ProcessStat: Equatable, Sendable {
  /// Field 3: `R`, `S`, …; `Z` and `X` are processes that have ended.
  package let state: UInt8
  /// Fields 14 to 17: what it and its children that were waited for have used of the processor, in clock ticks.
  package let processorTicks: UInt64
  /// Field 22: when the process started, in clock ticks since boot.
  package let startTime: UInt64
  /// Field 52: the status of a process that has ended and is not reaped yet, as wait(2) gives it. nil
  /// before Linux 3.5, and in what `read` gives one who may not trace the process: the kernel writes 0 then.
  package private(set) var waitStatus: Int32?
  /// It is on its way out and can only be waited for: it exits (field 9, PF_EXITING), or SIGKILL is pending
  /// (field 31), as which the kernel delivers every signal that ends a process.
  package let isEnding: Bool

  package var hasEnded: Bool { state == UInt8(ascii: "Z") || state == UInt8(ascii: "X") }

  /// In uninterruptible sleep, mostly for a disk.
  package var isAtDisk: Bool { state == UInt8(ascii: "D") }

  /// By a signal or under a tracer; not one in a frozen cgroup.
  package var isStopped: Bool { state == UInt8(ascii: "T") || state == UInt8(ascii: "t") }

  /// Parses the line; nil if it is malformed. Fields are counted from the last `)`, since a process may
  /// call itself `x) R 1 2 3`.
  @inline(never)
  package init?(_ line: [UInt8]) {
    guard var index = line.lastIndex(of: UInt8(ascii: ")")) else { return nil }
    var (state, start, status): (UInt8?, UInt64?, Int32?) = (nil, nil, nil)
    var isEnding = false
    var ticks: UInt64 = 0
    var field = 2
    while true {
      index += 1
      while index < line.count, line[index] == 0x20 || line[index] == 0x0a { index += 1 }
      let first = index
      // The digits of the field; nil with any other byte, and with more than fit.
      var number: UInt64? = 0
      while index < line.count, line[index] != 0x20, line[index] != 0x0a {
        number = number.flatMap { ProcessStat.number($0, and: line[index]) }
        index += 1
      }
      if index == first { break }
      field += 1
      switch field {
      case 3: state = line[first]
      case 9: isEnding = number.map { $0 & 0x4 != 0 } ?? false
      case 14...17: ticks &+= number ?? 0
      case 22: start = number
      case 31: isEnding = isEnding || (number.map { $0 & 1 << 8 != 0 } ?? false)
      case 52: status = number.flatMap { Int32(exactly: $0) }
      default: break
      }
    }
    guard let state, let start else { return nil }
    (self.state, startTime, waitStatus, self.isEnding) = (state, start, status, isEnding)
    processorTicks = ticks
  }

  private static func number(_ number: UInt64, and digit: UInt8) -> UInt64? {
    guard digit >= 0x30, digit <= 0x39 else { return nil }
    let (product, isTooLarge) = number.multipliedReportingOverflow(by: 10)
    let (sum, isTooLargeToo) = product.addingReportingOverflow(UInt64(digit - 0x30))
    return isTooLarge || isTooLargeToo ? nil : sum
  }

  /// Of the process that has the number now; nil if there is none, or it may not be seen.
  @inline(never)
  package static func read(_ pid: Int32) throws(SyscallError) -> ProcessStat? {
    do throws(SyscallError) {
      let path = "/proc/" + ByteString(decimal: pid) + "/stat"
      let file = try Handle.currentDirectory.open(path, .readOnly)
      var stat = ProcessStat(try file.handle.read(upTo: 4096))
      if stat?.hasEnded == true, stat?.waitStatus == 0, !mayTrace(pid) { stat?.waitStatus = nil }
      return stat
    } catch {
      if error.errno == .ENOENT || error.errno == .ESRCH { return nil }
      throw error
    }
  }
  /// The kernel asks the same for this link, also of a process that has ended (proc_pid_ns(5)).
  private static func mayTrace(_ pid: Int32) -> Bool {
    do throws(SyscallError) {
      _ = try Handle.currentDirectory.readLink("/proc/" + ByteString(decimal: pid) + "/ns/user")
      return true
    } catch {
      return false
    }
  }
}
