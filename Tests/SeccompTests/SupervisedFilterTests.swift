import Bytes
import Linux
import OCISpec
import Testing

@testable import Seccomp

@Suite("Seccomp: a filter that somebody answers for")
struct SupervisedFilterTests {
  private func compiled() throws -> (plan: SeccompPlan, program: SeccompProgram) {
    var section = SeccompSection(defaultAction: "SCMP_ACT_ERRNO", defaultErrnoRet: 38)
    section.syscalls = [
      .init(names: ["read", "write", "execve"], action: "SCMP_ACT_ALLOW"),
      .init(names: ["add_key"], action: "SCMP_ACT_KILL_PROCESS"),
      .init(names: ["kcmp"], action: "SCMP_ACT_TRAP"),
      .init(names: ["ptrace"], action: "SCMP_ACT_TRACE"),
      .init(names: ["sync"], action: "SCMP_ACT_LOG"),
      .init(
        names: ["personality"], action: "SCMP_ACT_ERRNO", errnoRet: 13,
        args: [.init(index: 0, value: 8, op: "SCMP_CMP_EQ")]),
      .init(
        names: ["personality"], action: "SCMP_ACT_ALLOW",
        args: [.init(index: 0, value: 9, op: "SCMP_CMP_EQ")]),
    ]
    let plan = try #require(
      try SeccompPlan.make(
        section, noNewPrivileges: false, kernel: KernelVersion(6, 1), pointer: "/linux/seccomp"))
    return (plan, try FilterCompiler.compile(plan))
  }

  @Test(
    "a filter that is too long for the kernel with what is added is refused before anything is made"
  )
  func tooLong() throws {
    let plan = try compiled().plan
    let allow = Instruction(code: Instruction.answer, k: Action.allow).bytes
    for (count, isTaken) in [(4086, true), (4092, false), (4096, false)] {
      var program = SeccompProgram(
        bytes: Array(repeatElement(allow, count: count).joined()), unknownNames: [], plan: plan)
      do throws(ConfigError) {
        try program.supervise(plan, .learn, kernel: KernelVersion(6, 1))
        #expect(isTaken)
      } catch {
        #expect(!isTaken && "\(error.reason)".contains("the kernel takes 4096"))
      }
    }
  }

  @Test(
    "it lets no call through that the filter does not, and the answer of who listens is the filter's",
    arguments: [Supervision.explain, .learn])
  func answers(_ purpose: Supervision) throws {
    let (plan, program) = try compiled()
    var supervised = program
    try supervised.supervise(plan, purpose, kernel: KernelVersion(6, 1))
    let filter = try #require(supervised.supervised)
    #expect(filter.flags & Flag.newListener != 0)
    let execve = try #require(FilterCompiler.nativeNumber(of: "execve"))
    var asked = 0
    for architecture in [FilterCompiler.nativeArchitecture, Architecture.x86, 0] {
      for number in UInt32(0)..<600 {
        for argument in [UInt64(0), 8, 9] {
          let call = Interpreter.Call(
            number: number, architecture: architecture, arguments: [argument])
          let own = try #require(Interpreter(program.bytes).run(call))
          let answer = try #require(Interpreter(filter.program).run(call))
          var ledger = CallLedger(plan, program)
          if answer == Action.notify {
            asked += 1
            let errno = ledger.answer(
              number: number, architecture: architecture, arguments: [argument])
            #expect(errno == (Action.kind(own) == Action.errno ? own & 0xffff : nil))
            #expect(Action.letsThrough(own) || errno != nil)
          } else {
            #expect(answer == own)
            #expect(Action.kind(own) != Action.errno)
            if purpose == .learn { #expect(!Action.letsThrough(own)) }
          }
          if number == execve, architecture == FilterCompiler.nativeArchitecture {
            #expect(answer == Action.notify)
          }
        }
      }
    }
    #expect(asked > 500)
  }

  @Test("a second listener, and an execve that nobody can wait for, are refused")
  func refusals() throws {
    var (plan, program) = try compiled()
    plan.listener = NotifyListener(path: "/run/agent", metadata: nil)
    #expect(throws: ConfigError.self) {
      try program.supervise(plan, .explain, kernel: KernelVersion(6, 1))
    }
    var section = SeccompSection(defaultAction: "SCMP_ACT_ALLOW")
    section.syscalls = [
      .init(
        names: ["execve"], action: "SCMP_ACT_ERRNO",
        args: [.init(index: 0, value: 8, op: "SCMP_CMP_EQ")])
    ]
    plan = try #require(
      try SeccompPlan.make(
        section, noNewPrivileges: false, kernel: KernelVersion(6, 1), pointer: "/linux/seccomp"))
    program = try FilterCompiler.compile(plan)
    #expect(throws: ConfigError.self) {
      try program.supervise(plan, .explain, kernel: KernelVersion(6, 1))
    }
  }

  @Test("calls are counted by their rule, and names that were let through are sorted, each once")
  func counts() throws {
    let (plan, program) = try compiled()
    var ledger = CallLedger(plan, program)
    let native = FilterCompiler.nativeArchitecture
    for name: ByteString in ["write", "read", "write", "mkdir", "mkdir"] {
      let number = try #require(FilterCompiler.nativeNumber(of: name))
      _ = ledger.answer(number: number, architecture: native, arguments: [0, 0, 0, 0, 0, 0])
    }
    let personality = try #require(FilterCompiler.nativeNumber(of: "personality"))
    #expect(ledger.answer(number: personality, architecture: native, arguments: [8]) == 13)
    #expect(ledger.names == ["read", "write"])
    let refused = ledger.entries.filter { $0.refusal != nil }
    #expect(refused.map { $0.name } == ["mkdir", "personality"])
    #expect(refused.map { $0.count } == [2, 1])
    #expect(
      refused.map { $0.pointer } == ["/linux/seccomp/defaultAction", "/linux/seccomp/syscalls/5"])
    #expect(ledger.architectures == [CallNames.architecture(native)])
  }
}
