import Bytes
import Diagnosis
import Launch
import Linux
import OCISpec
import Plan
import Report
import Seccomp
import StateStore

/// The filter of a container or of a process in it, compiled and known to be one that the kernel takes
/// and that lets the program start: what is wrong with it is an error before there is a process.
enum Filter {
  static func program(
    for exec: ExecutionPlan, _ annotations: [Entry<ByteString>], _ supervision: Supervision?,
    in context: CommandContext
  ) throws(CommandFailure) -> SeccompProgram? {
    guard let plan = exec.seccomp, exec.program != nil else { return nil }
    var program: SeccompProgram
    do throws(ConfigError) {
      if let known = plan.known { program = known } else { program = try compiled(plan, context) }
      try warn(of: program, plan, annotations, context)
    } catch {
      throw CommandFailure(error)
    }
    if let refusal = exec.refusal(by: program) { throw CommandFailure(refusal) }
    if let supervision {
      do throws(ConfigError) {
        try program.supervise(plan, supervision, kernel: context.host.kernel)
      } catch {
        throw CommandFailure(error)
      }
    }
    do throws(SyscallError) { try program.filter.validate() } catch {
      throw CommandFailure(
        StepFailure(step: "load the seccomp filter", pointer: plan.pointer, error))
    }
    return program
  }

  /// From the directory of compiled filters below the state root; without it they are compiled each
  /// time.
  private static func compiled(_ plan: SeccompPlan, _ context: CommandContext)
    throws(ConfigError) -> SeccompProgram
  {
    var directory: SharedDescriptor?
    do throws(StateError) { directory = try context.root.filterCache() } catch {
      context.log.debug(error.message)
    }
    guard let directory else { return try FilterCompiler.compile(plan) }
    return try FilterCache(directory: directory.handle).program(
      for: plan, kernel: context.host.kernel)
  }

  private static func warn(
    of program: SeccompProgram, _ plan: SeccompPlan, _ annotations: [Entry<ByteString>],
    _ context: CommandContext
  ) throws(ConfigError) {
    let names = program.unknownNames
    if names.isEmpty { return }
    if (annotations[.knownCallsOnly] ?? "0") != "0" {
      throw ConfigError(
        plan.pointer + "/syscalls", "libseccomp does not know " + names.joined(by: ", "))
    }
    let restricted = program.restrictedNames
    if !restricted.isEmpty {
      context.log.warning(
        "seccomp: libseccomp does not know these system calls, and the filter does not block them: "
          + restricted.joined(by: ", "), .seccompUnknown, at: plan.pointer + "/syscalls")
    }
    let others = names.filter { !restricted.contains($0) }
    if !others.isEmpty {
      // Profiles of engines name the calls of every kernel and library.
      context.log.debug(
        "seccomp: ignoring system calls that libseccomp does not know, the filter is as strict without them: "
          + others.joined(by: ", "))
    }
  }
}
