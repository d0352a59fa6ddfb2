import Bytes
import CSeccomp
import Linux
import OCISpec
import Testing

@testable import Seccomp

/// Compiled programs, run by the interpreter and held against the reference.
@Suite("FilterCompiler")
struct FilterCompilerTests {
  private let amd64: UInt32 = 0xc000_003e
  private let x86: UInt32 = 0x4000_0003
  private let enosys: UInt32 = 0x0005_0026
  private let eperm: UInt32 = 0x0005_0001
  private let allow: UInt32 = 0x7fff_0000

  private func plan(_ section: SeccompSection) throws -> SeccompPlan {
    try #require(
      try SeccompPlan.make(
        section, noNewPrivileges: false, kernel: KernelVersion(6, 1), pointer: "/linux/seccomp"))
  }

  private func number(_ name: ByteString, _ architecture: UInt32) -> UInt32 {
    UInt32(
      bitPattern: unsafe name.withCString {
        unsafe seccomp_syscall_resolve_name_arch(architecture, $0)
      })
  }

  private func allowing(
    _ names: [ByteString], default action: ByteString = "SCMP_ACT_ERRNO", errno: UInt32? = nil,
    architectures: [ByteString] = [], args: [SeccompSection.Argument] = []
  ) -> SeccompSection {
    SeccompSection(
      defaultAction: action, defaultErrnoRet: errno, architectures: architectures,
      syscalls: [.init(names: names, action: "SCMP_ACT_ALLOW", args: args)])
  }

  /// Values on both sides of every boundary, in both halves of a 64-bit argument.
  private let values: [UInt64] = [
    0, 1, 2, 3, 0x7e02_0000, 0xffff_ffff, 0x1_0000_0000, 0x1_0000_0002, 1 << 63, .max,
  ]

  private func expectAgreement(_ section: SeccompSection, calls names: [ByteString]) throws {
    let plan = try plan(section)
    let program = Interpreter(try FilterCompiler.compile(plan).bytes)
    let reference = Reference(plan: plan)
    var calls = [Interpreter.Call]()
    for architecture in [amd64] + plan.architectures.filter({ $0 == x86 }) {
      for name in names {
        let number = number(name, architecture)
        // Some calls of x86 are parts of one call, which the library numbers below zero.
        if number >> 31 == 1 { continue }
        for first in values {
          for second in values {
            calls.append(
              Interpreter.Call(
                number: number, architecture: architecture,
                arguments: [first, second, 0, 0, 0, 0]))
          }
        }
      }
    }
    #expect(calls.first { program.run($0) != reference.action($0) } == nil)
  }

  @Test(
    "SE-11: every operator compares all 64 bits",
    arguments: SeccompNames.operators.map { $0.name.text })
  func operators(name: ByteString) throws {
    for value in [0, 2, 0xffff_ffff, 0x1_0000_0002] as [UInt64] {
      let argument = SeccompSection.Argument(index: 0, value: value, valueTwo: 2, op: name)
      try expectAgreement(allowing(["mkdir"], args: [argument]), calls: ["mkdir", "rmdir"])
    }
  }

  @Test("SE-11: arguments of one rule all hold; the same argument twice makes alternatives")
  func arguments() throws {
    let first = SeccompSection.Argument(index: 0, value: 1, op: "SCMP_CMP_EQ")
    let second = SeccompSection.Argument(index: 1, value: 2, op: "SCMP_CMP_LE")
    let other = SeccompSection.Argument(index: 0, value: 3, op: "SCMP_CMP_EQ")
    try expectAgreement(allowing(["mkdir"], args: [first, second]), calls: ["mkdir"])
    try expectAgreement(allowing(["mkdir"], args: [first, other]), calls: ["mkdir"])
  }

  @Test("SE-1 SE-3 SE-7: a profile like an engine's, on both architectures")
  func engineProfile() throws {
    let names: [ByteString] = [
      "accept", "access", "bind", "brk", "chdir", "close", "connect", "dup", "execve", "exit",
      "exit_group", "fchdir", "fchmod", "fcntl", "fork", "fstat", "futex", "getcwd", "getdents",
      "getpid", "getppid", "getuid", "ioctl", "kill", "link", "lseek", "mkdir", "mmap", "mprotect",
      "munmap", "open", "openat", "pipe", "poll", "read", "readlink", "rename", "rmdir", "socket",
      "stat", "unlink", "wait4", "write", "clone3", "statx",
    ]
    let masked = SeccompSection.Argument(
      index: 0, value: 0x7e02_0000, valueTwo: 0, op: "SCMP_CMP_MASKED_EQ")
    var section = allowing(names, architectures: ["SCMP_ARCH_X86", "SCMP_ARCH_X32"])
    section.syscalls.append(.init(names: ["clone"], action: "SCMP_ACT_ALLOW", args: [masked]))
    section.syscalls.append(.init(names: ["ptrace"], action: "SCMP_ACT_ERRNO", errnoRet: 13))
    section.syscalls.append(.init(names: ["reboot"], action: "SCMP_ACT_KILL_PROCESS"))
    try expectAgreement(section, calls: names + ["clone", "ptrace", "reboot", "mount", "setns"])
    let program = Interpreter(try FilterCompiler.compile(try plan(section)).bytes)
    // An architecture that the profile does not have gets nothing.
    let foreign = Interpreter.Call(number: 0, architecture: 0xc000_00b7)
    #expect(program.run(foreign) == 0)
  }

  @Test("SE-7: without rules the default decides everything")
  func empty() throws {
    for action in ["SCMP_ACT_KILL", "SCMP_ACT_ALLOW", "SCMP_ACT_LOG"] as [ByteString] {
      let plan = try plan(SeccompSection(defaultAction: action))
      let program = Interpreter(try FilterCompiler.compile(plan).bytes)
      let call = Interpreter.Call(number: 999, architecture: amd64)
      #expect(program.run(call) == plan.defaultAction)
    }
  }

  @Test("SE-8: a name that the library does not know is reported, once")
  func unknownNames() throws {
    let section = allowing(["read", "no_such_call", "no_such_call"])
    let program = try FilterCompiler.compile(try plan(section))
    #expect(program.unknownNames == ["no_such_call"])
  }

  @Test("SE-8: ... and told apart where the profile was to restrict it")
  func unknownRestriction() throws {
    var section = SeccompSection(defaultAction: "SCMP_ACT_ALLOW")
    section.syscalls = [
      .init(names: ["no_such_call"], action: "SCMP_ACT_ERRNO"),
      .init(names: ["no_other_call"], action: "SCMP_ACT_LOG"),
    ]
    let plan = try plan(section)
    #expect(try FilterCompiler.compile(plan).unknownNames == ["no_such_call", "no_other_call"])
    #expect(plan.restricts("no_such_call") && plan.restricts("no_other_call"))
    #expect(try !self.plan(allowing(["no_such_call"])).restricts("no_such_call"))
  }

  @Test("SE-9: a call named twice alike is no error")
  func twice() throws {
    try expectAgreement(allowing(["read", "mkdir", "read"]), calls: ["read", "mkdir", "write"])
  }

  @Test("calls newer than the profile answer ENOSYS, older ones the default")
  func newerCalls() throws {
    let section = allowing(["read", "openat2"], architectures: ["SCMP_ARCH_X86"])
    let program = Interpreter(try FilterCompiler.compile(try plan(section)).bytes)
    for architecture in [amd64, x86] {
      let newest = number("openat2", architecture)
      #expect(program.run(.init(number: newest, architecture: architecture)) == allow)
      #expect(program.run(.init(number: newest - 1, architecture: architecture)) == eperm)
      #expect(program.run(.init(number: newest + 1, architecture: architecture)) == enosys)
      #expect(program.run(.init(number: 5000, architecture: architecture)) == enosys)
    }
    // Calls of x32, and the -1 of a tracer that skips a call, are libseccomp's business.
    #expect(program.run(.init(number: 0x4000_0000, architecture: amd64)) == 0)
    #expect(program.run(.init(number: .max, architecture: amd64)) == eperm)
  }

  @Test("SE-2: for calls before Linux 5.1 the default errno holds, however short the profile")
  func oldCalls() throws {
    let program = Interpreter(
      try FilterCompiler.compile(try plan(allowing(["read"], errno: 95))).bytes)
    #expect(program.run(.init(number: number("statx", amd64), architecture: amd64)) == 0x0005_005f)
    #expect(program.run(.init(number: 402, architecture: amd64)) == 0x0005_005f)
    #expect(program.run(.init(number: 403, architecture: amd64)) == enosys)
  }

  @Test("a default that lets through, or says ENOSYS itself, needs no prologue")
  func noPrologue() throws {
    for action in ["SCMP_ACT_ALLOW", "SCMP_ACT_LOG", "SCMP_ACT_TRACE"] as [ByteString] {
      #expect(!FilterPrologue.isUseful(for: try plan(SeccompSection(defaultAction: action))))
    }
    #expect(!FilterPrologue.isUseful(for: try plan(allowing(["read"], errno: 38))))
    #expect(FilterPrologue.isUseful(for: try plan(allowing(["read"], errno: 1))))
  }

  @Test("no jump of a prologue leads past the first instruction of the filter")
  func prologueJumps() {
    let tokens = [amd64, x86, 0x4000_0028, 0xc000_00b7]
    let prologue = FilterPrologue.instructions(for: tokens) { _ in 450 }
    #expect(prologue.count == 25)
    for (index, instruction) in prologue.enumerated() {
      let reach =
        instruction.code == Instruction.jump
        ? Int(instruction.k) : Int(max(instruction.onTrue, instruction.onFalse))
      #expect(index + 1 + reach <= prologue.count)
    }
    // The private calls of 32-bit ARM lie above the common ones.
    let bytes = (prologue + [Instruction(code: Instruction.answer, k: 7)]).flatMap(\.bytes)
    let program = Interpreter(bytes)
    #expect(program.run(.init(number: 0x000f_0005, architecture: 0x4000_0028)) == 7)
    #expect(program.run(.init(number: 451, architecture: 0x4000_0028)) == enosys)
    #expect(program.run(.init(number: 450, architecture: 0x4000_0028)) == 7)
    #expect(program.run(.init(number: 451, architecture: 8)) == 7)
    #expect(FilterPrologue.instructions(for: tokens) { _ in nil }.isEmpty)
  }
}
