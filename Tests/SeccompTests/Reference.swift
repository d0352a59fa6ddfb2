import Bytes
import CSeccomp

@testable import Seccomp

/// What a plan means, read off the specification: the rule that names the call and whose conditions
/// hold, otherwise the default.
struct Reference {
  let plan: SeccompPlan

  func action(_ call: Interpreter.Call) -> UInt32 {
    for rule in plan.rules where rule.names.contains(where: { number($0, call) == call.number }) {
      if holds(rule, call) { return rule.action }
    }
    return plan.defaultAction
  }

  private func number(_ name: ByteString, _ call: Interpreter.Call) -> UInt32? {
    UInt32(
      exactly: unsafe name.withCString {
        unsafe seccomp_syscall_resolve_name_arch(call.architecture, $0)
      })
  }

  private func holds(_ rule: SeccompPlan.Rule, _ call: Interpreter.Call) -> Bool {
    let answers = rule.conditions.map { holds($0, call.arguments[Int($0.argument)]) }
    let isAlternative = Set(rule.conditions.map(\.argument)).count < rule.conditions.count
    return isAlternative ? answers.contains(true) : !answers.contains(false)
  }

  private func holds(_ condition: SeccompPlan.Condition, _ value: UInt64) -> Bool {
    switch condition.comparison {
    case 1: value != condition.first
    case 2: value < condition.first
    case 3: value <= condition.first
    case 4: value == condition.first
    case 5: value >= condition.first
    case 6: value > condition.first
    // The library looks at both sides through the mask.
    default: value & condition.first == condition.second & condition.first
    }
  }
}
