import Bytes
import CShim

/// User and group ids of this process (credentials(7)). Raw system calls: there is one thread.
package enum Credentials {
  package static var effectiveUserID: UInt32 { UInt32(truncatingIfNeeded: apus_geteuid()) }
  package static var effectiveGroupID: UInt32 { UInt32(truncatingIfNeeded: apus_getegid()) }
  package static var userID: UInt32 { UInt32(truncatingIfNeeded: apus_getuid()) }
  package static var groupID: UInt32 { UInt32(truncatingIfNeeded: apus_getgid()) }

  /// Replaces the supplementary groups, by none at all for an empty list.
  @inline(never)
  package static func setGroups(_ groups: [UInt32]) throws(SyscallError) {
    try check(
      unsafe groups.withUnsafeBufferPointer {
        unsafe apus_setgroups(UInt64(groups.count), $0.baseAddress)
      }, "setgroups")
  }

  /// The supplementary groups (getgroups(2)).
  @inline(never)
  package static func groups() throws(SyscallError) -> [UInt32] {
    let count = Int(try check(apus_getgroups(0, nil), "getgroups"))
    var answer: Int64 = 0
    let groups = unsafe [UInt32](unsafeUninitializedCapacity: max(1, count)) { buffer, filled in
      answer = count == 0 ? 0 : unsafe apus_getgroups(UInt64(count), buffer.baseAddress)
      filled = max(0, Int(answer))
    }
    try check(answer, "getgroups")
    return groups
  }

  /// Real, effective and saved user id.
  @inline(never)
  package static func setUser(_ id: UInt32) throws(SyscallError) {
    try check(apus_setresuid(id), "setresuid", ByteString(decimal: id))
  }

  /// Real, effective and saved group id.
  @inline(never)
  package static func setGroup(_ id: UInt32) throws(SyscallError) {
    try check(apus_setresgid(id), "setresgid", ByteString(decimal: id))
  }

  /// Whether the file that was executed gave us another user or group than our caller's. Not
  /// AT_SECURE, which a security module's transition sets too.
  package static var isSetuid: Bool {
    apus_getauxval(UInt64(APUS_AT_UID)) != apus_getauxval(UInt64(APUS_AT_EUID))
      || apus_getauxval(UInt64(APUS_AT_GID)) != apus_getauxval(UInt64(APUS_AT_EGID))
  }
}
