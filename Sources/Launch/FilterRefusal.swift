import Bytes
package import Plan
package import Seccomp

extension ExecutionPlan {
  /// Why the program is not going to be executed under `filter`, nil if it may be: said before there
  /// is a process, which could not say it under the filter.
  package func refusal(by filter: SeccompProgram) -> StepFailure? {
    guard let program, let refusal = seccomp?.refusal(by: filter) else { return nil }
    let error = ProgramError(program.arguments[0], "permission denied: " + refusal.reason)
    return StepFailure(step: "", pointer: refusal.pointer, reason: error.message)
  }
}
