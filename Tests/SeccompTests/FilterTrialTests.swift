import Bytes
import Linux
import OCISpec
import Testing

@testable import Seccomp

@Suite("Seccomp: trying a profile, and comparing two")
struct FilterTrialTests {
  private typealias Compiled = (plan: SeccompPlan, program: SeccompProgram)

  private func compiled(_ text: StaticString) throws -> Compiled {
    let profile = try SeccompProfile.read(
      Array(ByteString(stringLiteral: text).bytes), architecture: "amd64")
    let plan = try #require(
      try SeccompPlan.make(
        profile.section, noNewPrivileges: false, kernel: KernelVersion(6, 1),
        pointer: profile.pointer))
    return (plan, try FilterCompiler.compile(plan))
  }

  @Test(
    "every value of an argument gets the answer of the kernel's interpreter, and a rule that says it"
  )
  func arguments() throws {
    let (plan, program) = try compiled(
      """
      {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
        {"names": ["personality"], "action": "SCMP_ACT_ERRNO", "errnoRet": 10,
         "args": [{"index": 0, "value": 10, "op": "SCMP_CMP_EQ"}]},
        {"names": ["personality"], "action": "SCMP_ACT_ERRNO", "errnoRet": 11,
         "args": [{"index": 0, "value": 4294967296, "op": "SCMP_CMP_GE"}]},
        {"names": ["personality"], "action": "SCMP_ACT_ERRNO", "errnoRet": 12,
         "args": [{"index": 0, "value": 48, "valueTwo": 16, "op": "SCMP_CMP_MASKED_EQ"}]}]}
      """)
    let number = try #require(FilterCompiler.nativeNumber(of: "personality"))
    let places: [UInt64: ByteString] = [
      0: "/defaultAction", 9: "/defaultAction", 10: "/syscalls/0", 16: "/syscalls/2",
      31: "/syscalls/2", 32: "/defaultAction", 0x1_0000_0000: "/syscalls/1",
      0xffff_ffff_ffff_ff00: "/syscalls/1",
    ]
    for (value, place) in places {
      let call = Interpreter.Call(
        number: number, architecture: FilterCompiler.nativeArchitecture, arguments: [value])
      let answer = try #require(plan.answers(by: program, to: "personality", [value]).first)
      #expect(answer.pointer == place, "\(value)")
      #expect(
        FilterAnswer.of(
          program.bytes, number: number, architecture: FilterCompiler.nativeArchitecture,
          arguments: [value]) == Interpreter(program.bytes).run(call), "\(value)")
    }
    // Without a value each case.
    #expect(
      plan.answers(by: program, to: "personality", []).filter { $0.number == number }.count == 4)
  }

  @Test("only what a profile does counts in a comparison, and each difference has its sign")
  func differences() throws {
    let old = try compiled(
      """
      {"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
        {"names": ["read", "write"], "action": "SCMP_ACT_ALLOW"},
        {"names": ["mkdir"], "action": "SCMP_ACT_ERRNO", "errnoRet": 1},
        {"names": ["sync"], "action": "SCMP_ACT_LOG"}, {"names": ["keyctl"], "action": "SCMP_ACT_LOG"}]}
      """)
    let same = try compiled(
      """
      {"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 1, "syscalls": [
        {"names": ["keyctl", "sync"], "action": "SCMP_ACT_LOG"},
        {"names": ["write"], "action": "SCMP_ACT_ALLOW"}, {"names": ["read"], "action": "SCMP_ACT_ALLOW"}]}
      """)
    #expect(ProfileDifference(old, same).lines == [])
    let other = try compiled(
      """
      {"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
        {"names": ["read", "write", "mkdir"], "action": "SCMP_ACT_ALLOW"},
        {"names": ["keyctl"], "action": "SCMP_ACT_KILL_PROCESS"}]}
      """)
    let signs = ProfileDifference(old, other).lines.map { $0.sign + $0.subject }
    #expect(signs.sorted { $0.description < $1.description } == ["+mkdir", "-sync", "~keyctl"])
  }
}
