import Bytes
import Linux
import OCISpec
import Testing

@testable import Identity

@Suite("LimitPlan")
struct LimitPlanTests {
  private func pointer(_ limits: [OCISpec.Process.ResourceLimit]) -> ByteString? {
    IdentityTests.pointer { () throws(ConfigError) in
      try LimitPlan.make(limits, pointer: "/process/rlimits")
    }
  }

  @Test("PR-10: every name of getrlimit(2), and 2^64 − 1 for none")
  func names() throws {
    #expect(LimitPlan.resources.map(\.number).sorted() == Array(0...15))
    for (name, number) in LimitPlan.resources {
      let plans = try LimitPlan.make([.init(type: name.text, soft: 1, hard: .max)], pointer: "/l")
      #expect(plans == [LimitPlan(resource: number, soft: 1, hard: .max)])
      #expect(plans[0].name == name)
    }
  }

  @Test("PR-10: unknown, twice, soft above hard: errors at their place")
  func bad() {
    #expect(pointer([.init(type: "NOFILE", soft: 0, hard: 0)]) == "/process/rlimits/0/type")
    #expect(
      pointer([
        .init(type: "RLIMIT_NOFILE", soft: 0, hard: 1),
        .init(type: "RLIMIT_CORE", soft: 0, hard: 0),
        .init(type: "RLIMIT_NOFILE", soft: 0, hard: 1),
      ]) == "/process/rlimits/2/type")
    #expect(pointer([.init(type: "RLIMIT_CPU", soft: 2, hard: 1)]) == "/process/rlimits/0/soft")
  }

  @Test("PR-10: the kernel shows exactly the limits that were set")
  func apply() throws {
    // A limit that nothing else here depends on, lowered within its hard limit and put back.
    let before = try ThisProcess.limit(12)
    try LimitPlan(resource: 12, soft: 0, hard: before.hard).apply(to: 0)
    #expect(try ThisProcess.limit(12) == (0, before.hard))
    try LimitPlan(resource: 12, soft: before.soft, hard: before.hard).apply(to: 0)
  }

  @Test("PR-10: a limit that the kernel refuses is named")
  func refused() {
    #expect(throws: SyscallError("prlimit", "RLIMIT_NOFILE", .ESRCH)) {
      try LimitPlan(resource: 7, soft: 1, hard: 1).apply(to: .max)
    }
  }
}
