package import Bytes
import Cgroups
import Hooks
import Identity
import Linux
import Namespaces
import OCISpec
import Resctrl
import Rootfs
import Seccomp

/// The order of everything that the runtime does on the host, once. Each line says why it stands where
/// it stands. Looks come before the first thing that is made: what cannot start leaves nothing.
package struct HostOrder: Equatable, Sendable {
  package var before: [HostStep] = []
  // Beside init's mounts: what init waits for later only.
  package var meanwhile: [HostStep] = []
  // While init waits: for its namespaces to be set up, with its mounts made, under a filter that
  // notifies, and with nothing left that needs the host.
  package var atMaps: [HostStep.Serve] = []
  // While the process that init cloned goes on: then it need not wait when it is ready.
  package var atCloned: [HostStep.Serve] = []
  // While init goes on in its namespaces.
  package var atEntered: [HostStep.Serve] = []
  package var atMounts: [HostStep.Serve] = []
  package var atListener: [HostStep.Serve] = []
  package var atReady: [HostStep.Serve] = []
  package var after: [HostStep] = []
}

/// What the command line asks of the host's half.
package struct HostRequest: Equatable, Sendable {
  package var consoleSocket: ByteString?
  package var pidfdSocket: ByteString?
  package var pidFile: ByteString?
  /// The command ends while the program runs.
  package var isDetached = true
  /// `create`: init waits at FIFOs for another command.
  package var waitsForStart = true
  /// Something of the command's own is done before the start.
  package var holdsStart = false

  package init(
    consoleSocket: ByteString? = nil, pidfdSocket: ByteString? = nil, pidFile: ByteString? = nil,
    isDetached: Bool = true, waitsForStart: Bool = true, holdsStart: Bool = false
  ) {
    self.holdsStart = holdsStart
    self.consoleSocket = consoleSocket
    self.pidfdSocket = pidfdSocket
    self.pidFile = pidFile
    self.isDetached = isDetached
    self.waitsForStart = waitsForStart
  }
}

extension HostOrder {
  /// `create`, and with a request that does not wait for a start `run`.
  package static func create(_ plan: CreatePlan, _ request: HostRequest = HostRequest())
    -> HostOrder
  {
    var order = HostOrder()
    order.before = looks(plan, request) + makes(plan, request)
    order.meanwhile = besides(plan).map { .make($0) }
    order.atMaps = setUp(plan)
    // Before hooks, which configure it.
    order.atMounts = plan.namespaces.devices.map { .networkDevice($0) }
    // prestart is deprecated and comes first, as runc has it.
    for kind in [HookKind.prestart, .createRuntime] where !plan.hooks[kind].isEmpty {
      order.atMounts.append(.hooks(kind, plan.hooks[kind]))
    }
    if plan.exec.seccomp?.usesNotify == true { order.atListener = [.listener] }
    if plan.isPrivileged { order.atEntered = [.identify] }
    order.atReady = ready(plan)
    if startsAtOnce(plan, request) { order.atReady.append(.start) }
    order.after = finish(plan, request)
    return order
  }

  /// What comes first, whether the processes are made or restored.
  static func firstLooks(_ plan: CreatePlan, _ request: HostRequest) -> [HostStep.Look] {
    var looks: [HostStep.Look] = [.descriptorLimit]
    if let resctrl = plan.resctrl { looks.append(.resctrlGroup(resctrl)) }
    // systemd makes the ancestors of a unit, and removes them.
    if plan.cgroup.path != nil, plan.cgroup.unit == nil { looks.append(.cgroupAncestors) }
    looks += plan.namespaces.joins.map { .namespace($0) }
    if let path = request.consoleSocket { looks.append(.consoleSocket(path)) }
    // The program must not have run when the file turns out to have no directory.
    if let path = request.pidFile { looks.append(.pidFileDirectory(path)) }
    return looks
  }

  private static func looks(_ plan: CreatePlan, _ request: HostRequest) -> [HostStep] {
    var looks = firstLooks(plan, request)
    if let path = request.pidfdSocket { looks.append(.pidfdSocket(path)) }
    // Before the sources, of which one may have these ids.
    for mount in plan.rootfs.mounts {
      if let map = mount.idMap {
        let ids = IDMapPlan(users: map.users, groups: map.groups)
        looks.append(.mountIDs(mount.pointer, ids))
      }
    }
    looks.append(.root(plan.rootfs.path))
    if !plan.rootfs.mounts.isEmpty { looks.append(.sources) }
    return looks.map { .look($0) } + filter(plan.exec)
  }

