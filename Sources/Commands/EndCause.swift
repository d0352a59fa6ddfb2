import Bytes
import Check
import Diagnosis
import Identity
import Plan
import Rootfs
import Seccomp
import StateStore

/// What in the configuration ended a program: the limit or the rule, with its place.
struct EndCause {
  /// nil where only the record of the container is known.
  private let plan: CreatePlan?
  private let end: EndRecord.End

  init(_ plan: CreatePlan?, _ end: EndRecord.End) {
    self.plan = plan
    self.end = end
  }

  /// What follows the signal in the line; empty where nothing is known.
  func words(_ signal: Int32) -> ByteString {
    switch signal {
    case 31: seccomp
    case 24: limit(0, "RLIMIT_CPU", "it used up RLIMIT_CPU of ", " s")
    case 25: limit(1, "RLIMIT_FSIZE", "it wrote beyond RLIMIT_FSIZE of ", "")
    case 9: processorTime
    // A program that does not reach its first line.
    case 11 where end.milliseconds ?? 1000 < 100: atStart
    default: ""
    }
  }

  private var seccomp: ByteString {
    let call = end.refusedCall
    var text: ByteString = ": the seccomp filter killed it for "
    text += call.isEmpty ? "a call that " : "the call " + call + ", which "
    text += "/linux/seccomp does not allow"
    guard let filter = plan?.exec.seccomp else { return text }
    guard !call.isEmpty else {
      // A trap leaves no trace in the log.
      return text + " [" + (filter.onlyEnd ?? filter.pointer)
        + "]; `apus run --explain-denials` names the call"
    }
    return text + " [" + filter.place(of: call) + "]; allow it there, if the program may call it"
  }

  private func limit(
    _ resource: Int32, _ name: ByteString, _ before: ByteString, _ unit: ByteString
  ) -> ByteString {
    let limits = plan?.exec.identity.limits ?? []
    guard let index = limits.firstIndex(where: { $0.resource == resource }) else {
      return ": it reached " + name
    }
    let value = resource == 0 && end.isKilled ? limits[index].hard : limits[index].soft
    return ": " + before + ByteString(decimal: value) + unit + " [/process/rlimits/"
      + ByteString(decimal: index) + "]; raise it"
  }

  /// More of it than of time there is none, but for several threads.
  private var processorTime: ByteString {
    let limits = plan?.exec.identity.limits ?? []
    guard let limit = limits.first(where: { $0.resource == 0 }),
      let milliseconds = end.milliseconds, limit.hard < 1 << 32,
      milliseconds + 50 >= limit.hard * 1000
    else { return "" }
    return self.limit(0, "RLIMIT_CPU", "it used up RLIMIT_CPU of ", " s")
  }

  private var atStart: ByteString {
    guard let plan else { return "" }
    for (index, limit) in plan.exec.identity.limits.enumerated() {
      let least: UInt64
      switch limit.resource {
      case 9: least = 16 << 20
      case 2, 3: least = 128 << 10
      default: continue
      }
      if limit.soft >= least { continue }
      return ": " + limit.name + " of " + ByteString(decimal: limit.soft)
        + " is too small to load it, perhaps [/process/rlimits/" + ByteString(decimal: index)
        + "]; raise it"
    }
    if let calls = plan.exec.seccomp?.refused(of: LintSlips.startCalls), !calls.isEmpty {
      return ": the seccomp filter refuses what programs call before their first line: "
        + calls.joined(by: ", ") + " [" + (plan.exec.seccomp?.pointer ?? "") + "]; allow them"
    }
    guard let program = plan.exec.program, let view = RootView(plan.rootfs) else { return "" }
    let found = ProgramExamination(
      program.arguments, path: program.environment.value(of: "PATH"),
      workingDirectory: program.workingDirectory, in: view, rootPath: plan.rootfs.path, for: nil
    ).diagnosis()
    guard let found, found.code == .execArchitecture else { return "" }
    return ": " + found.cause + " [/process/args]; " + found.hint
  }
}

extension EndRecord.End {
  fileprivate var isKilled: Bool {
    if case .signaled(9, _, _) = status { return true }
    return false
  }
}
