package import Bytes

/// What a filter does about one call on one architecture.
package struct TrialAnswer: Equatable, Sendable {
  /// `SCMP_ARCH_X86_64`; empty for all that the profile does not list.
  package var architecture: ByteString
  /// nil if the architecture has no such call.
  package var number: UInt32?
  /// When this is the answer, if that is not known of the arguments given.
  package var condition: ByteString = ""
  package var action: ByteString
  package var letsThrough: Bool
  /// Of the rule, empty if there is none.
  package var pointer: ByteString
}

extension SeccompPlan {
  /// nil if libseccomp knows no call of that name.
  package static func isKnown(call: ByteString) -> Bool {
    FilterCompiler.isKnown(call)
  }

  package static var nativeCalls: [ByteString] {
    (0..<CallNames.limit).compactMap {
      CallNames.name(Int32($0), FilterCompiler.nativeArchitecture)
    }
  }

  /// Every answer of `program`, which was compiled of this plan: one for each architecture, or more where
  /// an argument decides that is not given.
  ///
  /// - Parameter call: a name, or a number of the machine's own architecture.
  package func answers(
    by program: SeccompProgram, to call: ByteString, _ arguments: [UInt64]
  ) -> [TrialAnswer] {
    let native = FilterCompiler.nativeArchitecture
    var answers = [TrialAnswer]()
    for token in [native] + architectures.filter({ $0 != native }) {
      let given = call.unsignedDecimal.flatMap { UInt32(exactly: $0) }
      let number =
        token == native ? given ?? CallNames.number(call, token) : CallNames.number(call, token)
      var answer = TrialAnswer(
        architecture: CallNames.architecture(token), number: number, action: "no such call",
        letsThrough: true, pointer: "")
      guard let number else {
        if given == nil { answers.append(answer) }
        continue
      }
      let name = given == nil ? call : CallNames.name(Int32(bitPattern: number), token) ?? call
      guard
        let action = FilterAnswer.of(
          program.bytes, number: number, architecture: token, arguments: arguments)
      else {
        for (condition, action, pointer) in alternatives(of: name) {
          answer.condition = condition
          answer.set(action, pointer)
          answers.append(answer)
        }
        continue
      }
      answer.set(action, place(of: action, for: name, arguments))
      answers.append(answer)
    }
    if let action = FilterAnswer.of(program.bytes, number: 0, architecture: 0) {
      var answer = TrialAnswer(
        architecture: "", action: "", letsThrough: false, pointer: pointer + "/architectures")
      answer.set(action, answer.pointer)
      answers.append(answer)
    }
    return answers
  }

  /// What stands for the call in the profile, where its arguments decide.
  private func alternatives(
    of name: ByteString
  ) -> [(condition: ByteString, action: UInt32, pointer: ByteString)] {
    rules.filter { $0.names.contains(name) }.map {
      ($0.conditionText, $0.action, place(of: $0))
    } + [("otherwise", defaultAction, pointer + "/defaultAction")]
  }

  /// What the profile does about the call, in one line that is the same for profiles that do the same.
  func effect(of program: SeccompProgram, on number: UInt32, named name: ByteString) -> ByteString {
    if let action = FilterAnswer.of(
      program.bytes, number: number, architecture: FilterCompiler.nativeArchitecture)
    {
      return Action.text(action)
    }
    let clauses = alternatives(of: name).map { Action.text($0.action) + " " + $0.condition }
    return Array(clauses.dropLast()).sorted(by: CallNames.precedes).joined(by: ", ") + ", "
      + (clauses.last ?? "")
  }

  private func place(of rule: Rule) -> ByteString {
    pointer + "/syscalls/" + ByteString(decimal: rule.position)
  }

  /// The rule that gave `answer`: what the library made of it is the truth, so the rule is looked for by that.
  package func place(
    of answer: UInt32, for name: ByteString, _ arguments: [UInt64]
  ) -> ByteString {
    let rules = rules.filter { $0.action == answer && $0.names.contains(name) }
    if let rule = rules.first(where: { $0.holds(for: arguments) }) ?? rules.first {
      return place(of: rule)
    }
    if answer == defaultAction { return pointer + "/defaultAction" }
    // A call that came after all that the profile names.
    return ""
  }
}

extension TrialAnswer {
  fileprivate mutating func set(_ answer: UInt32, _ pointer: ByteString) {
    action = Action.text(answer)
    letsThrough = Action.letsThrough(answer)
    self.pointer = pointer
  }
}