  /// Last of the looks: a compiled filter is kept below the state root for the next container.
  private static func filter(_ exec: ExecutionPlan) -> [HostStep] {
    guard let seccomp = exec.seccomp else { return [] }
    var steps = [HostStep]()
    if exec.program != nil { steps.append(.look(.filter(seccomp.pointer))) }
    if let listener = seccomp.listener {
      steps.append(
        .look(.agent(listener.path, pointer: seccomp.pointer + "/listenerPath")))
    }
    return steps
  }

  private static func makes(_ plan: CreatePlan, _ request: HostRequest) -> [HostStep] {
    // A signal that ended the command after this would leave what is made.
    var makes: [HostStep.Make] = [.watchSignals]
    // The id is taken by making its directory, whose lock is held up to the end.
    makes.append(.claim(plan.id))
    // Before anything that it names exists.
    makes.append(.record)
    // Undone after the cgroup, when its processes are dead.
    if let resctrl = plan.resctrl { makes.append(.resctrlGroup(resctrl.group)) }
    if let path = plan.cgroup.path {
      makes.append(.cgroup(path.text))
      // Hooks in the container may need more than the container itself.
      if !plan.cgroup.memoryAhead.isEmpty, plan.hooks[.createContainer].isEmpty {
        makes.append(.memoryLimit)
      }
    }
    if needsDevicesFirst(plan), plan.cgroup.filtersDevices { makes.append(.deviceProgram) }
    // In the state directory, with which they go.
    if plan.notifies { makes.append(.notifyDirectory) }
    if request.waitsForStart { makes.append(.startFIFOs) }
    if plan.exec.seccomp != nil, plan.exec.program != nil { makes.append(.errnoWord) }
    if !request.isDetached { makes.append(.holdSignals) }
    var new = plan.namespaces.needsSecondClone ? [] : plan.namespaces.newAtClone
    if plan.makesNetworkBeside { new.subtract(.network) }
    makes.append(.clone(new))
    return makes.map { .make($0) }
  }

  /// While init makes its mounts. The kernel takes its time to check a program.
  private static func besides(_ plan: CreatePlan) -> [HostStep.Make] {
    // In force when init is answered, after which it executes something or opens what is the image's.
    var makes: [HostStep.Make] =
      plan.cgroup.filtersDevices && !needsDevicesFirst(plan) ? [.deviceProgram] : []
    // First: init is going to wait for it.
    if plan.makesNetworkBeside { makes.insert(.network, at: 0) }
    // Without it `delete` runs no hooks, and none has run before init is answered.
    makes.append(.configuration)
    return makes
  }

  /// Whether init asks for devices, other than those that every container has, or for the network, before it is
  /// answered: with hooks in the container, and with filesystems on a disk or elsewhere.
  package static func needsDevicesFirst(_ plan: CreatePlan) -> Bool {
    !plan.hooks[.createContainer].isEmpty || plan.rootfs.mounts.contains { $0.mayOpenDevice }
  }

  /// In new user and time namespaces, of which nobody inside may say what they are.
  static func setUp(_ plan: CreatePlan) -> [HostStep.Serve] {
    var steps = [HostStep.Serve]()
    let namespaces = plan.namespaces
    if namespaces.creates(.user) {
      // Before its user is another one, and before it makes a cgroup namespace.
      if plan.cgroup.unit != nil { steps.append(.attach) }
      if let maps = namespaces.idMaps { steps.append(.idMaps(maps)) }
      // Init itself has no rights over the machine any more.
      if let score = plan.exec.identity.oomScoreAdjustment { steps.append(.oomScore(score)) }
    }
    // The kernel takes them while nobody is in the namespace.
    if let offsets = namespaces.timeOffsets { steps.append(.timeOffsets(offsets)) }
    return steps
  }

  private static func ready(_ plan: CreatePlan) -> [HostStep.Serve] {
    // From outside, where the rights to raise them are.
    var steps = limits(plan.exec)
    let namespaces = plan.namespaces
    if let join = namespaces.join(of: .user), let maps = namespaces.idMaps {
      // Its maps are there already, and the configuration's must be these.
      steps.append(.compareIDMaps(maps, with: join.path))
    }
    if namespaces.has(.user) { steps += streams(plan.exec) }
    // From here on the runtime's part of init has to live with the container's limits.
    if plan.cgroup.path != nil { steps.append(.cgroupLimits) }
    if plan.resctrl != nil { steps.append(.resctrlTasks) }
    // Last: from here on other commands find init.
    return steps + [.recordInit]
  }

