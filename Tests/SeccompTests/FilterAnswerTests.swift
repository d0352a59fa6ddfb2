import Bytes
import Linux
import OCISpec
import Testing

@testable import Seccomp

@Suite("Seccomp: what a filter answers to a call whatever its arguments are")
struct FilterAnswerTests {
  private func plan(_ section: SeccompSection) throws -> SeccompPlan {
    try #require(
      try SeccompPlan.make(
        section, noNewPrivileges: false, kernel: KernelVersion(6, 1), pointer: "/linux/seccomp"))
  }

  private func rule(
    _ names: [ByteString], _ action: ByteString, errno: UInt32? = nil,
    args: [SeccompSection.Argument] = []
  ) -> SeccompSection.SyscallRule {
    .init(names: names, action: action, errnoRet: errno, args: args)
  }

  /// The refusal as `reason [pointer]`, empty if there is none.
  private func refusal(_ section: SeccompSection) throws -> ByteString {
    let plan = try plan(section)
    guard let refusal = plan.refusal(by: try FilterCompiler.compile(plan)) else { return "" }
    return refusal.reason + " [" + refusal.pointer + "]"
  }

  @Test("a call without conditions has one answer, as the kernel's interpreter gives it")
  func constants() throws {
    let names: [ByteString] = ["read", "write", "close", "mmap", "execve", "exit_group", "clone"]
    var section = SeccompSection(defaultAction: "SCMP_ACT_ERRNO", defaultErrnoRet: 5)
    section.syscalls = [
      rule(["read", "write"], "SCMP_ACT_ALLOW"), rule(["mmap"], "SCMP_ACT_KILL_PROCESS"),
      rule(["clone", "execve"], "SCMP_ACT_LOG"),
    ]
    // More rules make the library sort them into a tree.
    let more: [ByteString] = [
      "accept", "bind", "chdir", "chmod", "chown", "connect", "dup", "dup2", "fchmod", "fchown",
      "fcntl", "flock", "fork", "fstat", "fsync", "getcwd", "getegid", "geteuid", "getgid",
      "getpid",
      "getuid", "ioctl", "kill", "link", "listen", "lseek", "mkdir", "mount", "mprotect", "munmap",
      "open", "openat", "pause", "pipe", "poll", "prctl", "ptrace", "rename", "rmdir",
    ]
    for padding in [[], more] {
      var section = section
      if !padding.isEmpty { section.syscalls.append(rule(padding, "SCMP_ACT_ERRNO", errno: 7)) }
      let program = try FilterCompiler.compile(try plan(section)).bytes
      for name in names {
        let number = try #require(FilterCompiler.nativeNumber(of: name))
        let call = Interpreter.Call(
          number: number, architecture: FilterCompiler.nativeArchitecture)
        #expect(FilterAnswer.of(program, to: name) == Interpreter(program).run(call))
      }
    }
  }

  @Test("a call with a condition on an argument has none")
  func conditions() throws {
    var section = SeccompSection(defaultAction: "SCMP_ACT_ALLOW")
    section.syscalls = [
      rule(
        ["write"], "SCMP_ACT_ERRNO", args: [.init(index: 0, value: 1, op: "SCMP_CMP_EQ")])
    ]
    let program = try FilterCompiler.compile(try plan(section))
    #expect(FilterAnswer.of(program.bytes, to: "write") == nil)
    #expect(program.forbidsWrite)
    #expect(FilterAnswer.of(program.bytes, to: "read") == 0x7fff_0000)
  }

  @Test("a filter is mute unless it lets write through")
  func mute() throws {
    func forbidsWrite(_ action: ByteString) throws -> Bool {
      var section = SeccompSection(defaultAction: "SCMP_ACT_ALLOW")
      if action != "SCMP_ACT_ALLOW" { section.syscalls = [rule(["write"], action)] }
      return try FilterCompiler.compile(try plan(section)).forbidsWrite
    }
    #expect(try !forbidsWrite("SCMP_ACT_ALLOW") && !forbidsWrite("SCMP_ACT_LOG"))
    #expect(try forbidsWrite("SCMP_ACT_ERRNO") && forbidsWrite("SCMP_ACT_KILL_PROCESS"))
  }

  @Test("a refused execve is said with the rule, or the default, that refuses it")
  func refusals() throws {
    var section = SeccompSection(defaultAction: "SCMP_ACT_ALLOW")
    #expect(try refusal(section) == "")
    section.syscalls = [
      rule(["getpid"], "SCMP_ACT_ERRNO"), rule(["execve", "getuid"], "SCMP_ACT_ERRNO"),
    ]
    #expect(
      try refusal(section)
        == "seccomp rule 1 answers execve with EPERM [/linux/seccomp/syscalls/1]")
    section.syscalls[1].action = "SCMP_ACT_KILL_PROCESS"
    #expect(
      try refusal(section)
        == "seccomp rule 1 answers execve with SCMP_ACT_KILL_PROCESS [/linux/seccomp/syscalls/1]")
    // A tracer may let it through.
    section.syscalls[1].action = "SCMP_ACT_TRACE"
    #expect(try refusal(section) == "")
    section = SeccompSection(defaultAction: "SCMP_ACT_ERRNO", defaultErrnoRet: 38)
    #expect(
      try refusal(section)
        == "the seccomp default action answers execve with ENOSYS [/linux/seccomp/defaultAction]")
    section.syscalls = [rule(["execve"], "SCMP_ACT_ALLOW")]
    #expect(try refusal(section) == "")
  }
}
