package import Bytes
package import OCISpec

/// What `process` asks for beyond its program: checked, and in the kernel's words.
///
/// The steps that put it in force are methods, one kernel property each; `init` and `exec` take the
/// same ones in the same order (CVE-2019-10144 is an exec that had weaker ones of its own).
package struct IdentityPlan: Equatable, Sendable {
  package var user: UserPlan
  package var capabilities: CapabilityPlan
  package var limits: [LimitPlan]
  package var noNewPrivileges: Bool
  /// Nil leaves the inherited value alone (PR-13).
  package var oomScoreAdjustment: Int32?
  package var scheduler: SchedulerPlan?
  package var ioPriority: IOPriorityPlan?
  package var affinity: AffinityPlan
  package var labels: [SecurityLabel]

  /// `grantable` has a bit for each capability that the process can be given: the runtime's permitted
  /// set, or everything in a user namespace of the container's own. `warnings` get what the
  /// specification wants said without an error.
  package static func make(
    process: OCISpec.Process, isInit: Bool, lastCapability: Int, grantable: UInt64,
    mayLackGroups: Bool = false, keepsGroups: Bool = false, pointer: ByteString,
    warnings: inout [ByteString]
  ) throws(ConfigError) -> IdentityPlan {
    // Both peers start such a program too: an absent number is 0 in their languages.
    for name in process.user.missing {
      warnings.append(pointer + "/user/" + name + ": absent, assuming 0")
    }
    if !process.user.username.isEmpty, process.user.username != "root" || process.user.uid != 0 {
      warnings.append(
        pointer + "/user/username: has no effect on Linux, the program runs as uid "
          + ByteString(decimal: process.user.uid) + ": write the uid of "
          + quoted(process.user.username) + ", of the image's /etc/passwd, to /process/user/uid")
    }
    return IdentityPlan(
      user: try UserPlan.make(
        process.user, mayLackGroups: mayLackGroups, keepsGroups: keepsGroups,
        pointer: pointer + "/user"),
      capabilities: try CapabilityPlan.make(
        process.capabilities, lastCapability: lastCapability, grantable: grantable,
        pointer: pointer + "/capabilities", warnings: &warnings),
      limits: try LimitPlan.make(process.rlimits, pointer: pointer + "/rlimits"),
      noNewPrivileges: process.noNewPrivileges,
      oomScoreAdjustment: try oomScore(process.oomScoreAdj, pointer: pointer),
      scheduler: try process.scheduler.map { (scheduler) throws(ConfigError) in
        try SchedulerPlan.make(scheduler, pointer: pointer + "/scheduler")
      },
      ioPriority: try process.ioPriority.map { (priority) throws(ConfigError) in
        try IOPriorityPlan.make(priority, pointer: pointer + "/ioPriority")
      },
      affinity: try AffinityPlan.make(
        process.execCPUAffinity, isInit: isInit, pointer: pointer + "/execCPUAffinity"),
      labels: try SecurityLabel.make(process, pointer: pointer))
  }

  private static func oomScore(
    _ value: Int32?, pointer: ByteString
  ) throws(ConfigError) -> Int32? {
    guard let value else { return nil }
    guard (-1000...1000).contains(value) else {
      throw ConfigError(pointer + "/oomScoreAdj", "not within -1000 and 1000")
    }
    return value
  }
}
