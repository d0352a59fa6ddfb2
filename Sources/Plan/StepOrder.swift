import Bytes
import Hooks
import Identity
import Namespaces
import OCISpec
import Rootfs
import Seccomp

/// The order of everything, once. Each line says why it stands where it stands.
package enum StepOrder {
  /// The steps of a container's init.
  static func create(_ plan: CreatePlan) -> [InitStep] {
    surroundings(plan) + filesystem(plan) + inside(plan) + program(plan.exec, plan)
  }

  /// The steps of a process that joins a container: the same ones, without those that made it.
  ///
  /// An unprivileged caller reaches the pid namespace only with the rights that the user namespace
  /// gives, and so through a process in between.
  static func exec(_ exec: ExecutionPlan, joins: [NamespaceKind], isPrivileged: Bool) -> [InitStep]
  {
    var steps = beforeOthers(exec, isPrivileged: isPrivileged)
    if joins.contains(.user) {
      steps += [.joinAroundUser(isPrivileged ? joins : joins + [.pid]), .becomeRoot]
      if !isPrivileged { steps.append(.rebirth([])) }
    } else {
      steps += joins.map { .join($0) }
    }
    // After the last clone: the leader of a session is who a terminal can be given to.
    steps.append(.startSession)
    // Keyrings belong to no namespace: the name finds the container's.
    if let keyring = exec.keyring { steps.append(.sessionKeyring(keyring)) }
    // The container's devpts is in sight only after its mount namespace is joined.
    if let terminal = exec.program?.terminal { steps.append(.terminal(terminal)) }
    return steps + confinement(exec) + execution(exec, startHooks: nil)
  }

  /// Before anybody in a foreign namespace can see us.
  private static func beforeOthers(_ exec: ExecutionPlan, isPrivileged: Bool) -> [InitStep] {
    // Nobody there may look at what we still hold (CVE-2016-9962).
    var steps: [InitStep] = [.hideMemory]
    if let score = exec.identity.oomScoreAdjustment {
      // Needs the host's /proc, and rights over the machine that a user namespace does not have. The
      // file of a hidden process is root's.
      steps.insert(.oomScore(score), at: isPrivileged ? 1 : 0)
    }
    return steps
  }

  /// Into the namespaces. A user namespace owns those that are made inside it, and nothing else.
  private static func entrance(_ plan: CreatePlan) -> [InitStep] {
    let namespaces = plan.namespaces
    let joins = namespaces.joins.map { $0.kind }.filter { $0 != .pid || !plan.isPrivileged }
    let clocks: [NamespaceKind] = namespaces.timeOffsets == nil ? [] : [.time]
    var steps = [InitStep]()
    if namespaces.creates(.user) {
      // Foreign namespaces with the rights of outside.
      steps += joins.map { .join($0) }
      if namespaces.needsRebirth { steps.append(.unshare([.user] + clocks)) }
      // The parent also sets oom_score_adj; it and newuidmap(1) may not write about a hidden process.
      steps += [.meetForMaps, .becomeRoot]
    } else {
      steps = beforeOthers(plan.exec, isPrivileged: plan.isPrivileged)
      if namespaces.has(.user) {
        steps += [.joinAroundUser(joins), .becomeRoot]
      } else {
        // Foreign namespaces first: what is new after this belongs inside them.
        steps += joins.map { .join($0) }
      }
      if !clocks.isEmpty { steps += [.unshare(clocks), .meetForMaps] }
    }
    if namespaces.needsRebirth { steps.append(.rebirth(namespaces.born)) }
    if namespaces.creates(.user) { steps.append(.hideMemory) }
    return steps
  }

  /// Everything before the first mount.
  private static func surroundings(_ plan: CreatePlan) -> [InitStep] {
    // A session of its own, before a terminal can become its controlling one.
    var steps = entrance(plan) + [.startSession]
    // The root of a new cgroup namespace is the cgroup that its maker is in by then.
    if plan.namespaces.creates(.cgroup) { steps.append(.unshare([.cgroup])) }
    if let keyring = plan.exec.keyring { steps.append(.sessionKeyring(keyring)) }
    if plan.namespaces.creates(.network) { steps.append(.loopback) }
    return steps
  }

  /// The tree, up to and with the moment when it becomes the root.
  private static func filesystem(_ plan: CreatePlan) -> [InitStep] {
    // Propagation before the first mount, or the host gets to see it.
    var steps: [InitStep] = [.rootMount]
    // In the configuration's order: a later mount may lie on an earlier one (MT-1).
    steps += plan.rootfs.mounts.map { .mount($0) }
    // After the mounts: a tmpfs on /dev would hide them.
    steps += plan.rootfs.devices.map { .device($0) }
    if plan.rootfs.createsDevices { steps.append(.deviceLinks) }
    // While the tree can still be written.
    if let program = plan.exec.program {
      steps.append(.workingDirectory(program.workingDirectory))
    }
    // Hooks see every namespace and mount made, and the host's root still in place.
    if !plan.hooks[.prestart].isEmpty || !plan.hooks[.createRuntime].isEmpty
      || plan.needsParentAfterMounts
    {
      steps.append(.runtimeHooks)
    }
    let createContainer = plan.hooks[.createContainer]
    if !createContainer.isEmpty { steps.append(.createContainerHooks(createContainer)) }
    steps.append(.switchRoot)
    return steps
  }

  /// From the new root to the moment when only the program's identity is missing.
  private static func inside(_ plan: CreatePlan) -> [InitStep] {
    // The container's own /dev/null exists only now.
    var steps: [InitStep] = [.nullStreams]
    // Needs the container's devpts, and a /dev that can be written for /dev/console.
    if let terminal = plan.exec.program?.terminal { steps.append(.terminal(terminal)) }
    // Nothing is created in the tree after this.
    steps.append(.finishMounts)
    if plan.namespaces.hostname != nil || plan.namespaces.domainname != nil {
      steps.append(.hostNames)
    }
    // While /proc/sys can be written: read-only paths cover it next.
    steps += plan.namespaces.sysctls.map { .sysctl($0) }
    steps += plan.rootfs.readonlyPaths.map { .readonlyPath($0) }
    if !plan.rootfs.maskedPaths.isEmpty { steps.append(.maskedPaths(plan.rootfs.maskedPaths)) }
    return steps
  }

  private static func program(_ exec: ExecutionPlan, _ plan: CreatePlan) -> [InitStep] {
    confinement(exec) + execution(exec, startHooks: plan.hooks[.startContainer])
  }

  /// What needs rights that the next part gives up.
  private static func confinement(_ exec: ExecutionPlan) -> [InitStep] {
    // Late: everything before this chose its modes itself.
    var steps: [InitStep] = [.umask(exec.identity.user.umask)]
    // Needs a procfs that can be written.
    steps += exec.identity.labels.map { .label($0) }
    // After the move into the cgroup, whose cpuset decides what is left of it.
    let affinity = exec.identity.affinity
    if affinity.final != nil || affinity.initial == nil { steps.append(.affinity(affinity)) }
    // These need CAP_SYS_NICE, and hold for everything that is forked later.
    if let scheduler = exec.identity.scheduler { steps.append(.scheduler(scheduler)) }
    if let priority = exec.identity.ioPriority { steps.append(.ioPriority(priority)) }
    if let personality = exec.personality { steps.append(.personality(personality)) }
    if let policy = exec.memoryPolicy { steps.append(.memoryPolicy(policy)) }
    // While every path can still be looked at; permissions are checked again as the user.
    if exec.program != nil { steps.append(.findProgram) }
    // The parent sets limits and records the pid: from here on init may be found by others.
    steps.append(.ready)
    if exec.identity.noNewPrivileges { steps.append(.noNewPrivileges) }
    return steps
  }

  /// From root to the user, and to the program.
  private static func execution(_ exec: ExecutionPlan, startHooks: [PlannedHook]?) -> [InitStep] {
    guard let program = exec.program else { return [.awaitStart] }
    // Nothing of the host is left when we enter a directory, and while we wait.
    var steps: [InitStep] = [.sealDescriptors]
    // As root first: the user may not be able to walk there; retried as the user if root may not.
    steps.append(.enterWorkingDirectory(program.workingDirectory))
    // Needs CAP_SETPCAP, so before anything is given up.
    steps.append(.boundingSet)
    // Needs CAP_CHOWN.
    steps.append(.ownStreams)
    // Groups, group, user: then the kernel clears effective capabilities, so these come after. Without
    // no_new_privs the one that a filter needs is kept, and execve takes it.
    steps += [.user, .capabilities]
    // As the user, since only now the answer is the one that execve will give.
    steps.append(.checkProgram)
    // One that notifies only: `create` hands its listener over. What follows must pass it.
    let notifies = exec.seccomp?.usesNotify == true
    if notifies { steps.append(.filter) }
    if let startHooks {
      steps.append(.awaitStart)
      // Under the filter, with the user's rights: they run the container's own programs (HK-12).
      if !startHooks.isEmpty { steps.append(.startContainerHooks(startHooks)) }
    }
    // A filter is written for the program: of the runtime it has to allow nothing but execve.
    return steps + [.announce, exec.seccomp == nil || notifies ? .execute : .executeUnderFilter]
  }
}
