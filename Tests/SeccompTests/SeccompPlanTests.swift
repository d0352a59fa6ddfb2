import Bytes
import Linux
import OCISpec
import Testing

@testable import Seccomp

@Suite("SeccompPlan")
struct SeccompPlanTests {
  private func make(
    _ section: SeccompSection, kernel: KernelVersion = KernelVersion(6, 1),
    noNewPrivileges: Bool = false
  ) throws(ConfigError) -> SeccompPlan? {
    try SeccompPlan.make(
      section, noNewPrivileges: noNewPrivileges, kernel: kernel, pointer: "/linux/seccomp")
  }

  private func pointer(_ section: SeccompSection, kernel: KernelVersion = KernelVersion(6, 1))
    -> ByteString?
  {
    do throws(ConfigError) {
      _ = try make(section, kernel: kernel)
      return nil
    } catch {
      return error.pointer
    }
  }

  private func rule(
    _ action: ByteString = "SCMP_ACT_ALLOW", errno: UInt32? = nil,
    _ args: [SeccompSection.Argument] = []
  ) -> SeccompSection.SyscallRule {
    SeccompSection.SyscallRule(names: ["read"], action: action, errnoRet: errno, args: args)
  }

  @Test("no section, no plan")
  func absent() throws {
    let plan = try SeccompPlan.make(
      nil, noNewPrivileges: false, kernel: KernelVersion(6, 1), pointer: "/linux/seccomp")
    #expect(plan == nil)
  }

  @Test(
    "SE-1 SE-9: actions have the kernel's numbers",
    arguments: [
      ("SCMP_ACT_KILL", 0x0000_0000), ("SCMP_ACT_KILL_THREAD", 0x0000_0000),
      ("SCMP_ACT_KILL_PROCESS", 0x8000_0000), ("SCMP_ACT_TRAP", 0x0003_0000),
      ("SCMP_ACT_ERRNO", 0x0005_0001), ("SCMP_ACT_TRACE", 0x7ff0_0001),
      ("SCMP_ACT_LOG", 0x7ffc_0000), ("SCMP_ACT_ALLOW", 0x7fff_0000),
    ] as [(String, UInt32)])
  func actions(name: String, number: UInt32) throws {
    let plan = try make(SeccompSection(defaultAction: ByteString(name)))
    #expect(plan?.defaultAction == number)
  }

