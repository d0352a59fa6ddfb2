import Bytes
import CShim

/// Who this process is (credentials(7)). Raw system calls: there is one thread.
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
    // AT_UID, AT_EUID, AT_GID, AT_EGID.
    apus_getauxval(11) != apus_getauxval(12) || apus_getauxval(13) != apus_getauxval(14)
  }
}

/// Sets of capabilities as bit masks, bit n for capability n (capabilities(7)).
package struct CapabilitySets: Equatable, Sendable {
  package var effective: UInt64
  package var permitted: UInt64
  package var inheritable: UInt64

  package init(effective: UInt64, permitted: UInt64, inheritable: UInt64) {
    self.effective = effective
    self.permitted = permitted
    self.inheritable = inheritable
  }

  @inline(never)
  package static func current() throws(SyscallError) -> CapabilitySets {
    var sets = CapabilitySets(effective: 0, permitted: 0, inheritable: 0)
    try unsafe check(
      apus_capget(&sets.effective, &sets.permitted, &sets.inheritable), "capget")
    return sets
  }

  @inline(never)
  package func apply() throws(SyscallError) {
    try check(apus_capset(effective, permitted, inheritable), "capset")
  }
}

package enum Capability {
  /// CAP_SYS_ADMIN, as a set.
  package static var systemAdministration: UInt64 { 1 << 21 }

  /// Takes the capability out of the bounding set; false if the kernel does not know it.
  @inline(never)
  package static func dropFromBoundingSet(_ number: Int) throws(SyscallError) -> Bool {
    let answer = apus_prctl(APUS_PR_CAPBSET_DROP, UInt64(number), 0, 0, 0)
    if answer == -22 { return false }
    try check(answer, "prctl", "PR_CAPBSET_DROP")
    return true
  }

  /// Whether the bounding set has it; false too if the kernel does not know it.
  @inline(never)
  package static func isInBoundingSet(_ number: Int) -> Bool {
    apus_prctl(APUS_PR_CAPBSET_READ, UInt64(number), 0, 0, 0) == 1
  }

  @inline(never)
  package static func setKeepOnUserChange(_ keep: Bool) throws(SyscallError) {
    try ThisProcess.control(APUS_PR_SET_KEEPCAPS, keep ? 1 : 0)
  }

  @inline(never)
  package static func clearAmbient() throws(SyscallError) {
    try ThisProcess.control(APUS_PR_CAP_AMBIENT, 4)
  }

  @inline(never)
  package static func raiseAmbient(_ number: Int) throws(SyscallError) {
    try ThisProcess.control(APUS_PR_CAP_AMBIENT, 2, UInt64(number))
  }
}
