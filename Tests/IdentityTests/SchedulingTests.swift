import Bytes
import Linux
import OCISpec
import Testing

@testable import Identity

@Suite("Scheduling")
struct SchedulingTests {
  private func schedulerError(_ section: OCISpec.Process.Scheduler) -> ByteString? {
    pointer { () throws(ConfigError) in try SchedulerPlan.make(section, pointer: "") }
  }

  @Test(
    "SC-1: policies have the kernel's numbers",
    arguments: [("SCHED_OTHER", 0), ("SCHED_BATCH", 3), ("SCHED_IDLE", 5)] as [(String, UInt32)])
  func policies(name: String, number: UInt32) throws {
    let plan = try SchedulerPlan.make(.init(policy: ByteString(name), nice: -3), pointer: "")
    #expect(plan.attributes == .init(policy: number, nice: -3))
  }

  @Test("SC-1 SC-3: real-time policies take a priority from 1 to 99, others none")
  func priorities() throws {
    #expect(
      try SchedulerPlan.make(.init(policy: "SCHED_FIFO", priority: 99), pointer: "").attributes
        == .init(policy: 1, priority: 99))
    #expect(
      try SchedulerPlan.make(.init(policy: "SCHED_RR", priority: 1), pointer: "").attributes
        == .init(policy: 2, priority: 1))
    for (policy, priority) in [
      ("SCHED_FIFO", 0), ("SCHED_RR", 100), ("SCHED_OTHER", 1), ("SCHED_BATCH", -1),
    ] as [(ByteString, Int32)] {
      #expect(schedulerError(.init(policy: policy, priority: priority)) == "/priority")
    }
  }

  @Test("SC-1 SC-2 SC-4: unknown policy and flag, reserved policy, nice out of range")
  func bad() {
    #expect(schedulerError(.init(policy: "OTHER")) == "/policy")
    #expect(schedulerError(.init(policy: "SCHED_ISO")) == "/policy")
    #expect(schedulerError(.init(policy: "SCHED_OTHER", nice: -21)) == "/nice")
    #expect(schedulerError(.init(policy: "SCHED_OTHER", nice: 20)) == "/nice")
    #expect(
      schedulerError(.init(policy: "SCHED_OTHER", flags: ["SCHED_FLAG_RECLAIM", "RECLAIM"]))
        == "/flags/1")
  }

  @Test("SC-4: flags add up")
  func flags() throws {
    let names = SchedulerPlan.flags.map { $0.name.text }
    let plan = try SchedulerPlan.make(.init(policy: "SCHED_OTHER", flags: names), pointer: "")
    #expect(plan.attributes.flags == 0x7f)
  }

  @Test("SC-5: deadline times are ordered, and for SCHED_DEADLINE alone")
  func times() throws {
    #expect(schedulerError(.init(policy: "SCHED_OTHER", runtime: 1)) == "/runtime")
    #expect(schedulerError(.init(policy: "SCHED_FIFO", priority: 1, deadline: 1)) == "/deadline")
    #expect(schedulerError(.init(policy: "SCHED_IDLE", period: 1)) == "/period")
    func deadline(_ runtime: UInt64, _ deadline: UInt64, _ period: UInt64) -> ByteString? {
      schedulerError(
        .init(policy: "SCHED_DEADLINE", runtime: runtime, deadline: deadline, period: period))
    }
    #expect(deadline(1024, 1024, 0) == nil)
    #expect(deadline(2000, 3000, 4000) == nil)
    #expect(deadline(1023, 3000, 4000) == "/runtime")
    #expect(deadline(3000, 2000, 4000) == "/deadline")
    #expect(deadline(2000, 3000, 2999) == "/period")
    #expect(deadline(2000, 1 << 63, 0) == "/period")
  }

  @Test("IO-1: class and level in one number")
  func ioPriority() throws {
    #expect(
      try IOPriorityPlan.make(.init(ioClass: "IOPRIO_CLASS_BE", priority: 4), pointer: "").value
        == 2 << 13 | 4)
    #expect(
      try IOPriorityPlan.make(.init(ioClass: "IOPRIO_CLASS_IDLE"), pointer: "").value == 3 << 13)
    for (section, expected) in [
      (.init(ioClass: "BE"), "/class"),
      (.init(ioClass: "IOPRIO_CLASS_RT", priority: 8), "/priority"),
      (.init(ioClass: "IOPRIO_CLASS_RT", priority: -1), "/priority"),
    ] as [(OCISpec.Process.IOPriority, ByteString)] {
      let found = pointer { () throws(ConfigError) in
        try IOPriorityPlan.make(section, pointer: "")
      }
      #expect(found == expected)
    }
  }

  @Test("AF-1: lists of CPUs")
  func lists() {
    #expect(NumberList("0-3,7")?.words == [0x8f])
    #expect(NumberList(" 1 , ,2,")?.words == [0x6])
    #expect(NumberList("64")?.words == [0, 1])
    #expect(NumberList("")?.isEmpty == true)
    #expect(NumberList("8191")?.words.count == 128)
    #expect(NumberList("3")?.contains(3) == true)
    #expect(NumberList("3")?.contains(64) == false)
    for bad in ["3-1", "a", "1-", "-1", "1--2", "1-2-3", "01", "+1", "8192", "1;2", "1 2"]
      as [ByteString]
    {
      #expect(NumberList(bad) == nil, "\(bad)")
    }
  }

  @Test("AF-1 AF-2 PR-18: lists are for exec, and checked for init too")
  func affinity() throws {
    let section = OCISpec.Process.CPUAffinity(initial: "0", final: "")
    let plan = try AffinityPlan.make(section, isInit: false, pointer: "")
    #expect(plan.initial?.words == [1])
    #expect(plan.final == nil)
    #expect(try AffinityPlan.make(section, isInit: true, pointer: "") == AffinityPlan())
    let bad = pointer { () throws(ConfigError) in
      try AffinityPlan.make(.init(final: "x"), isInit: true, pointer: "/a")
    }
    #expect(bad == "/a/final")
  }

  @Test("LX-6 LX-7: execution domains; no flag is valid")
  func personality() throws {
    #expect(try PersonalityPlan.make(.init(domain: "LINUX"), pointer: "").domain == 0)
    #expect(try PersonalityPlan.make(.init(domain: "LINUX32"), pointer: "").domain == 8)
    for (section, expected) in [
      (.init(domain: "linux32"), "/domain"), (.init(domain: "LINUX", flags: ["X"]), "/flags/0"),
    ] as [(LinuxSection.Personality, ByteString)] {
      let found = pointer { () throws(ConfigError) in
        try PersonalityPlan.make(section, pointer: "")
      }
      #expect(found == expected)
    }
  }

  @Test("MP-1 LX-8: modes, flags and which of them take nodes")
  func memoryPolicy() throws {
    func make(
      _ mode: ByteString, _ nodes: ByteString? = nil, _ flags: [ByteString] = []
    ) throws(ConfigError) -> MemoryPolicyPlan {
      try MemoryPolicyPlan.make(.init(mode: mode, nodes: nodes, flags: flags), pointer: "")
    }
    #expect(try make("MPOL_DEFAULT", "").mode == 0)
    #expect(try make("MPOL_PREFERRED").nodes == nil)
    let bind = try make("MPOL_BIND", "0,2", ["MPOL_F_STATIC_NODES", "MPOL_F_NUMA_BALANCING"])
    #expect(bind.mode == 0xa002)
    #expect(bind.nodes?.words == [5])
    for (mode, nodes, expected) in [
      ("BIND", nil, "/mode"), ("MPOL_BIND", nil, "/nodes"), ("MPOL_INTERLEAVE", "", "/nodes"),
      ("MPOL_WEIGHTED_INTERLEAVE", " ", "/nodes"), ("MPOL_PREFERRED_MANY", nil, "/nodes"),
      ("MPOL_LOCAL", "0", "/nodes"), ("MPOL_DEFAULT", "0", "/nodes"), ("MPOL_BIND", "x", "/nodes"),
    ] as [(ByteString, ByteString?, ByteString)] {
      #expect(pointer { () throws(ConfigError) in try make(mode, nodes) } == expected)
    }
    #expect(
      pointer { () throws(ConfigError) in try make("MPOL_BIND", "0", ["STATIC"]) } == "/flags/0")
  }

  @Test("SC-6 AF-3 LX-6 LX-8: the kernel takes what was planned")
  func apply() {
    let took = onThrowawayThread { [self] in isScheduled() }
    #expect(took)
  }

  private func isScheduled() -> Bool {
    do throws(SyscallError) {
      let batch = Scheduling.Attributes(policy: 3, flags: 1, nice: 7)
      try SchedulerPlan(attributes: batch).apply()
      // The rest of the answer is the kernel's own (since Linux 6.12 the length of a time slice).
      let taken = try Scheduling.attributes()
      if taken.policy != 3 || taken.flags != 1 || taken.nice != 7 { return false }
      try AffinityPlan(initial: NumberList("0")).applyInitial()
      try AffinityPlan().applyFinal()
      try PersonalityPlan(domain: 8).apply()
      try MemoryPolicyPlan(mode: 0).apply()
      return true
    } catch {
      return false
    }
  }
}
