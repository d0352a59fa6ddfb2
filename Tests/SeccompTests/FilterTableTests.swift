import Bytes
import Linux
import OCISpec
import Testing

@testable import Seccomp

/// Programs before and after they are shortened, run by the interpreter.
@Suite("FilterTable")
struct FilterTableTests {
  private let amd64: UInt32 = 0xc000_003e
  private let x86: UInt32 = 0x4000_0003
  private let allow: UInt32 = 0x7fff_0000
  private let errno: UInt32 = 0x0005_0000

  private func interpreter(_ program: [Instruction]) -> Interpreter {
    Interpreter(program.flatMap(\.bytes))
  }

  /// Every number that an architecture may have, those of x32, and the last ones of all.
  private var numbers: [UInt32] {
    [UInt32](0..<1200) + [UInt32](0x3fff_fff0..<0x4000_0300) + [0x7fff_ffff, .max - 1, .max]
  }

  private func expectAlike(
    _ long: [Instruction], _ short: [Instruction], values: [UInt64] = [0]
  ) {
    let (before, after) = (interpreter(long), interpreter(short))
    var different = [Interpreter.Call]()
    for architecture in [amd64, x86, 0xc000_00b7, 0, .max] {
      for number in numbers {
        for first in values {
          for second in values {
            let call = Interpreter.Call(
              number: number, architecture: architecture, arguments: [first, second])
            let answer = before.run(call)
            if answer == nil || answer != after.run(call) { different.append(call) }
          }
        }
      }
    }
    #expect(different.first == nil)
  }

  private func rule(
    _ names: [ByteString], _ action: ByteString = "SCMP_ACT_ALLOW",
    _ args: [(index: UInt32, value: UInt64, op: ByteString)] = []
  ) -> SeccompSection.SyscallRule {
    .init(
      names: names, action: action,
      args: args.map { .init(index: $0.index, value: $0.value, valueTwo: 3, op: $0.op) })
  }

  @Test(
    "a profile of many names becomes a program of a few ranges, which answers as the long one does")
  func profile() throws {
    let names = (0..<400).compactMap { CallNames.name(Int32($0), amd64) }.filter {
      !["bpf", "clone", "kexec_load", "mount", "personality", "ptrace", "reboot"].contains($0)
    }
    #expect(names.count > 300)
    let section = SeccompSection(
      defaultAction: "SCMP_ACT_ERRNO",
      architectures: ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"],
      syscalls: [
        rule(names),
        rule(["personality"], "SCMP_ACT_ALLOW", [(0, 0, "SCMP_CMP_EQ")]),
        rule(["personality"], "SCMP_ACT_ALLOW", [(0, 0x1_0000_0008, "SCMP_CMP_EQ")]),
        rule(["clone"], "SCMP_ACT_ALLOW", [(0, 0x7e02_0000, "SCMP_CMP_MASKED_EQ")]),
        rule(["bpf"], "SCMP_ACT_LOG", [(0, 2, "SCMP_CMP_GT"), (1, 1 << 40, "SCMP_CMP_LE")]),
        rule(["mount"], "SCMP_ACT_TRAP", [(0, 2, "SCMP_CMP_LT"), (0, 7, "SCMP_CMP_NE")]),
        rule(["reboot"], "SCMP_ACT_KILL_PROCESS"),
        rule(["ptrace"], "SCMP_ACT_TRACE", [(0, 5, "SCMP_CMP_GE")]),
      ])
    let made = try SeccompPlan.make(
      section, noNewPrivileges: false, kernel: KernelVersion(6, 1), pointer: "/s")
    let plan = try #require(made)
    var unknown = [ByteString]()
    let long = try FilterCompiler.instructions(plan, &unknown)
    let short = FilterTable.shortened(long, for: FilterCompiler.architectures(of: plan))
    #expect(long.count > 900)
    #expect(short.count < 250)
    expectAlike(
      long, short, values: [0, 2, 3, 5, 8, 0x1_0000_0008, 1 << 40, 1 << 41, 0x7e02_0000, .max])
    // What is as short as can be stays as it is.
    #expect(FilterTable.shortened(short, for: FilterCompiler.architectures(of: plan)) == short)
  }

  @Test("ranges too many for one jump are reached by several")
  func longJumps() {
    var long = [Instruction.load(Instruction.Offset.number)]
    for number in UInt32(0)..<1000 {
      long.append(Instruction(code: Instruction.jumpIfEqual, onFalse: 1, k: number))
      long.append(Instruction(code: Instruction.answer, k: errno | (number % 7 + number % 3)))
    }
    long.append(Instruction(code: Instruction.answer, k: allow))
    let short = FilterTable.shortened(long, for: [amd64])
    #expect(short.count < 1600)
    expectAlike(long, short)
  }

  @Test("an argument that a call is asked about after another is asked about still")
  func twoArguments() {
    // Comparing the number again in between, as a compiler may do.
    let long: [Instruction] = [
      .load(Instruction.Offset.number),
      Instruction(code: Instruction.jumpIfGreater, onFalse: 8, k: 20),
      .load(Instruction.Offset.arguments),
      Instruction(code: Instruction.jumpIfEqual, onTrue: 2, k: 1),
      .load(Instruction.Offset.arguments + 8),
      Instruction(code: Instruction.jumpIfSet, onTrue: 3, onFalse: 4, k: 4),
      .load(Instruction.Offset.number),
      Instruction(code: Instruction.jumpIfEqual, onTrue: 1, k: 30),
      Instruction(code: Instruction.jump, k: 1),
      Instruction(code: Instruction.answer, k: errno | 1),
      Instruction(code: Instruction.answer, k: allow),
    ]
    var graph = DecisionGraph()
    let table = FilterTable(long, [amd64], &graph)
    #expect(table != nil)
    let short = FilterTable.shortened(long + long, for: [amd64])
    #expect(short.count < long.count * 2)
    expectAlike(long, short, values: [0, 1, 4, 5])
  }

  @Test(
    "a program that calculates with the number, or asks for other architectures, stays as it is")
  func others() {
    let answers = [
      Instruction(code: Instruction.answer, k: allow),
      Instruction(code: Instruction.answer, k: errno),
      Instruction(code: Instruction.answer, k: errno),
    ]
    let number = Instruction.load(Instruction.Offset.number)
    let architecture = Instruction.load(Instruction.Offset.architecture)
    let starts: [[Instruction]] = [
      [number, Instruction(code: Instruction.and, k: 3)],
      [number, Instruction(code: Instruction.jumpIfSet, onFalse: 1, k: 4)],
      [architecture, Instruction(code: Instruction.jumpIfGreater, onFalse: 1, k: 4)],
      [architecture, Instruction(code: Instruction.jumpIfEqual, onFalse: 1, k: x86)],
      [Instruction(code: Instruction.jumpIfEqual, onFalse: 1, k: 4)],
      // BPF_ST, which keeps the accumulator.
      [number, Instruction(code: 0x02, k: 0)],
      [number, Instruction(code: Instruction.jump, k: 7)],
    ]
    for start in starts {
      #expect(FilterTable.shortened(start + answers, for: [amd64]) == start + answers)
    }
  }
}
