import CShim

/// A word of memory between us and the children that we clone after making it: for a child that may
/// make no system call.
package enum SharedFlag {
  /// Makes the word (mmap(2), MAP_SHARED); call it before the clone.
  @inline(never)
  package static func make() throws(SyscallError) { try check(apus_flag_make(), "mmap") }

  /// Sets the flag for all processes that share it.
  package static func raise() { apus_flag_raise() }
}
