package import Bytes
package import Linux
package import OCISpec

/// One resource limit (getrlimit(2)); 2^64 − 1 is no limit.
package struct LimitPlan: Equatable, Sendable {
  package var resource: Int32
  package var soft: UInt64
  package var hard: UInt64

  /// The kernel's numbers on every architecture that Swift has.
  package static let resources: [(name: StaticString, number: Int32)] = [
    ("RLIMIT_AS", 9),
    ("RLIMIT_CORE", 4),
    ("RLIMIT_CPU", 0),
    ("RLIMIT_DATA", 2),
    ("RLIMIT_FSIZE", 1),
    ("RLIMIT_LOCKS", 10),
    ("RLIMIT_MEMLOCK", 8),
    ("RLIMIT_MSGQUEUE", 12),
    ("RLIMIT_NICE", 13),
    ("RLIMIT_NOFILE", 7),
    ("RLIMIT_NPROC", 6),
    ("RLIMIT_RSS", 5),
    ("RLIMIT_RTPRIO", 14),
    ("RLIMIT_RTTIME", 15),
    ("RLIMIT_SIGPENDING", 11),
    ("RLIMIT_STACK", 3),
  ]

  /// RLIMIT_NOFILE.
  package static var openFiles: Int32 { 7 }

  package static func make(
    _ limits: [OCISpec.Process.ResourceLimit], pointer: ByteString
  ) throws(ConfigError) -> [LimitPlan] {
    var plans = [LimitPlan]()
    for (position, limit) in limits.enumerated() {
      let here = { pointer + "/" + ByteString(decimal: position) }
      guard let resource = resources.first(where: { limit.type == $0.name })?.number else {
        throw ConfigError(here() + "/type", "unknown resource limit " + quoted(limit.type))
      }
      if plans.contains(where: { $0.resource == resource }) {
        throw ConfigError(here() + "/type", quoted(limit.type) + " occurs twice")
      }
      if limit.soft > limit.hard {
        throw ConfigError(here() + "/soft", "greater than the hard limit")
      }
      plans.append(LimitPlan(resource: resource, soft: limit.soft, hard: limit.hard))
    }
    return plans
  }

  /// For `pid`, or 0 for ourselves. Raising a hard limit needs CAP_SYS_RESOURCE over the machine, so
  /// the parent does it for a child in a user namespace (prlimit(2)).
  package func apply(to pid: Int32) throws(SyscallError) {
    do throws(SyscallError) {
      try ThisProcess.setLimit(resource, soft: soft, hard: hard, of: pid)
    } catch {
      throw error.about(name)
    }
  }

  /// Whether the runtime's part of the process does not notice it before the program is executed.
  package var leavesRoom: Bool {
    switch name {
    case "RLIMIT_CORE", "RLIMIT_MEMLOCK", "RLIMIT_NPROC": true
    case "RLIMIT_NOFILE": soft >= 1024
    default: false
    }
  }

  package var name: ByteString {
    LimitPlan.resources.first { $0.number == resource }?.name.text ?? ByteString(decimal: resource)
  }
}
