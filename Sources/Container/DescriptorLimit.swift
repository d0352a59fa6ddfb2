import Bytes
import Diagnosis
import Identity
import Launch
import Linux
import Namespaces
import Plan
import Report
import Rootfs

/// RLIMIT_NOFILE while a container is made. An undo that runs out of descriptors half way leaves a record
/// and a cgroup behind, so a limit that is too low is refused before anything exists.
extension HostExecutor {
  /// Those that making a container and undoing it may have open at one time, the standard streams and
  /// the log among them, beside what the caller and the configuration add.
  private static let basicDescriptors = 24

  private var neededDescriptors: UInt64 {
    // Their numbers are kept free, whether the caller opened them or not.
    var needed = HostExecutor.basicDescriptors + options.preserveFds + ListenDescriptors.count
    if case .container(let new) = launched {
      needed += new.plan.namespaces.joins.count + new.plan.rootfs.pinnedCount
      needed += new.plan.rootfs.mounts.filter { $0.idMap != nil }.count
    }
    return UInt64(needed)
  }

  /// The soft limit is raised where it is too low: the hard limit is what the caller may have.
  func checkDescriptors() throws(CommandFailure) {
    let limit = try attempt(SyscallError.self, ThisProcess.limit(LimitPlan.openFiles))
    let needed = neededDescriptors
    if limit.soft >= needed { return }
    if limit.hard >= needed {
      try attempt(
        SyscallError.self,
        ThisProcess.setLimit(LimitPlan.openFiles, soft: limit.hard, hard: limit.hard))
      callersDescriptorLimit = limit
      return
    }
    throw CommandFailure("RLIMIT_NOFILE is " + ByteString(decimal: limit.hard)).diagnosed(
      Diagnosis(
        .descriptors,
        "making this container takes up to " + ByteString(decimal: needed) + " descriptors",
        hint: "raise it (ulimit -n)"))
  }

  /// The program inherits the caller's limit, if the configuration does not set another one.
  func lowerDescriptorLimit(of child: ProcessHandle) throws(StepFailure) {
    guard let limit = callersDescriptorLimit,
      !launched.exec.identity.limits.contains(where: { $0.resource == LimitPlan.openFiles })
    else { return }
    do throws(SyscallError) {
      try ThisProcess.setLimit(
        LimitPlan.openFiles, soft: limit.soft, hard: limit.hard, of: child.pid)
    } catch {
      throw StepFailure(step: "start init", error.about("RLIMIT_NOFILE"))
    }
  }
}
