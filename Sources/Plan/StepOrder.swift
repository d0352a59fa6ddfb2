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
    setUpEnvironment(plan) + makeFilesystem(plan) + finishFilesystem(plan)
      + setAttributes(plan.exec)
      + becomeProgram(
        plan.exec, isPrivileged: plan.isPrivileged, startHooks: plan.hooks[.startContainer])
  }

  /// The steps of a process that joins a container: the same ones, without those that made it.
  ///
  /// Two processes perform them. The first one joins everything from outside the container's pid
  /// namespace, where nobody in it can see or signal it, and lets go of the host. The second one is
  /// cloned in there with nothing of the host in its reach, and is the program in the end.
  static func exec(
    _ exec: ExecutionPlan, joins: [NamespaceKind], isPrivileged: Bool, isDebug: Bool = false
  ) -> [InitStep] {
    // The pid namespace last, and always: the container may have inherited one that is not ours.
    var joins = joins.filter { $0 != .pid } + [.pid]
    var steps = beforeVisible(exec, isPrivileged: isPrivileged)
    let hasMountNamespace = joins.contains(.mount)
    let tools: [InitStep] = [
      .namespace(.copyMounts), .namespace(.toolRoot(pivots: hasMountNamespace)),
    ]
    // While we have the host's rights: the copy then belongs to the host's user namespace, and root of
    // the container's may neither enter it nor mount in it.
    let copiesFirst = isDebug && isPrivileged && hasMountNamespace
    if copiesFirst {
      joins.removeAll { $0 == .mount }
      steps += [.namespace(.join(.mount))] + tools
    }
    if joins.contains(.user) {
      // Again hidden: some kernels are told to show a process that changed its user.
      steps += [
        .namespace(.joinWithUserNamespace(joins)), .namespace(.becomeRoot),
        .process(.setNonDumpable),
      ]
    } else {
      steps += joins.map { .namespace(.join($0)) }
    }
    // What joining a mount namespace does by itself.
    if !hasMountNamespace {
      if isDebug { steps.append(tools[0]) }
      steps.append(.namespace(.enterRoot))
      if isDebug { steps.append(tools[1]) }
    } else if isDebug && !copiesFirst {
      steps += tools
    }
    // Keyrings belong to no namespace: the name finds the container's. The caller's ends here.
    steps += joinKeyring(exec)
    // The container's devpts is in sight only after its mount namespace is joined, and so is its
    // /dev/null. The terminal is sent away while no program of the container can see the socket.
    if let terminal = exec.program?.terminal {
      steps.append(.process(.terminal(terminal, owner: exec.identity.user.user)))
    } else {
      steps.append(.process(.nullStreams(mayLackOne: !hasMountNamespace)))
    }
    // The caller's terminal is out of reach before anybody can reach us.
    steps.append(.process(.startSession))
    // The last look at the host: what is kept is the channel and what belongs to the program.
    steps += [.process(.forgetArguments), .process(.leaveHost)]
    // The first moment at which a process of the container sees us.
    steps.append(.namespace(.secondClone([])))
    // A session of its own, whose leader is who a terminal can be given to.
    steps.append(.process(.startSession))
    if exec.program?.terminal != nil { steps.append(.process(.controllingTerminal)) }
    return steps + setAttributes(exec)
      + becomeProgram(exec, isPrivileged: isPrivileged, startHooks: nil)
  }

  private static func joinKeyring(_ exec: ExecutionPlan) -> [InitStep] {
    guard let keyring = exec.keyring else { return [] }
    let labels = exec.identity.labels.compactMap { $0.keyringLabel }
    return [.identity(.sessionKeyring(keyring, label: labels.first))]
  }

  /// Before we become visible to processes in a joined namespace.
  private static func beforeVisible(_ exec: ExecutionPlan, isPrivileged: Bool) -> [InitStep] {
    // None of them may look at what we still hold (CVE-2016-9962).
    var steps: [InitStep] = [.process(.setNonDumpable)]
    if let score = exec.identity.oomScoreAdjustment {
      // Needs the host's /proc, and rights over the machine that a user namespace does not have. The
      // file of a hidden process is root's.
      steps.insert(.identity(.oomScore(score)), at: isPrivileged ? 1 : 0)
    }
    return steps
  }

  /// Into the namespaces. A user namespace owns those that are made inside it, and nothing else.
  private static func enterNamespaces(_ plan: CreatePlan) -> [InitStep] {
    let namespaces = plan.namespaces
    let joins = namespaces.joins.map { $0.kind }
    let time: [NamespaceKind] = namespaces.timeOffsets == nil ? [] : [.time]
    var steps = [InitStep]()
    if namespaces.creates(.user) {
      // Foreign namespaces, while we have the rights of the initial user namespace.
      steps += joins.map { .namespace(.join($0)) }
      if namespaces.needsSecondClone { steps.append(.namespace(.unshare([.user] + time))) }
      // A runtime that is root is non-dumpable already, and so is what it clones. One that is not stays
      // dumpable until here: newuidmap(1) cannot write the maps of a non-dumpable process.
      steps += [.sync(.idMaps), .namespace(.becomeRoot)]
    } else {
      steps = beforeVisible(plan.exec, isPrivileged: plan.isPrivileged)
      if namespaces.has(.user) {
        steps += [.namespace(.joinWithUserNamespace(joins)), .namespace(.becomeRoot)]
      } else {
        // Foreign namespaces first: what is new after this belongs inside them.
        steps += joins.map { .namespace(.join($0)) }
      }
      if !time.isEmpty { steps += [.namespace(.unshare(time)), .sync(.idMaps)] }
    }
    // The caller's terminal is out of reach before a process in a joined pid namespace can reach us.
    if namespaces.join(of: .pid) != nil { steps.append(.process(.startSession)) }
    // Whoever sees us can read them: in a joined pid namespace at once, in a new one while init waits
    // for its start.
    steps.append(.process(.forgetArguments))
    if namespaces.needsSecondClone {
      steps.append(.namespace(.secondClone(namespaces.newAtClone)))
    }
    if namespaces.has(.user) { steps.append(.process(.setNonDumpable)) }
    return steps
  }

  /// Everything before the first mount.
  private static func setUpEnvironment(_ plan: CreatePlan) -> [InitStep] {
    // A session of its own, before a terminal can become its controlling one.
    var steps = enterNamespaces(plan) + [.process(.startSession)]
    // The root of a new cgroup namespace is the cgroup that its maker is in by then.
    if plan.namespaces.creates(.cgroup) { steps.append(.namespace(.unshare([.cgroup]))) }
    steps += joinKeyring(plan.exec)
    if plan.namespaces.creates(.network), !plan.makesNetworkBeside {
      steps.append(.namespace(.loopback))
    }
    // Without root the parent cannot look at a process that hides itself.
    if plan.isPrivileged, !plan.makesNetworkBeside { steps.append(.sync(.entered)) }
    return steps
  }

  /// The tree, up to and with the moment when it becomes the root.
  private static func makeFilesystem(_ plan: CreatePlan) -> [InitStep] {
    // Propagation before the first mount, or the host gets to see it.
    var steps: [InitStep] = [.mount(.root)]
    let network: [InitStep] = plan.makesNetworkBeside ? [.sync(.network), .sync(.entered)] : []
    // What is mounted may show the network namespace of who mounts it.
    let first = plan.rootfs.mounts.firstIndex { $0.showsNetwork } ?? plan.rootfs.mounts.endIndex
    // In the configuration's order: a later mount may lie on an earlier one (MT-1).
    steps += plan.rootfs.mounts[..<first].map { .mount(.mount($0)) }
    let late = network + plan.rootfs.mounts[first...].map { .mount(.mount($0)) }
    var devices: [InitStep] = plan.rootfs.devices.map { .mount(.device($0)) }
    if plan.rootfs.createsDevices { devices.append(.mount(.deviceLinks)) }
    // After the mounts: a tmpfs on /dev would hide them. What lies in sysfs cannot, and the namespace takes its time.
    let areApart =
      !network.isEmpty && isWithinSysfs(plan.rootfs.mounts[first...])
      && plan.rootfs.devices.allSatisfy { $0.path.hasPrefix("/dev/") }
    steps += areApart ? devices + late : late + devices
    // While the tree can still be written.
    if let program = plan.exec.program {
      steps.append(.mount(.workingDirectory(program.workingDirectory)))
    }
    // Hooks see every namespace and mount made, and the host's root still in place.
    if !plan.hooks[.prestart].isEmpty || !plan.hooks[.createRuntime].isEmpty
      || plan.needsParentAfterMounts
    {
      steps.append(.sync(.afterMounts))
    }
    let createContainer = plan.hooks[.createContainer]
    if !createContainer.isEmpty {
      steps.append(.program(.createContainerHooks(createContainer)))
    }
    steps.append(.mount(.switchRoot))
    return steps
  }

  /// Of sysfs, which is mounted through no link, and of what is mounted on it and has none to elsewhere.
  private static func isWithinSysfs(_ mounts: ArraySlice<MountPlan>) -> Bool {
    guard let first = mounts.first else { return true }
    return first.isSysfs
      && mounts.dropFirst().allSatisfy { $0.destination.hasPrefix("/sys/") && $0.hasNoLinks }
  }

  /// From the new root to the moment when only the program's identity is missing.
  private static func finishFilesystem(_ plan: CreatePlan) -> [InitStep] {
    // The container's own /dev/null exists only now.
    var steps: [InitStep] = [
      .process(.nullStreams(mayLackOne: !plan.namespaces.has(.mount)))
    ]
    // Needs the container's devpts, and a /dev that can be written for /dev/console.
    if let terminal = plan.exec.program?.terminal {
      steps += [
        .process(.terminal(terminal, owner: plan.exec.identity.user.user)), .mount(.console),
        .process(.controllingTerminal),
      ]
    }
    // Nothing is created in the tree after this.
    steps.append(.mount(.finish))
    if let names = plan.namespaces.hostNames { steps.append(.namespace(.hostNames(names))) }
    // While /proc/sys can be written: read-only paths mask it next.
    steps += plan.namespaces.sysctls.map { .namespace(.sysctl($0)) }
    steps += plan.rootfs.readonlyPaths.map { .mount(.readonlyPath($0)) }
    let masked = plan.rootfs.maskedPaths
    if !masked.isEmpty { steps.append(.mount(.maskedPaths(masked))) }
    return steps
  }

  /// What needs rights that the next part gives up.
  private static func setAttributes(_ exec: ExecutionPlan) -> [InitStep] {
    // Late: everything before this chose its modes itself.
    var steps: [InitStep] = [.identity(.umask(exec.identity.user.umask))]
    // Needs a procfs that can be written.
    steps += exec.identity.labels.map { .identity(.label($0)) }
    // After the move into the cgroup, whose cpuset decides what is left of it.
    let affinity = exec.identity.affinity
    if affinity.final != nil || affinity.initial == nil {
      steps.append(.identity(.affinity(affinity)))
    }
    // These need CAP_SYS_NICE, and hold for everything that is forked later.
    if let scheduler = exec.identity.scheduler { steps.append(.identity(.scheduler(scheduler))) }
    if let priority = exec.identity.ioPriority { steps.append(.identity(.ioPriority(priority))) }
    if let personality = exec.personality { steps.append(.identity(.personality(personality))) }
    if let policy = exec.memoryPolicy { steps.append(.identity(.memoryPolicy(policy))) }
    // While every path can still be looked at; permissions are checked again as the user.
    if let program = exec.program {
      steps.append(.program(.find(program, user: exec.identity.user.user)))
    }
    // The parent sets limits and records the pid: from here on init may be found by others.
    steps.append(.sync(.ready))
    if exec.identity.noNewPrivileges { steps.append(.identity(.noNewPrivileges)) }
    return steps
  }

  /// From root to the user, and to the program.
  private static func becomeProgram(
    _ exec: ExecutionPlan, isPrivileged: Bool, startHooks: [PlannedHook]?
  ) -> [InitStep] {
    // Without rights of its own over namespaces the runtime finds only a process that can be seen. By
    // now that shows nothing but the program's own.
    let becomesVisible: [InitStep] = isPrivileged ? [] : [.process(.setDumpable)]
    guard let program = exec.program else {
      return becomesVisible + [.sync(.start), .program(.none)]
    }
    let identity = exec.identity
    var steps: [InitStep] = [
      // Nothing of the host is left when we enter a directory, and while we wait.
      .process(.sealDescriptors),
      // As root first: the user may not be able to walk there; retried as the user if root may not.
      .program(.enterWorkingDirectory(program.workingDirectory)),
      // Needs CAP_SETPCAP, so before anything is given up.
      .identity(.boundingSet(identity.capabilities)),
      // Needs CAP_CHOWN.
      .process(.ownStreams(user: identity.user.user)),
      // Groups, group, user: then the kernel clears effective capabilities, so these come after.
      .identity(.user(identity.user)),
      .program(.retryWorkingDirectory(program.workingDirectory)),
      // Without no_new_privs the one that a filter needs is kept, and execve takes it.
      .identity(.capabilities(identity.capabilities, keeping: exec.keptCapabilities)),
      // As the user, since only now the answer is the one that execve will give.
      .program(.check(program)),
    ]
    // One that notifies only: `create` hands its listener over. What follows must pass it.
    let notifies = exec.seccomp?.usesNotify == true
    // The parent takes the listener out of this process.
    if notifies { steps += becomesVisible + [.program(.loadFilter)] }
    let filtersAtExec = exec.seccomp != nil && !notifies
    if let startHooks {
      // `exec` looks for the namespaces of an init that waits, and of one that runs.
      if !notifies { steps += becomesVisible }
      steps.append(.sync(.start))
      // With the user's rights, and under the filter: they run the container's own programs (HK-12).
      if !startHooks.isEmpty {
        steps.append(.program(.startContainerHooks(startHooks, underFilter: filtersAtExec)))
      }
    }
    // A filter is written for the program: of the runtime it has to allow nothing but execve.
    return steps + [
      .program(.announce), filtersAtExec ? .program(.executeUnderFilter) : .program(.execute),
    ]
  }
}
