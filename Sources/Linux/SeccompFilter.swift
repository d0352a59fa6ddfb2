import Bytes
import CShim

extension Handle {
  /// Whether it is the listener of a filter that notifies.
  @inline(never)
  package func isSeccompListener() throws(SyscallError) -> Bool {
    let link: ByteString = "/proc/self/fd/" + ByteString(decimal: raw)
    return try Handle.currentDirectory.readLink(link) == "anon_inode:seccomp notify"
  }
}

/// Loads seccomp filters (seccomp(2)).
package enum SeccompFilter {
  /// Puts `program`, eight bytes an instruction, in force for this process and all it will start.
  /// Gives the listener if `flags` ask for one (SECCOMP_FILTER_FLAG_NEW_LISTENER). From the next
  /// system call on the filter decides; nothing is allocated here.
  package static func load(_ program: [UInt8], flags: UInt32) throws(SyscallError)
    -> FileDescriptor?
  {
    guard let count = UInt16(exactly: program.count / 8) else {
      throw SyscallError("seccomp", "", .EINVAL)
    }
    let answer = try check(
      unsafe program.withUnsafeBytes { unsafe apus_seccomp_load($0.baseAddress, count, flags) },
      "seccomp")
    return flags & 8 == 0 ? nil : FileDescriptor(owning: Int32(answer))
  }
}
