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
  /// Two processes perform them. The first one joins everything from outside the container's pid
  /// namespace, where nobody in it can see or signal it, and lets go of the host. The second one is
  /// born in there with nothing of the host in its reach, and is the program in the end.
  static func exec(_ exec: ExecutionPlan, joins: [NamespaceKind], isPrivileged: Bool) -> [InitStep]
  {
    // The pid namespace last, and always: the container may have inherited one that is not ours.
    let joins = joins.filter { $0 != .pid } + [.pid]
    var steps = beforeOthers(exec, isPrivileged: isPrivileged)
    if joins.contains(.user) {
      // Again hidden: some kernels are told to show a process that changed its user.
      steps += [.joinAroundUser(joins), .becomeRoot, .hideMemory]
    } else {
      steps += joins.map { .join($0) }
    }
    // What joining a mount namespace does by itself.
    if !joins.contains(.mount) { steps.append(.enterRoot) }
    // Keyrings belong to no namespace: the name finds the container's. The caller's ends here.
    if let keyring = exec.keyring { steps.append(.sessionKeyring(keyring)) }
    // The container's devpts is in sight only after its mount namespace is joined, and so is its
    // /dev/null. The terminal is sent away while no program of the container can see the socket.
    if let terminal = exec.program?.terminal {
      steps.append(.terminal(terminal))
    } else {
      steps.append(.nullStreams)
    }
    // The caller's terminal is out of reach before anybody can reach us.
    steps.append(.startSession)
    // The last look at the host: what is kept is the channel and what belongs to the program.
    steps += [.forgetArguments, .leaveHost]
    // The first moment at which anybody in the container sees us.
    steps.append(.rebirth([]))
    // A session of its own, whose leader is who a terminal can be given to.
    steps.append(.startSession)
    if exec.program?.terminal != nil { steps.append(.controllingTerminal) }
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
    let joins = namespaces.joins.map { $0.kind }
    let clocks: [NamespaceKind] = namespaces.timeOffsets == nil ? [] : [.time]
    var steps = [InitStep]()
    if namespaces.creates(.user) {
      // Foreign namespaces with the rights of outside.
      steps += joins.map { .join($0) }
      if namespaces.needsRebirth { steps.append(.unshare([.user] + clocks)) }
      // Where root is the caller, nobody sees into us from the first moment on: a runtime with rights
      // is hidden, and what it clones. newuidmap(1) may not write about a hidden process.
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
    // The caller's terminal is out of reach before anybody in a joined pid namespace can reach us.
    if namespaces.join(of: .pid) != nil { steps.append(.startSession) }
    // For everybody to read who sees us: in a joined pid namespace at once, in a new one while init
    // waits for its start.
    steps.append(.forgetArguments)
    if namespaces.needsRebirth { steps.append(.rebirth(namespaces.born)) }
    if namespaces.has(.user) { steps.append(.hideMemory) }
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
    if let terminal = plan.exec.program?.terminal {
      steps += [.terminal(terminal), .controllingTerminal]
    }
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
