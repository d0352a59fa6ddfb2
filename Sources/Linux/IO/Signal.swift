import Bytes
import CShim

/// A signal by its number (signal(7)), the same on x86, Arm, RISC-V, PowerPC and s390.
package struct Signal: Equatable, Sendable {
  package let rawValue: Int32
  package init(rawValue: Int32) { self.rawValue = rawValue }
  package static let hangUp = Signal(rawValue: 1)
  package static let interrupt = Signal(rawValue: 2)
  package static let quit = Signal(rawValue: 3)
  package static let kill = Signal(rawValue: 9)
  package static let pipe = Signal(rawValue: 13)
  package static let terminate = Signal(rawValue: 15)
  package static let child = Signal(rawValue: 17)
  /// SIGCONT.
  package static let goOn = Signal(rawValue: 18)
  package static let stop = Signal(rawValue: 19)
  package static let urgent = Signal(rawValue: 23)
  package static let windowChange = Signal(rawValue: 28)
  package static let badCall = Signal(rawValue: 31)
}

/// The signals of this process: which are blocked, and what the others do.
package enum Signals {
  /// Bit n-1 stands for signal n.
  @inline(never)
  package static func bit(_ signal: Signal) -> UInt64 { 1 << UInt64(signal.rawValue - 1) }

  /// Blocks all that can be blocked and gives the mask that was.
  @discardableResult
  @inline(never)
  package static func blockAll() throws(SyscallError) -> UInt64 { try block(~0) }

  /// Adds `mask` to the blocked signals and gives the old mask (sigprocmask(2)).
  @discardableResult
  @inline(never)
  package static func block(_ mask: UInt64) throws(SyscallError) -> UInt64 {
    var old: UInt64 = 0
    try unsafe check(apus_signal_block(mask, &old), "rt_sigprocmask")
    return old
  }

  /// Replaces the mask of blocked signals (sigprocmask(2)).
  @inline(never)
  package static func setMask(_ mask: UInt64) throws(SyscallError) {
    try check(apus_signal_set_mask(mask), "rt_sigprocmask")
  }

  /// What the caller ignores or blocks is not what the runtime does: children can be waited for, a
  /// reader that is gone and a file that is too large are errors of write(2), nothing is blocked, and a
  /// fault of the runtime (most often a limit on stack or memory) is reported and gives a status. What asks
  /// a command to stop, the caller may have ignored on purpose (nohup(1)): that stays.
  @inline(never)
  package static func takeOver() { apus_signals_take_over() }

  /// Default dispositions and nothing blocked: what a program expects at its start. Engines ignore
  /// SIGPIPE, and execve hands that on.
  @inline(never)
  package static func resetAll() throws(SyscallError) {
    apus_signal_reset_all()
    try setMask(0)
  }

  /// Sets the disposition to SIG_IGN, which execve(2) keeps (sigaction(2)).
  @inline(never)
  package static func ignore(_ signal: Signal) throws(SyscallError) {
    try check(apus_signal_ignore(signal.rawValue), "sigaction")
  }

  /// A descriptor to read the blocked signals of `mask` from: 128 bytes each, the number in the
  /// first four (signalfd(2)).
  @inline(never)
  package static func descriptor(_ mask: UInt64) throws(SyscallError) -> FileDescriptor {
    FileDescriptor(owning: Int32(try check(apus_signalfd(mask), "signalfd")))
  }

  /// The next signal from such a descriptor.
  @inline(never)
  package static func next(_ descriptor: Handle) throws(SyscallError) -> Signal {
    let record = try descriptor.read(upTo: 128)
    guard record.count == 128 else { throw SyscallError("read", "signalfd", .EIO) }
    return Signal(
      rawValue: Int32(record[0]) | Int32(record[1]) << 8 | Int32(record[2]) << 16)
  }
}
