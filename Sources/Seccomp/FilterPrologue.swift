import Bytes

/// Instructions in front of libseccomp's, for system calls that are newer than the profile.
///
/// A profile that allows by name denies what came after it, and with EPERM: a C library that tries a
/// new call first gives up on EPERM, whereas ENOSYS makes it try the older call.
/// runc does the same, by the newest call that the profile names. Here only calls that came with
/// Linux 5.1 or later count as new: those have the same numbers on every architecture, and for
/// everything before them the profile's own default errno holds (SE-2).
enum FilterPrologue {
  /// Where an architecture keeps system calls of its own, above the common ones.
  private static let architectures: [(token: UInt32, privateCalls: UInt32)] = [
    // The filter of x86_64 also sees the calls of x32, which have this bit.
    (Architecture.amd64, 0x4000_0000),
    (Architecture.x86, .max),
    (Architecture.aarch64, .max),
    (Architecture.arm, 0x000f_0000),
    (Architecture.riscv64, .max),
    (Architecture.s390x, .max),
  ]

  /// The last number before those that all architectures share.
  private static let lastOldCall: UInt32 = 402

  /// Whether the age of a denied call of `plan` matters at all.
  static func isUseful(for plan: SeccompPlan) -> Bool {
    switch Action.kind(plan.defaultAction) {
    case Action.allow, Action.log, Action.trace: false
    default: plan.defaultAction != Action.errno | Action.enosys
    }
  }

  /// The prologue, empty if no architecture needs one. `newest` gives the highest number of the
  /// profile's calls on an architecture, nil if it names none there.
  static func instructions(
    for tokens: [UInt32], newest: (_ token: UInt32) -> UInt32?
  ) -> [Instruction] {
    var groups = [Instruction]()
    for (token, privateCalls) in architectures where tokens.contains(token) {
      guard let newest = newest(token), newest < privateCalls else { continue }
      groups += group(token: token, privateCalls: privateCalls, newest: max(newest, lastOldCall))
    }
    if groups.isEmpty { return [] }
    let program = [Instruction.load(Instruction.Offset.architecture)] + groups
    // Each jump to the end was made with its distance from the end of its own group.
    return program.enumerated().map { index, instruction in
      guard instruction.code == Instruction.jump, instruction.k == Instruction.toEnd else {
        return instruction
      }
      return Instruction(code: Instruction.jump, k: UInt32(program.count - index - 1))
    }
  }

  private static func group(
    token: UInt32, privateCalls: UInt32, newest: UInt32
  ) -> [Instruction] {
    [
      // Another architecture: over the other five, to the next group.
      Instruction(code: Instruction.jumpIfEqual, onFalse: 5, k: token),
      .load(Instruction.Offset.number),
      Instruction(code: Instruction.jumpIfAtLeast, onTrue: 2, k: privateCalls),
      Instruction(code: Instruction.jumpIfGreater, onFalse: 1, k: newest),
      Instruction(code: Instruction.answer, k: Action.errno | Action.enosys),
      Instruction(code: Instruction.jump, k: Instruction.toEnd),
    ]
  }
}

/// One instruction of classic BPF, `struct sock_filter` (linux/filter.h).
package struct Instruction: Equatable, Sendable {
  package var code: UInt16
  package var onTrue: UInt8
  package var onFalse: UInt8
  package var k: UInt32

  package init(code: UInt16, onTrue: UInt8 = 0, onFalse: UInt8 = 0, k: UInt32) {
    self.code = code
    self.onTrue = onTrue
    self.onFalse = onFalse
    self.k = k
  }

  /// Where `struct seccomp_data` keeps what is asked for.
  enum Offset {
    static let number: UInt32 = 0
    static let architecture: UInt32 = 4
    static let arguments: UInt32 = 16
  }

  static let loadWord: UInt16 = 0x20
  static let and: UInt16 = 0x54
  static let jump: UInt16 = 0x05
  static let jumpIfEqual: UInt16 = 0x15
  static let jumpIfGreater: UInt16 = 0x25
  static let jumpIfAtLeast: UInt16 = 0x35
  static let jumpIfSet: UInt16 = 0x45
  static let answer: UInt16 = 0x06
  /// Stands for the first instruction after the prologue until its length is known.
  static let toEnd: UInt32 = .max

  static func load(_ offset: UInt32) -> Instruction { Instruction(code: loadWord, k: offset) }

  /// The eight bytes, both supported machines being little-endian as every host of Swift is.
  var bytes: [UInt8] {
    [UInt8](littleEndian: code) + [onTrue, onFalse] + [UInt8](littleEndian: k)
  }
}
