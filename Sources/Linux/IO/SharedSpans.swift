import Bytes
import CShim

/// When things begin and end in a child that we clone: memory that is shared with it, an entry of fixed
/// size for each, so that neither side ever waits for the other.
@safe package final class SharedSpans {
  package struct Entry: Sendable {
    /// On CLOCK_MONOTONIC, in nanoseconds; 0 for what has not begun or not ended.
    package let start: Int64
    package let end: Int64
    /// Below 0 for a failure without an errno.
    package let errno: Int64
  }

  package let count: Int
  private let memory: UnsafeMutablePointer<Int64>

  /// mmap(2), MAP_SHARED; never unmapped, and taken away by execve.
  @inline(never)
  package init(count: Int) throws(SyscallError) {
    var memory: UnsafeMutablePointer<Int64>?
    try unsafe check(apus_share(UInt64(max(count, 1) * 24), &memory), "mmap")
    guard let memory = unsafe memory else { throw SyscallError("mmap", "", .ENOMEM) }
    unsafe self.memory = memory
    self.count = count
  }

  /// Nanoseconds of CLOCK_MONOTONIC, without a system call.
  package static var now: Int64 { apus_now() }

  @inline(never)
  package func begin(_ number: Int) { set(number, 0, SharedSpans.now) }

  @inline(never)
  package func end(_ number: Int, errno: Int64 = 0) {
    set(number, 1, SharedSpans.now)
    set(number, 2, errno)
  }

  @inline(never)
  package func entry(_ number: Int) -> Entry {
    unsafe Entry(
      start: memory[number * 3], end: memory[number * 3 + 1], errno: memory[number * 3 + 2])
  }

  private func set(_ number: Int, _ field: Int, _ value: Int64) {
    if number >= 0, number < count { unsafe memory[number * 3 + field] = value }
  }
}
