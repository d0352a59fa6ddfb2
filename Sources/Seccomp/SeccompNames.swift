import Bytes

/// The words that a seccomp profile may use, each with the kernel's or libseccomp's number.
///
/// `features` lists what stands here, and nothing else is accepted.
package enum SeccompNames {
  package typealias Word = (name: StaticString, value: UInt32)

  /// What happens to a system call (seccomp(2)); `KILL` is the old name of `KILL_THREAD`.
  package static let actions: [Word] = [
    ("SCMP_ACT_ALLOW", Action.allow),
    ("SCMP_ACT_ERRNO", Action.errno),
    ("SCMP_ACT_KILL", Action.killThread),
    ("SCMP_ACT_KILL_PROCESS", Action.killProcess),
    ("SCMP_ACT_KILL_THREAD", Action.killThread),
    ("SCMP_ACT_LOG", Action.log),
    ("SCMP_ACT_NOTIFY", Action.notify),
    ("SCMP_ACT_TRACE", Action.trace),
    ("SCMP_ACT_TRAP", Action.trap),
  ]

  /// How an argument is compared: `enum scmp_compare`.
  package static let operators: [Word] = [
    ("SCMP_CMP_EQ", 4),
    ("SCMP_CMP_GE", 5),
    ("SCMP_CMP_GT", 6),
    ("SCMP_CMP_LE", 3),
    ("SCMP_CMP_LT", 2),
    ("SCMP_CMP_MASKED_EQ", 7),
    ("SCMP_CMP_NE", 1),
  ]

  /// How the filter is loaded: `SECCOMP_FILTER_FLAG_*` of linux/seccomp.h.
  package static let flags: [Word] = [
    ("SECCOMP_FILTER_FLAG_LOG", Flag.log),
    ("SECCOMP_FILTER_FLAG_SPEC_ALLOW", Flag.specAllow),
    ("SECCOMP_FILTER_FLAG_TSYNC", Flag.tsync),
    ("SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV", Flag.waitKillable),
  ]

  /// Every architecture of the specification: the tokens of libseccomp, which are the kernel's
  /// `AUDIT_ARCH_*` but for x32. Which of them the library has is `FilterCompiler.architectures`.
  package static let architectures: [Word] = [
    ("SCMP_ARCH_AARCH64", Architecture.aarch64),
    ("SCMP_ARCH_ARM", Architecture.arm),
    ("SCMP_ARCH_LOONGARCH64", 0xc000_0102),
    ("SCMP_ARCH_M68K", 0x0000_0004),
    ("SCMP_ARCH_MIPS", 0x0000_0008),
    ("SCMP_ARCH_MIPS64", 0x8000_0008),
    ("SCMP_ARCH_MIPS64N32", 0xa000_0008),
    ("SCMP_ARCH_MIPSEL", 0x4000_0008),
    ("SCMP_ARCH_MIPSEL64", 0xc000_0008),
    ("SCMP_ARCH_MIPSEL64N32", 0xe000_0008),
    ("SCMP_ARCH_PARISC", 0x0000_000f),
    ("SCMP_ARCH_PARISC64", 0x8000_000f),
    ("SCMP_ARCH_PPC", 0x0000_0014),
    ("SCMP_ARCH_PPC64", 0x8000_0015),
    ("SCMP_ARCH_PPC64LE", 0xc000_0015),
    ("SCMP_ARCH_RISCV64", Architecture.riscv64),
    ("SCMP_ARCH_S390", 0x0000_0016),
    ("SCMP_ARCH_S390X", Architecture.s390x),
    ("SCMP_ARCH_SH", 0x4000_002a),
    ("SCMP_ARCH_SHEB", 0x0000_002a),
    ("SCMP_ARCH_X32", 0x4000_003e),
    ("SCMP_ARCH_X86", Architecture.x86),
    ("SCMP_ARCH_X86_64", Architecture.amd64),
  ]

  static func value(of name: ByteString, in words: [Word]) -> UInt32? {
    words.first { name == $0.name }?.value
  }
}

/// The return values of a filter program; the low 16 bits are data (an errno, a tracer's number).
enum Action {
  static let killThread: UInt32 = 0x0000_0000
  static let trap: UInt32 = 0x0003_0000
  static let errno: UInt32 = 0x0005_0000
  static let notify: UInt32 = 0x7fc0_0000
  static let trace: UInt32 = 0x7ff0_0000
  static let log: UInt32 = 0x7ffc_0000
  static let allow: UInt32 = 0x7fff_0000
  static let killProcess: UInt32 = 0x8000_0000

  static let eperm: UInt32 = 1
  static let enosys: UInt32 = 38

  static func kind(_ action: UInt32) -> UInt32 { action & 0xffff_0000 }

  /// Orders actions as the kernel does when several filters answer: as a signed number, the lowest
  /// is the strictest.
  static func isAtLeastAsStrict(_ action: UInt32, as other: UInt32) -> Bool {
    Int32(bitPattern: kind(action)) <= Int32(bitPattern: kind(other))
  }
}

enum Flag {
  static let tsync: UInt32 = 1
  static let log: UInt32 = 2
  static let specAllow: UInt32 = 4
  static let newListener: UInt32 = 8
  static let waitKillable: UInt32 = 32
}

enum Architecture {
  static let x86: UInt32 = 0x4000_0003
  static let amd64: UInt32 = 0xc000_003e
  static let arm: UInt32 = 0x4000_0028
  static let aarch64: UInt32 = 0xc000_00b7
  static let riscv64: UInt32 = 0xc000_00f3
  static let s390x: UInt32 = 0x8000_0016
}
