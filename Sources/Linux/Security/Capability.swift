import Bytes
import CShim

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

  /// The sets of this process (capget(2)).
  @inline(never)
  package static func current() throws(SyscallError) -> CapabilitySets {
    var sets = CapabilitySets(effective: 0, permitted: 0, inheritable: 0)
    try unsafe check(
      apus_capget(&sets.effective, &sets.permitted, &sets.inheritable), "capget")
    return sets
  }

  /// Makes these the sets of this process (capset(2)). EPERM for more than is permitted.
  @inline(never)
  package func apply() throws(SyscallError) {
    try check(apus_capset(effective, permitted, inheritable), "capset")
  }
}

/// Single capabilities and the bounding and ambient sets (prctl(2)).
package enum Capability {
  /// CAP_SYS_ADMIN, as a set.
  package static var systemAdministration: UInt64 { 1 << 21 }

  /// Takes the capability out of the bounding set; false if the kernel does not know it.
  @inline(never)
  package static func dropFromBoundingSet(_ number: Int) throws(SyscallError) -> Bool {
    let answer = apus_prctl(APUS_PR_CAPBSET_DROP, UInt64(number), 0, 0, 0)
    if answer.failed(with: .EINVAL) { return false }
    try check(answer, "prctl", "PR_CAPBSET_DROP")
    return true
  }

  /// Whether the bounding set has it; false too if the kernel does not know it.
  @inline(never)
  package static func isInBoundingSet(_ number: Int) -> Bool {
    apus_prctl(APUS_PR_CAPBSET_READ, UInt64(number), 0, 0, 0) == 1
  }

  /// Whether a change from uid 0 keeps the permitted set (PR_SET_KEEPCAPS); execve(2) clears it.
  @inline(never)
  package static func setKeepOnUserChange(_ keep: Bool) throws(SyscallError) {
    try ThisProcess.control(APUS_PR_SET_KEEPCAPS, keep ? 1 : 0)
  }

  /// PR_CAP_AMBIENT_CLEAR_ALL.
  @inline(never)
  package static func clearAmbient() throws(SyscallError) {
    try ThisProcess.control(APUS_PR_CAP_AMBIENT, UInt64(APUS_PR_CAP_AMBIENT_CLEAR_ALL))
  }

  /// PR_CAP_AMBIENT_RAISE. EPERM unless it is permitted and inheritable.
  @inline(never)
  package static func raiseAmbient(_ number: Int) throws(SyscallError) {
    try ThisProcess.control(
      APUS_PR_CAP_AMBIENT, UInt64(APUS_PR_CAP_AMBIENT_RAISE), UInt64(number))
  }
}
