package import Bytes
package import Identity

/// What the program inherits from init: its ids, rights, and place among other processes.
package enum IdentityStep: Equatable, Sendable {
  case oomScore(Int32)
  /// Its label is that of the program, where SELinux gives one.
  case sessionKeyring(ByteString, label: ByteString?)
  case umask(UInt32)
  case label(SecurityLabel)
  case noNewPrivileges
  case affinity(AffinityPlan)
  case scheduler(SchedulerPlan)
  case ioPriority(IOPriorityPlan)
  case personality(PersonalityPlan)
  case memoryPolicy(MemoryPolicyPlan)
  /// Drops what the plan's bounding set lacks.
  case boundingSet(CapabilityPlan)
  case user(UserPlan)
  /// `keeping` is held beside the plan's sets until execve.
  case capabilities(CapabilityPlan, keeping: UInt64)
}

extension IdentityStep {
  var title: ByteString {
    switch self {
    case .oomScore(let score): "set oom_score_adj to " + ByteString(decimal: score)
    case .sessionKeyring(let name, _): "join the session keyring `" + name + "`"
    case .umask(let mask): "set the umask to " + ByteString(octal: mask)
    case .label: "set the security label"
    case .noNewPrivileges: "set no_new_privs"
    case .affinity(let plan): plan.title
    case .scheduler: "set the scheduler"
    case .ioPriority: "set the I/O priority"
    case .personality: "set the personality"
    case .memoryPolicy: "set the memory policy"
    case .boundingSet: "drop the bounding set"
    case .user: "become the user"
    case .capabilities: "take capabilities"
    }
  }

  var pointer: ByteString {
    switch self {
    case .oomScore: "/process/oomScoreAdj"
    case .label(.appArmor): "/process/apparmorProfile"
    case .label(.seLinux): "/process/selinuxLabel"
    case .noNewPrivileges: "/process/noNewPrivileges"
    case .affinity(let plan): plan.final == nil ? "" : "/process/execCPUAffinity/final"
    case .scheduler: "/process/scheduler"
    case .ioPriority: "/process/ioPriority"
    case .personality: "/linux/personality"
    case .memoryPolicy: "/linux/memoryPolicy"
    case .boundingSet, .capabilities: "/process/capabilities"
    case .user: "/process/user"
    case .sessionKeyring, .umask: ""
    }
  }

  var reason: ByteString {
    switch self {
    case .oomScore: "needs the host's /proc and rights over the machine"
    case .sessionKeyring: "before keys can be looked up in the caller's"
    case .umask: "late: what came before chose its modes itself"
    case .label: "needs a procfs that can be written"
    case .noNewPrivileges: "before a filter that asks for it"
    case .affinity: "after the move into the cgroup, whose cpuset decides what is left"
    case .scheduler, .ioPriority, .personality, .memoryPolicy:
      "needs rights that go next, and holds for all that is started later"
    case .boundingSet: "needs CAP_SETPCAP, so before capabilities go"
    case .user: "groups, group, user: each needs rights that the next gives up"
    case .capabilities: "after the user: the kernel clears effective capabilities then"
    }
  }

  var details: ByteString {
    switch self {
    case .label(.appArmor(let profile)): return " of AppArmor to `" + profile + "`"
    case .label(.seLinux(let label)): return " of SELinux to `" + label + "`"
    case .scheduler(let plan): return plan.attributes.text
    case .ioPriority(let plan): return " to " + FlagNames.ioPriority(plan.value)
    case .personality(let plan): return " to " + FlagNames.personality(plan.domain)
    case .memoryPolicy(let plan):
      return " to " + plan.modeNames + " nodes "
        + (plan.nodes?.words ?? []).map(FlagNames.hex).joined(by: " ")
    case .boundingSet(let sets): return " to " + FlagNames.capabilities(sets.bounding)
    case .user(let plan):
      return " " + ByteString(decimal: plan.user) + ":" + ByteString(decimal: plan.group)
        + plan.additionalGroups.map { "," + ByteString(decimal: $0) }.joined(by: "")
    case .capabilities(let sets, let kept):
      return " effective " + FlagNames.capabilities(sets.effective) + " permitted "
        + FlagNames.capabilities(sets.permitted)
        + " inheritable " + FlagNames.capabilities(sets.inheritable) + " ambient "
        + FlagNames.capabilities(sets.ambient)
        + (kept == 0 ? "" : " keeping " + FlagNames.capabilities(kept))
    case .sessionKeyring(_, let label?): return " labelled `" + label + "`"
    case .oomScore, .sessionKeyring, .umask, .noNewPrivileges, .affinity: return ""
    }
  }
}
