import Bytes
import CShim

/// How the kernel runs this process: policy, I/O priority, CPUs, memory nodes, execution domain.
package enum Scheduling {
  /// `struct sched_attr` (sched_setattr(2)); times in nanoseconds.
  package struct Attributes: Equatable, Sendable {
    package var policy: UInt32
    package var flags: UInt64
    package var nice: Int32
    package var priority: UInt32
    package var runtime: UInt64
    package var deadline: UInt64
    package var period: UInt64

    package init(
      policy: UInt32, flags: UInt64 = 0, nice: Int32 = 0, priority: UInt32 = 0,
      runtime: UInt64 = 0, deadline: UInt64 = 0, period: UInt64 = 0
    ) {
      self.policy = policy
      self.flags = flags
      self.nice = nice
      self.priority = priority
      self.runtime = runtime
      self.deadline = deadline
      self.period = period
    }
  }

  /// `pid` 0 is ourselves, here and below.
  package static func set(_ attributes: Attributes, of pid: Int32 = 0) throws(SyscallError) {
    // The short structure, unless a flag speaks of the fields behind it.
    var raw = apus_sched_attributes(
      size: attributes.flags & UInt64(APUS_SCHED_FLAG_UTIL_CLAMP) == 0 ? 48 : 56,
      policy: attributes.policy,
      flags: attributes.flags, nice: attributes.nice, priority: attributes.priority,
      runtime: attributes.runtime, deadline: attributes.deadline, period: attributes.period,
      clamp_least: 0, clamp_most: 0)
    try check(unsafe apus_sched_setattr(pid, &raw), "sched_setattr")
  }

  /// sched_getattr(2).
  package static func attributes(of pid: Int32 = 0) throws(SyscallError) -> Attributes {
    var raw = apus_sched_attributes()
    try check(unsafe apus_sched_getattr(pid, &raw), "sched_getattr")
    return Attributes(
      policy: raw.policy, flags: raw.flags, nice: raw.nice, priority: raw.priority,
      runtime: raw.runtime, deadline: raw.deadline, period: raw.period)
  }

  /// The I/O priority, class and level in one number, of our whole process group (ioprio_set(2)).
  package static func setGroupIOPriority(_ priority: Int32) throws(SyscallError) {
    try check(apus_ioprio_set(APUS_IOPRIO_WHO_PGRP, 0, priority), "ioprio_set")
  }

  /// The I/O priority of a process, class and level in one number (ioprio_get(2)).
  package static func ioPriority(of pid: Int32 = 0) throws(SyscallError) -> Int32 {
    Int32(
      truncatingIfNeeded: try check(apus_ioprio_get(APUS_IOPRIO_WHO_PROCESS, pid), "ioprio_get"))
  }

  /// The CPUs that a process may run on, bit n of the words for CPU n (sched_setaffinity(2)).
  package static func setAffinity(_ mask: [UInt64], of pid: Int32 = 0) throws(SyscallError) {
    let answer = unsafe mask.withUnsafeBufferPointer {
      unsafe apus_sched_setaffinity(pid, UInt64($0.count * 8), $0.baseAddress)
    }
    try check(answer, "sched_setaffinity")
  }

  /// Where memory is taken from: mode with flags, bit n of the words for node n (set_mempolicy(2)).
  package static func setMemoryPolicy(_ mode: Int32, nodes: [UInt64]) throws(SyscallError) {
    // The kernel uses one bit less than `maxnode` says.
    let bits = nodes.isEmpty ? 0 : UInt64(nodes.count * 64 + 1)
    let answer = unsafe nodes.withUnsafeBufferPointer {
      unsafe apus_set_mempolicy(mode, nodes.isEmpty ? nil : $0.baseAddress, bits)
    }
    try check(answer, "set_mempolicy")
  }

  /// personality(2).
  package static func setPersonality(_ persona: UInt32) throws(SyscallError) {
    try check(apus_personality(UInt64(persona)), "personality")
  }
}
