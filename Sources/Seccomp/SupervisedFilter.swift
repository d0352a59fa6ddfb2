package import Bytes
package import Linux
package import OCISpec

/// Why a filter is answered by a process of the runtime.
package enum Supervision: Equatable, Sendable {
  /// To tell which calls it refused.
  case explain
  /// To tell which calls were made.
  case learn
}

extension SeccompProgram {
  /// Makes a copy of the filter that asks a listener where it would refuse a call with an errno, and where
  /// it would let one through if every call is of interest. Whoever listens gives the answer of the filter itself,
  /// and without one such calls fail with ENOSYS: the copy lets nothing through that the filter does not. What
  /// kills, traps or traces stays as it is.
  ///
  /// execve(2) is asked for in any case: the first one is the program's, and waits until somebody listens.
  package mutating func supervise(
    _ plan: SeccompPlan, _ purpose: Supervision, kernel: KernelVersion
  ) throws(ConfigError) {
    if plan.usesNotify {
      throw ConfigError(
        plan.pointer + "/listenerPath", "an agent listens already, and a filter has one listener")
    }
    guard let answer = FilterAnswer.of(bytes, to: "execve"), Action.letsThrough(answer) else {
      throw ConfigError(
        plan.pointer, "it does not let every execve through, so nobody can listen")
    }
    let program = SupervisedFilter.program(bytes, purpose)
    if program.count > SeccompProgram.maximumInstructions * 8 {
      throw ConfigError(
        plan.pointer,
        "is " + ByteString(decimal: program.count / 8)
          + " instructions with those that ask who watches, the kernel takes "
          + ByteString(decimal: SeccompProgram.maximumInstructions))
    }
    // Once it is asked for, no signal but one that kills ends the wait of a call.
    let waits = kernel < KernelVersion(5, 19) ? 0 : Flag.waitKillable
    supervised = SeccompFilter(
      program: program,
      flags: filter.flags | Flag.newListener | waits)
  }
}

enum SupervisedFilter {
  /// Every handler of a signal ends with it, and it cannot be made again: a signal that comes before somebody has
  /// heard of a call lets that call be made again, or fail with EINTR.
  static var unasked: ByteString { "rt_sigreturn" }

  /// Instructions that give an answer to a native call.
  private static func fixed(_ name: ByteString, _ answer: UInt32) -> [UInt8] {
    guard let number = FilterCompiler.nativeNumber(of: name) else { return [] }
    let instructions: [Instruction] = [
      .load(Instruction.Offset.architecture),
      Instruction(
        code: Instruction.jumpIfEqual, onFalse: 3, k: FilterCompiler.nativeArchitecture),
      .load(Instruction.Offset.number),
      Instruction(code: Instruction.jumpIfEqual, onFalse: 1, k: number),
      Instruction(code: Instruction.answer, k: answer),
    ]
    return instructions.flatMap { $0.bytes }
  }

  /// The program with other answers.
  static func program(_ bytes: [UInt8], _ purpose: Supervision) -> [UInt8] {
    var result = fixed("execve", Action.notify)
    if purpose == .learn, let answer = FilterAnswer.of(bytes, to: unasked),
      Action.letsThrough(answer)
    {
      result += fixed(unasked, answer)
    }
    for at in stride(from: 0, to: bytes.count, by: 8) {
      let instruction = Instruction(bytes[at..<(at + 8)])
      let isAsked =
        Action.kind(instruction.k) == Action.errno
        || purpose == .learn && Action.letsThrough(instruction.k)
      result +=
        instruction.code == Instruction.answer && isAsked
        ? Instruction(code: Instruction.answer, k: Action.notify).bytes
        : Array(bytes[at..<(at + 8)])
    }
    return result
  }
}

/// What a filter answered while a container ran.
package struct CallLedger {
  package struct Entry: Equatable, Sendable {
    package var architecture: ByteString
    package var name: ByteString
    /// nil for a call that was let through.
    package var refusal: ByteString?
    /// Of the rule.
    package var pointer: ByteString
    package var count = 0
    fileprivate var call: (number: UInt32, architecture: UInt32)

    package static func == (left: Entry, right: Entry) -> Bool {
      left.call == right.call && left.refusal == right.refusal && left.pointer == right.pointer
    }
  }

  private let plan: SeccompPlan
  private let program: SeccompProgram
  package private(set) var entries: [Entry] = []
  private static let mostEntries = 1024

  package init(_ plan: SeccompPlan, _ program: SeccompProgram) {
    self.plan = plan
    self.program = program
  }

  /// Counts a call; the errno that the filter answers, nil if it lets the call through.
  package mutating func answer(
    number: UInt32, architecture: UInt32, arguments: [UInt64]
  ) -> UInt32? {
    // Every argument is known, so there is an answer; without one the call is refused.
    let action =
      FilterAnswer.of(
        program.bytes, number: number, architecture: architecture, arguments: arguments)
      ?? Action.errno | Action.enosys
    let passes = Action.letsThrough(action)
    let known = entries.firstIndex {
      passes && $0.refusal == nil && $0.call == (number, architecture)
    }
    if let known {
      entries[known].count += 1
      return nil
    }
    let name =
      CallNames.name(Int32(bitPattern: number), architecture) ?? "number "
      + ByteString(decimal: number)
    let entry = Entry(
      architecture: CallNames.architecture(architecture), name: name,
      refusal: passes ? nil : Action.text(action),
      pointer: passes ? "" : plan.place(of: action, for: name, arguments),
      call: (number, architecture))
    var place = entries.firstIndex(of: entry) ?? entries.count
    // A program may make calls of any number: those that are too many are counted together.
    if place >= CallLedger.mostEntries { place = entries.count - 1 }
    if place == entries.count { entries.append(entry) }
    entries[place].count += 1
    // What is neither let through nor refused with an errno did not ask; it is refused.
    return passes ? nil : Action.kind(action) == Action.errno ? action & 0xffff : Action.enosys
  }

  /// Of the calls that were let through, sorted, each once; with the one that is never asked for.
  package var names: [ByteString] {
    let unasked = SupervisedFilter.unasked
    let passes = FilterAnswer.of(program.bytes, to: unasked).map { Action.letsThrough($0) } ?? false
    return CallLedger.sorted(
      entries.filter { $0.refusal == nil }.map { $0.name } + (passes ? [unasked] : []))
  }

  /// The machine's own first.
  package var architectures: [ByteString] {
    let native = CallNames.architecture(FilterCompiler.nativeArchitecture)
    return [native] + CallLedger.sorted(entries.map { $0.architecture }).filter { $0 != native }
  }

  /// How many calls of this machine the filter lets through and were not made; nil if it refuses none by default.
  package var unusedCalls: Int? {
    if Action.letsThrough(plan.defaultAction) { return nil }
    let made = names
    return plan.rules.filter { Action.letsThrough($0.action) }.flatMap { $0.names }.filter {
      CallNames.number($0, FilterCompiler.nativeArchitecture) != nil && !made.contains($0)
    }.count
  }

  private static func sorted(_ words: [ByteString]) -> [ByteString] {
    var result = [ByteString]()
    for word in words.sorted(by: CallNames.precedes) where word != result.last {
      result.append(word)
    }
    return result
  }
}
