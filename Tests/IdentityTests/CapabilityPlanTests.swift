import Bytes
import Linux
import OCISpec
import Testing

@testable import Identity

@Suite("CapabilityPlan")
struct CapabilityPlanTests {
  private func make(
    _ section: OCISpec.Process.Capabilities?, last: Int = 40, grantable: UInt64 = .max,
    warnings: inout [ByteString]
  ) throws(ConfigError) -> CapabilityPlan {
    try CapabilityPlan.make(
      section, lastCapability: last, grantable: grantable, pointer: "/c", warnings: &warnings)
  }

  @Test("CA-1: five sets, each exactly as listed")
  func sets() throws {
    var warnings = [ByteString]()
    let plan = try make(
      .init(
        bounding: ["CAP_CHOWN", "CAP_KILL", "CAP_CHECKPOINT_RESTORE"],
        effective: ["CAP_CHOWN"], inheritable: ["CAP_KILL"], permitted: ["CAP_CHOWN", "CAP_KILL"],
        ambient: ["CAP_KILL"]), warnings: &warnings)
    #expect(plan.bounding == 1 << 40 | 1 << 5 | 1)
    #expect(plan.effective == 1)
    #expect(plan.inheritable == 1 << 5)
    #expect(plan.permitted == 1 << 5 | 1)
    #expect(plan.ambient == 1 << 5)
    #expect(warnings.isEmpty)
  }

  @Test("CA-4: without the object, and without an array, the set is empty")
  func absent() throws {
    var warnings = [ByteString]()
    let empty = CapabilityPlan(lastCapability: 40)
    #expect(try make(nil, warnings: &warnings) == empty)
    #expect(try make(.init(), warnings: &warnings) == empty)
  }

  @Test("CA-2 CA-5: a name that is none here is a warning; case and prefix count")
  func unknown() throws {
    var warnings = [ByteString]()
    let plan = try make(
      .init(bounding: ["CAP_NOPE", "cap_kill", "KILL", "CAP_KILL", "CAP_BPF"]), last: 38,
      warnings: &warnings)
    #expect(plan.bounding == 1 << 5)
    #expect(
      warnings.map { $0.split(on: UInt8(ascii: ":"))[0] }
        == ["/c/bounding/0", "/c/bounding/1", "/c/bounding/2", "/c/bounding/4"])
  }

  @Test("CA-2 CA-3: what the runtime does not have itself is a warning")
  func ungrantable() throws {
    var warnings = [ByteString]()
    let plan = try make(
      .init(bounding: ["CAP_KILL", "CAP_CHOWN"], permitted: ["CAP_KILL"]), grantable: 1,
      warnings: &warnings)
    #expect(plan.bounding == 1)
    #expect(plan.permitted == 0)
    // In however many sets it is.
    #expect(warnings.count == 1)
  }

  @Test("T16: ambient stays within permitted and inheritable")
  func ambient() throws {
    var warnings = [ByteString]()
    let plan = try make(
      .init(
        bounding: ["CAP_KILL", "CAP_CHOWN"], inheritable: ["CAP_KILL"],
        permitted: ["CAP_CHOWN", "CAP_KILL"], ambient: ["CAP_CHOWN", "CAP_KILL"]),
      warnings: &warnings)
    #expect(plan.ambient == 1 << 5)
    #expect(warnings.isEmpty)
  }

  @Test("sets that contradict each other are an error")
  func contradiction() {
    var warnings = [ByteString]()
    #expect(
      pointer { () throws(ConfigError) in
        try make(.init(effective: ["CAP_KILL"]), warnings: &warnings)
      } == "/c/effective")
    #expect(
      pointer { () throws(ConfigError) in
        try make(.init(inheritable: ["CAP_KILL"]), warnings: &warnings)
      } == "/c/inheritable")
  }

  @Test("FT-4: libcap's table has all 41 names of the specification, in order")
  func names() {
    let names = Capability.names
    #expect(names.count >= 41)
    #expect(names[0] == "CAP_CHOWN")
    #expect(names[21] == "CAP_SYS_ADMIN")
    #expect(names[40] == "CAP_CHECKPOINT_RESTORE")
    for (number, name) in names.enumerated() { #expect(Capability.number(of: name) == number) }
    #expect(Capability.name(of: 64) == nil)
  }

  @Test(
    "T16 T18: the kernel shows the plan's sets after the change of user, and no groups",
    .enabled(if: Credentials.effectiveUserID == 0, "needs root"))
  func apply() throws {
    var warnings = [ByteString]()
    let names: [ByteString] = ["CAP_KILL", "CAP_NET_BIND_SERVICE"]
    let plan = try CapabilityPlan.make(
      .init(
        bounding: names, effective: ["CAP_KILL"], inheritable: ["CAP_KILL"], permitted: names,
        ambient: ["CAP_KILL"]), lastCapability: 40,
      grantable: try CapabilitySets.current().permitted, pointer: "/c", warnings: &warnings)
    let user = UserPlan(user: 1000, group: 1000, additionalGroups: [], umask: 0o022)
    let took = onThrowawayThread { [self] in becomes(user, plan) }
    #expect(took)
  }

  @Test(
    "CA-4: without any capability the sets are empty, for root too",
    .enabled(if: Credentials.effectiveUserID == 0, "needs root"))
  func applyNothing() {
    let user = UserPlan(user: 0, group: 0, additionalGroups: [7], umask: 0o022)
    let took = onThrowawayThread { [self] in becomes(user, CapabilityPlan(lastCapability: 40)) }
    #expect(took)
  }

  private func becomes(_ user: UserPlan, _ plan: CapabilityPlan) -> Bool {
    do throws(SyscallError) {
      try plan.dropBounding()
      try user.apply()
      try plan.apply()
      try user.verify()
      try plan.verify()
      for number in 0...40 {
        let bit = 1 << UInt64(number) as UInt64
        if Capability.isInBoundingSet(number) != (plan.bounding & bit != 0) { return false }
        // PR_CAP_AMBIENT_IS_SET
        if try ThisProcess.control(47, 1, UInt64(number)) != (plan.ambient & bit != 0 ? 1 : 0) {
          return false
        }
      }
      return try Credentials.groups() == user.additionalGroups
    } catch {
      return false
    }
  }
}
