package import Bytes
package import Linux
import OCISpec

/// A compiled filter: instructions as the kernel takes them, and how to load them.
package struct SeccompProgram: Equatable, Sendable {
  package var filter: SeccompFilter
  /// Whether loading gives a descriptor that somebody must listen on.
  package var usesListener: Bool
  /// Names in the profile that libseccomp does not know: the filter says nothing about them, and
  /// they are warned of (SE-8).
  package var unknownNames: [ByteString]
  /// Those of them that a rule is to do more about than the default action does.
  package var restrictedNames: [ByteString]
  /// What the program is executed under instead, if somebody is to know what the filter answers.
  package internal(set) var supervised: SeccompFilter?

  init(bytes: [UInt8], unknownNames: [ByteString], plan: SeccompPlan) {
    filter = SeccompFilter(
      program: bytes, flags: plan.flags | (plan.usesNotify ? Flag.newListener : 0))
    usesListener = plan.usesNotify
    self.unknownNames = unknownNames
    restrictedNames = unknownNames.filter { plan.restricts($0) }
  }

  init(_ known: KnownFilter) {
    filter = SeccompFilter(program: known.program, flags: known.flags)
    usesListener = false
    unknownNames = known.unknownNames
    restrictedNames = Array(known.unknownNames.prefix(known.restrictedCount))
  }

  package var bytes: [UInt8] { filter.program }

  /// BPF_MAXINSNS of the kernel.
  static var maximumInstructions: Int { 4096 }

  /// Whether a process under the filter cannot write(2) that its execve(2) failed.
  package var forbidsWrite: Bool {
    guard let answer = FilterAnswer.of(bytes, to: "write") else { return true }
    return Action.kind(answer) != Action.allow && Action.kind(answer) != Action.log
  }
}
