package import Bytes
package import Linux
package import OCISpec

/// The scheduling policy of the program (sched(7), sched_setattr(2)).
package struct SchedulerPlan: Equatable, Sendable {
  package var attributes: Scheduling.Attributes

  package static let policies: [(name: ByteString, number: UInt32)] = [
    ("SCHED_OTHER", other),
    ("SCHED_FIFO", fifo),
    ("SCHED_RR", roundRobin),
    ("SCHED_BATCH", 3),
    ("SCHED_ISO", iso),
    ("SCHED_IDLE", 5),
    ("SCHED_DEADLINE", deadline),
  ]

  package static let flags: [(name: StaticString, bit: UInt64)] = [
    ("SCHED_FLAG_RESET_ON_FORK", 0x01),
    ("SCHED_FLAG_RECLAIM", 0x02),
    ("SCHED_FLAG_DL_OVERRUN", 0x04),
    ("SCHED_FLAG_KEEP_POLICY", 0x08),
    ("SCHED_FLAG_KEEP_PARAMS", 0x10),
    ("SCHED_FLAG_UTIL_CLAMP_MIN", 0x20),
    ("SCHED_FLAG_UTIL_CLAMP_MAX", 0x40),
  ]

  private static let other: UInt32 = 0
  private static let fifo: UInt32 = 1
  private static let roundRobin: UInt32 = 2
  private static let iso: UInt32 = 4
  private static let deadline: UInt32 = 6

  /// sched(7): a deadline task has no children unless they are reset.
  package var forbidsFork: Bool {
    attributes.policy == SchedulerPlan.deadline && attributes.flags & 0x01 == 0
  }

  package static func make(
    _ section: OCISpec.Process.Scheduler, pointer: ByteString
  ) throws(ConfigError) -> SchedulerPlan {
    guard let policy = policies.first(where: { $0.name == section.policy })?.number else {
      throw ConfigError(pointer + "/policy", "unknown scheduling policy " + quoted(section.policy))
    }
    if policy == iso {
      throw ConfigError(pointer + "/policy", "SCHED_ISO is reserved, Linux does not have it")
    }
    guard (-20...19).contains(section.nice) else {
      throw ConfigError(pointer + "/nice", "not within -20 and 19")
    }
    try checkPriority(section, isRealTime: policy == fifo || policy == roundRobin, pointer)
    try checkTimes(section, isDeadline: policy == deadline, pointer)
    return SchedulerPlan(
      attributes: Scheduling.Attributes(
        policy: policy, flags: try flagBits(section, pointer), nice: section.nice,
        priority: UInt32(section.priority), runtime: section.runtime, deadline: section.deadline,
        period: section.period))
  }

  private static func checkPriority(
    _ section: OCISpec.Process.Scheduler, isRealTime: Bool, _ pointer: ByteString
  ) throws(ConfigError) {
    if isRealTime {
      if !(1...99).contains(section.priority) {
        throw ConfigError(pointer + "/priority", "not within 1 and 99")
      }
    } else if section.priority != 0 {
      throw ConfigError(pointer + "/priority", "is for SCHED_FIFO and SCHED_RR alone")
    }
  }

  /// sched(7): 1024 ns ≤ runtime ≤ deadline ≤ period < 2^63 ns, a period of 0 being the deadline.
  private static func checkTimes(
    _ section: OCISpec.Process.Scheduler, isDeadline: Bool, _ pointer: ByteString
  ) throws(ConfigError) {
    guard isDeadline else {
      for (value, member) in [
        (section.runtime, "runtime"), (section.deadline, "deadline"), (section.period, "period"),
      ] as [(UInt64, ByteString)] where value != 0 {
        throw ConfigError(pointer + "/" + member, "is for SCHED_DEADLINE alone")
      }
      return
    }
    let period = section.period == 0 ? section.deadline : section.period
    if section.runtime < 1024 { throw ConfigError(pointer + "/runtime", "less than 1024 ns") }
    if section.deadline < section.runtime {
      throw ConfigError(pointer + "/deadline", "less than the runtime")
    }
    if period < section.deadline {
      throw ConfigError(pointer + "/period", "less than the deadline")
    }
    if period >> 63 != 0 { throw ConfigError(pointer + "/period", "2^63 ns or more") }
  }

  private static func flagBits(
    _ section: OCISpec.Process.Scheduler, _ pointer: ByteString
  ) throws(ConfigError) -> UInt64 {
    var bits: UInt64 = 0
    for (position, name) in section.flags.enumerated() {
      guard let bit = flags.first(where: { name == $0.name })?.bit else {
        throw ConfigError(
          pointer + "/flags/" + ByteString(decimal: position),
          "unknown scheduling flag " + quoted(name))
      }
      bits |= bit
    }
    return bits
  }

  /// After the last fork, for a deadline task may not fork, and before capabilities are given up
  /// (SC-6). EPERM with SCHED_DEADLINE also means that the cgroup restricts its CPUs.
  package func apply() throws(SyscallError) { try Scheduling.set(attributes) }
}

/// The I/O priority of the program's process group (ioprio_set(2)).
package struct IOPriorityPlan: Equatable, Sendable {
  /// The class above bit 13, the level below.
  package var value: Int32

  package static let classes: [(name: ByteString, number: Int32)] = [
    ("IOPRIO_CLASS_RT", 1), ("IOPRIO_CLASS_BE", 2), ("IOPRIO_CLASS_IDLE", 3),
  ]

  package static func make(
    _ section: OCISpec.Process.IOPriority, pointer: ByteString
  ) throws(ConfigError) -> IOPriorityPlan {
    guard let number = classes.first(where: { $0.name == section.ioClass })?.number else {
      throw ConfigError(pointer + "/class", "unknown I/O priority class " + quoted(section.ioClass))
    }
    guard (0...7).contains(section.priority) else {
      throw ConfigError(pointer + "/priority", "not within 0 and 7")
    }
    return IOPriorityPlan(value: number << 13 | section.priority)
  }

  /// After setsid(2), so that the group is the container's own (IO-1).
  package func apply() throws(SyscallError) { try Scheduling.setGroupIOPriority(value) }
}