extension SeccompPlan.Rule {
  /// An argument that appears twice makes alternatives of the conditions (SE-11).
  fileprivate func holds(for arguments: [UInt64]) -> Bool {
    hasArgumentTwice
      ? conditions.contains { $0.holds(for: arguments) }
      : conditions.allSatisfy { $0.holds(for: arguments) }
  }

  /// `if argument 0 == 0x1 and argument 1 & 0xff == 0x0`; empty without a condition.
  fileprivate var conditionText: ByteString {
    if conditions.isEmpty { return "" }
    let texts = conditions.map { $0.text }.sorted(by: CallNames.precedes)
    return "if " + texts.joined(by: hasArgumentTwice ? " or " : " and ")
  }
}

extension SeccompPlan.Condition {
  private static var signs: [ByteString] { ["", "!=", "<", "<=", "==", ">=", ">", "&"] }

  fileprivate func holds(for arguments: [UInt64]) -> Bool {
    guard Int(argument) < arguments.count else { return false }
    let value = arguments[Int(argument)]
    return switch comparison {
    case 1: value != first
    case 2: value < first
    case 3: value <= first
    case 4: value == first
    case 5: value >= first
    case 6: value > first
    default: value & first == second & first
    }
  }

  fileprivate var text: ByteString {
    let text =
      "argument " + ByteString(decimal: argument) + " "
      + SeccompPlan.Condition.signs[Int(comparison)] + " 0x" + ByteString(hexadecimal: first)
    return comparison == 7 ? text + " == 0x" + ByteString(hexadecimal: second) : text
  }
}

/// What differs between two profiles in what they do, on the machine's own architecture.
package struct ProfileDifference: Equatable, Sendable {
  package struct Line: Equatable, Sendable {
    /// `+`, `-` or `~`.
    package var sign: ByteString
    package var subject: ByteString
    package var before: ByteString
    package var after: ByteString
  }

  package private(set) var lines: [Line] = []

  package init(
    _ old: (plan: SeccompPlan, program: SeccompProgram),
    _ new: (plan: SeccompPlan, program: SeccompProgram)
  ) {
    let before = Action.text(old.plan.defaultAction)
    let after = Action.text(new.plan.defaultAction)
    add("defaultAction", before, after)
    compare("architectures", old.plan, new.plan) { plan in
      plan.architectures.map { CallNames.architecture($0) }
    }
    compare("flags", old.plan, new.plan) { plan in
      SeccompNames.flags.filter { plan.flags & $0.value != 0 }.map { $0.name.text }
    }
    compare("listenerPath", old.plan, new.plan) { [$0.listener].compactMap { $0?.path } }
    for number in 0..<CallNames.limit {
      guard let name = CallNames.name(Int32(number), FilterCompiler.nativeArchitecture) else {
        continue
      }
      let one = old.plan.effect(of: old.program, on: number, named: name)
      let other = new.plan.effect(of: new.program, on: number, named: name)
      if one == before, other == after { continue }
      let isAbsent = { (plan: SeccompPlan) in !plan.rules.contains { $0.names.contains(name) } }
      add(name, one, other, wasAbsent: isAbsent(old.plan), isAbsent: isAbsent(new.plan))
    }
    for name in new.program.unknownNames where !old.program.unknownNames.contains(name) {
      add(name, "", "not known to libseccomp", wasAbsent: true)
    }
    for name in old.program.unknownNames where !new.program.unknownNames.contains(name) {
      add(name, "not known to libseccomp", "", isAbsent: true)
    }
  }

  private mutating func compare(
    _ subject: ByteString, _ old: SeccompPlan, _ new: SeccompPlan,
    _ words: (SeccompPlan) -> [ByteString]
  ) {
    func text(_ plan: SeccompPlan) -> ByteString {
      words(plan).sorted(by: CallNames.precedes).joined(by: " ")
    }
    add(subject, text(old), text(new))
  }

  private mutating func add(
    _ subject: ByteString, _ before: ByteString, _ after: ByteString, wasAbsent: Bool = false,
    isAbsent: Bool = false
  ) {
    if before == after { return }
    let sign: ByteString = wasAbsent == isAbsent ? "~" : wasAbsent ? "+" : "-"
    lines.append(Line(sign: sign, subject: subject, before: before, after: after))
  }
}