  @Test("SE-1 SE-9 SE-11: an unknown word is an error at its place")
  func unknownWords() {
    #expect(pointer(SeccompSection(defaultAction: "ALLOW")) == "/linux/seccomp/defaultAction")
    #expect(
      pointer(SeccompSection(defaultAction: "SCMP_ACT_ERRNO", syscalls: [rule(), rule("NO")]))
        == "/linux/seccomp/syscalls/1/action")
    #expect(
      pointer(
        SeccompSection(
          defaultAction: "SCMP_ACT_ERRNO",
          syscalls: [rule(args(.init(index: 0, value: 1, op: "EQ")))]))
        == "/linux/seccomp/syscalls/0/args/0/op")
  }

  private func args(_ arguments: SeccompSection.Argument...) -> [SeccompSection.Argument] {
    arguments
  }

  private func rule(_ args: [SeccompSection.Argument]) -> SeccompSection.SyscallRule {
    rule("SCMP_ACT_ALLOW", args)
  }

  @Test("SE-2 SE-10: an errno belongs to ERRNO and TRACE alone, is EPERM by default, has 16 bits")
  func errno() throws {
    #expect(
      pointer(SeccompSection(defaultAction: "SCMP_ACT_KILL", defaultErrnoRet: 1))
        == "/linux/seccomp/defaultErrnoRet")
    #expect(
      pointer(
        SeccompSection(defaultAction: "SCMP_ACT_ERRNO", syscalls: [rule(errno: 1)]))
        == "/linux/seccomp/syscalls/0/errnoRet")
    #expect(
      pointer(SeccompSection(defaultAction: "SCMP_ACT_ERRNO", defaultErrnoRet: 65536))
        == "/linux/seccomp/defaultErrnoRet")
    let plan = try make(
      SeccompSection(
        defaultAction: "SCMP_ACT_ERRNO", defaultErrnoRet: 38,
        syscalls: [rule("SCMP_ACT_TRACE", errno: 7), rule("SCMP_ACT_ERRNO")]))
    #expect(plan?.defaultAction == 0x0005_0026)
    #expect(plan?.rules.map(\.action) == [0x7ff0_0007, 0x0005_0001])
  }

  @Test("SE-9: a rule that says what happens anyway is left out")
  func defaultRule() throws {
    let plan = try make(
      SeccompSection(
        defaultAction: "SCMP_ACT_ERRNO",
        syscalls: [rule("SCMP_ACT_ERRNO", errno: 1), rule("SCMP_ACT_ERRNO", errno: 2)]))
    #expect(plan?.rules.map(\.position) == [1])
  }

  @Test("SE-3: architectures by name, each once; an unknown one is an error")
  func architectures() throws {
    let plan = try make(
      SeccompSection(
        defaultAction: "SCMP_ACT_ALLOW",
        architectures: ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X86_64"]))
    #expect(plan?.architectures == [0xc000_003e, 0x4000_0003])
    #expect(
      pointer(SeccompSection(defaultAction: "SCMP_ACT_ALLOW", architectures: ["x86"]))
        == "/linux/seccomp/architectures/0")
  }

  @Test("SE-4: flags; absent is SPEC_ALLOW and empty is none, unknown and too new are errors")
  func flags() throws {
    func flags(_ names: [ByteString]?) throws(ConfigError) -> UInt32? {
      try make(SeccompSection(defaultAction: "SCMP_ACT_ALLOW", flags: names))?.flags
    }
    #expect(try flags(nil) == 4)
    #expect(try flags([]) == 0)
    #expect(try flags(["SECCOMP_FILTER_FLAG_LOG", "SECCOMP_FILTER_FLAG_SPEC_ALLOW"]) == 6)
    #expect(try flags(["SECCOMP_FILTER_FLAG_TSYNC"]) == 0)
    #expect(try flags(["SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"]) == 0)
    let unknown = SeccompSection(defaultAction: "SCMP_ACT_ALLOW", flags: ["LOG"])
    #expect(pointer(unknown) == "/linux/seccomp/flags/0")
    let new = SeccompSection(
      defaultAction: "SCMP_ACT_ALLOW", flags: ["SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"])
    #expect(pointer(new, kernel: KernelVersion(5, 18)) == "/linux/seccomp/flags/0")
  }

  @Test("SE-5 SE-6 SN-4: the listener goes with SCMP_ACT_NOTIFY")
  func listener() throws {
    let notify = rule("SCMP_ACT_NOTIFY")
    let plan = try make(
      SeccompSection(
        defaultAction: "SCMP_ACT_ALLOW", flags: ["SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"],
        listenerPath: "/run/agent", listenerMetadata: "x", syscalls: [notify]))
    #expect(plan?.usesNotify == true)
    #expect(plan?.listener == NotifyListener(path: "/run/agent", metadata: "x"))
    #expect(plan?.flags == 32)
    let unused = try make(
      SeccompSection(defaultAction: "SCMP_ACT_ALLOW", listenerPath: "/run/agent"))
    #expect(unused?.usesNotify == false)
    #expect(
      pointer(SeccompSection(defaultAction: "SCMP_ACT_ALLOW", listenerMetadata: "x"))
        == "/linux/seccomp/listenerMetadata")
    #expect(
      pointer(SeccompSection(defaultAction: "SCMP_ACT_ALLOW", syscalls: [notify]))
        == "/linux/seccomp")
    #expect(
      pointer(SeccompSection(defaultAction: "SCMP_ACT_NOTIFY", listenerPath: "/run/agent"))
        == "/linux/seccomp/defaultAction")
    #expect(
      pointer(
        SeccompSection(
          defaultAction: "SCMP_ACT_ALLOW", listenerPath: "agent", syscalls: [notify]))
        == "/linux/seccomp/listenerPath")
  }

  @Test("SE-8 SE-11: a rule names a call; arguments are 0 to 5")
  func ruleShape() {
    #expect(
      pointer(
        SeccompSection(
          defaultAction: "SCMP_ACT_ERRNO",
          syscalls: [.init(names: [], action: "SCMP_ACT_ALLOW")]))
        == "/linux/seccomp/syscalls/0/names")
    #expect(
      pointer(
        SeccompSection(
          defaultAction: "SCMP_ACT_ERRNO",
          syscalls: [rule(args(.init(index: 6, value: 0, op: "SCMP_CMP_EQ")))]))
        == "/linux/seccomp/syscalls/0/args/0/index")
  }

  @Test("more rules than a program can hold are refused before they are compiled")
  func bounds() {
    let names = [ByteString](repeating: "read", count: 5000)
    let many = SeccompSection.SyscallRule(names: names, action: "SCMP_ACT_ALLOW")
    let section = SeccompSection(defaultAction: "SCMP_ACT_ERRNO", syscalls: [many, many])
    #expect(pointer(section) == "/linux/seccomp/syscalls/1")
  }

  @Test("without no_new_privs whoever loads the filter needs a capability")
  func position() throws {
    let section = SeccompSection(defaultAction: "SCMP_ACT_ALLOW")
    #expect(try make(section)?.needsRights == true)
    #expect(try make(section, noNewPrivileges: true)?.needsRights == false)
  }

  @Test("FT-4 SE-3: the words are sorted, and the library agrees on every architecture it has")
  func words() {
    for words in [
      SeccompNames.actions, SeccompNames.operators, SeccompNames.flags, SeccompNames.architectures,
    ] {
      let names = words.map { $0.name.description }
      #expect(names == names.sorted())
    }
    for (name, token) in SeccompNames.architectures {
      let library = FilterCompiler.libraryToken(name.text)
      #expect(library == token || library == 0, "\(name)")
    }
    #expect(FilterCompiler.architectures.contains("SCMP_ARCH_X86_64"))
    #expect(!FilterCompiler.libraryVersion.isEmpty)
  }
}