  private static func finish(_ plan: CreatePlan, _ request: HostRequest) -> [HostStep] {
    var steps = [HostStep.Make]()
    // Without root its namespaces could not be looked at while it was hidden.
    if !plan.isPrivileged { steps.append(.recordVisible) }
    if let path = request.pidfdSocket { steps.append(.pidfd(path)) }
    if !request.waitsForStart {
      // Before the program can say anything.
      if plan.notifies { steps.append(.notifySocket) }
      steps.append(startsAtOnce(plan, request) ? .started : .start)
      let hooks = plan.hooks[.poststart]
      if !hooks.isEmpty { steps.append(.hooks(.poststart, hooks)) }
    }
    // Last: engines take it for success.
    if let path = request.pidFile { steps.append(.pidFile(path)) }
    return steps.map { .make($0) }
  }

  /// Whether the host has nothing to do between the last limit and the program: then init does not wait a
  /// second time.
  private static func startsAtOnce(_ plan: CreatePlan, _ request: HostRequest) -> Bool {
    !request.waitsForStart && !request.holdsStart && request.pidfdSocket == nil
      && plan.isPrivileged && !plan.notifies
  }

  private static func limits(_ exec: ExecutionPlan) -> [HostStep.Serve] {
    exec.identity.limits.enumerated().map { .limit($0, $1) }
  }

  /// Devices and terminals are not the container's.
  private static func streams(_ exec: ExecutionPlan) -> [HostStep.Serve] {
    guard let program = exec.program, program.terminal == nil else { return [] }
    return [.streams(exec.identity.user.user)]
  }
}

extension HostOrder {
  package static func exec(_ plan: ExecPlan, _ request: HostRequest = HostRequest()) -> HostOrder {
    var order = HostOrder()
    var looks = [HostStep.Look]()
    if let resctrl = plan.resctrl { looks.append(.resctrlOfContainer(resctrl)) }
    // From the init whose identity was checked, and before the cgroup, which it may have left.
    looks.append(.namespacesOfInit(plan.joins))
    looks.append(.cgroupOfContainer)
    if let debug = plan.debug { looks.append(.tools(debug.tools)) }
    if let path = request.consoleSocket { looks.append(.consoleSocket(path)) }
    if let path = request.pidfdSocket { looks.append(.pidfdSocket(path)) }
    if let path = request.pidFile { looks.append(.pidFileDirectory(path)) }
    // Joining a mount namespace changes the root by itself.
    if !plan.joins.contains(.mount) { looks.append(.rootOfInit) }
    var makes: [HostStep.Make] = [.watchSignals]
    if plan.exec.seccomp != nil { makes.append(.errnoWord) }
    // The clone inherits it, and so has it before it is in the container's cgroup.
    if plan.exec.identity.affinity.initial != nil {
      makes.append(.initialAffinity(plan.exec.identity.affinity))
    }
    if !request.isDetached { makes.append(.holdSignals) }
    // Not the container's own: what is started there ends with the command.
    if plan.debug != nil { makes.append(.debugCgroup) }
    makes.append(.clone([]))
    order.before = looks.map { .look($0) } + filter(plan.exec) + makes.map { .make($0) }
    if plan.exec.seccomp?.usesNotify == true { order.atListener = [.listener] }
    // Into the cgroup first: what follows is counted there.
    var serves: [HostStep.Serve] = [.attach]
    if plan.resctrl != nil { serves.append(.resctrlTasks) }
    serves += limits(plan.exec)
    if isServedAhead(plan) {
      order.atCloned = serves
    } else {
      order.atReady = serves
      if plan.joins.contains(.user) { order.atReady += streams(plan.exec) }
    }
    var after = [HostStep.Make]()
    if let path = request.pidfdSocket { after.append(.pidfd(path)) }
    // Last: conmon takes a pid file for success.
    if let path = request.pidFile { after.append(.pidFile(path)) }
    order.after = after.map { .make($0) }
    return order
  }

  /// Whether all that the parent does for a process that joins is done when it is cloned: limits that it
  /// does not notice, and nothing that should not be done before the program was found.
  private static func isServedAhead(_ plan: ExecPlan) -> Bool {
    plan.exec.seccomp?.usesNotify != true && !plan.joins.contains(.user)
      && plan.exec.identity.limits.allSatisfy { $0.leavesRoom }
  }

  /// What the parent does during `step` of init, which waits for it in most of them.
  package func served(during step: InitStep) -> [HostStep.Serve] {
    switch step {
    case .namespace(.secondClone): atCloned
    case .sync(.idMaps): atMaps
    case .sync(.entered): atEntered
    case .sync(.afterMounts): atMounts
    case .sync(.ready): atReady
    case .program(.loadFilter): atListener
    case .sync(.network), .sync(.start), .process, .namespace, .mount, .identity, .program: []
    }
  }
}
