package import Bytes
import Linux

/// What a program answers to a native system call whatever its arguments are.
enum FilterAnswer {
  /// The action; nil if it depends on an argument.
  static func of(_ program: [UInt8], to name: ByteString) -> UInt32? {
    guard let number = FilterCompiler.nativeNumber(of: name) else { return nil }
    return of(program, number: number, architecture: FilterCompiler.nativeArchitecture)
  }

  /// Runs the program as the kernel does, up to the first decision on something unknown: an argument that is
  /// not given.
  static func of(
    _ program: [UInt8], number: UInt32, architecture: UInt32, arguments: [UInt64] = []
  ) -> UInt32? {
    var accumulator: UInt32?
    var at = 0
    while at + 8 <= program.count {
      let instruction = Instruction(program[at..<(at + 8)])
      at += 8
      switch instruction.code {
      case Instruction.loadWord:
        accumulator =
          switch instruction.k {
          case Instruction.Offset.number: number
          case Instruction.Offset.architecture: architecture
          default: word(instruction.k, of: arguments)
          }
      case Instruction.and: accumulator = accumulator.map { $0 & instruction.k }
      case Instruction.jump: at += 8 * Int(instruction.k)
      case Instruction.jumpIfEqual, Instruction.jumpIfGreater, Instruction.jumpIfAtLeast,
        Instruction.jumpIfSet:
        guard let accumulator else { return nil }
        let jumps = instruction.holds(for: accumulator)
        at += 8 * Int(jumps ? instruction.onTrue : instruction.onFalse)
      case Instruction.answer: return instruction.k
      // The compiler uses no other instruction.
      default: accumulator = nil
      }
    }
    return nil
  }

  /// Half of an argument, the lower one first.
  private static func word(_ offset: UInt32, of arguments: [UInt64]) -> UInt32? {
    guard offset >= Instruction.Offset.arguments else { return nil }
    let place = Int(offset - Instruction.Offset.arguments)
    guard place / 8 < arguments.count else { return nil }
    let argument = arguments[place / 8]
    return UInt32(truncatingIfNeeded: place % 8 == 0 ? argument : argument >> 32)
  }
}

extension Instruction {
  init(_ bytes: ArraySlice<UInt8>) {
    let at = bytes.startIndex
    self.init(
      code: UInt16(bytes[at]) | UInt16(bytes[at + 1]) << 8, onTrue: bytes[at + 2],
      onFalse: bytes[at + 3],
      k: UInt32(bytes[at + 4]) | UInt32(bytes[at + 5]) << 8 | UInt32(bytes[at + 6]) << 16
        | UInt32(bytes[at + 7]) << 24)
  }

  func holds(for value: UInt32) -> Bool {
    switch code {
    case Instruction.jumpIfEqual: value == k
    case Instruction.jumpIfGreater: value > k
    case Instruction.jumpIfAtLeast: value >= k
    default: value & k != 0
    }
  }
}

/// Why a filter keeps every program from starting.
package struct ExecutionRefusal: Equatable, Sendable {
  /// `seccomp rule 3 answers execve with EPERM`.
  package var reason: ByteString
  /// The property that says so.
  package var pointer: ByteString
}

extension SeccompPlan {
  /// nil if `program`, which was compiled of this plan, lets execve(2) through, or may do so.
  package func refusal(by program: SeccompProgram) -> ExecutionRefusal? {
    guard let answer = FilterAnswer.of(program.bytes, to: "execve"),
      let words = Action.refusal(answer)
    else { return nil }
    let rule = rules.first { $0.action == answer && $0.names.contains("execve") }
    guard let rule else {
      return ExecutionRefusal(
        reason: "the seccomp default action answers execve with " + words,
        pointer: pointer + "/defaultAction")
    }
    let position = ByteString(decimal: rule.position)
    return ExecutionRefusal(
      reason: "seccomp rule " + position + " answers execve with " + words,
      pointer: pointer + "/syscalls/" + position)
  }
}

// Of a filter that has done its work already.
extension SeccompPlan {
  /// Of what decides about the call.
  package func place(of name: ByteString) -> ByteString {
    guard let rule = rules.first(where: { $0.names.contains(name) && $0.action != Action.allow })
    else { return pointer + "/defaultAction" }
    return pointer + "/syscalls/" + ByteString(decimal: rule.position)
  }

  /// The place of the one action that ends a program; nil where there are several.
  package var onlyEnd: ByteString? {
    func ends(_ action: UInt32) -> Bool {
      let kind = Action.kind(action)
      return kind == Action.trap || kind == Action.killThread || kind == Action.killProcess
    }
    var places = rules.filter { ends($0.action) }.map {
      pointer + "/syscalls/" + ByteString(decimal: $0.position)
    }
    if ends(defaultAction) { places.append(pointer + "/defaultAction") }
    return places.count == 1 ? places[0] : nil
  }

  /// Those of `names` that the filter never lets through.
  package func refused(of names: [ByteString]) -> [ByteString] {
    names.filter { name in
      let own = rules.filter { $0.names.contains(name) }
      return !Action.letsThrough(defaultAction) && !own.contains { Action.letsThrough($0.action) }
    }
  }

  /// Whether only a tracer lets the call through, which a container does not have.
  package func asksTracer(of name: ByteString) -> Bool {
    let own = rules.first { $0.names.contains(name) }
    return Action.kind(own?.action ?? defaultAction) == Action.trace
  }
}

extension Action {
  static func errnoName(_ answer: UInt32) -> ByteString {
    let symbol = Errno(rawValue: Int32(answer & 0xffff)).symbol
    return symbol.isEmpty ? "errno " + ByteString(decimal: answer & 0xffff) : symbol
  }

  /// `SCMP_ACT_ERRNO EPERM`.
  static func text(_ answer: UInt32) -> ByteString {
    // The last of two names is the exact one.
    let name = SeccompNames.actions.last { $0.value == kind(answer) }?.name.text ?? "unknown action"
    return kind(answer) == errno ? name + " " + errnoName(answer) : name
  }

  static func letsThrough(_ answer: UInt32) -> Bool {
    kind(answer) == allow || kind(answer) == log
  }

  /// The action's name if it never lets a call through, with or without a listener or tracer.
  fileprivate static func refusal(_ answer: UInt32) -> ByteString? {
    switch kind(answer) {
    case errno: errnoName(answer)
    case killProcess: "SCMP_ACT_KILL_PROCESS"
    case killThread: "SCMP_ACT_KILL_THREAD"
    case trap: "SCMP_ACT_TRAP"
    default: nil
    }
  }
}
