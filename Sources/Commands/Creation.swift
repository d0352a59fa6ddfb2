import Bytes
import Cgroups
import Console
import Diagnosis
import Hooks
import Launch
import Linux
import Namespaces
import OCISpec
import Plan
import Resctrl
import Rootfs
import Seccomp
import StateStore

/// One `create`, from the bundle to an init that waits for its start; `run` goes on from there.
///
/// It either completes or leaves nothing (ER-1): whatever is going to exist is recorded before it
/// does, and undone when a later step fails.
final class Creation: StageService {
  let plan: CreatePlan
  let options: CreateOptions
  let context: CommandContext
  let directory: StateDirectory
  var record: ContainerRecord
  private(set) var cgroup: Cgroup?
  private(set) var resctrl: ResctrlGroup?
  private(set) var stage: ParentStage?
  /// Whether init was not born in its cgroup, and is moved there.
  private(set) var movesInit = false
  /// The bundle's directory: hooks of the host start there.
  let bundleDirectory: SharedDescriptor
  private let lock: StateLock
  private let isDetached: Bool
  /// Who answers for the filter.
  var agent: ListenerHandover?
  /// Once it is written.
  private(set) var pidFile: PidFile?

  var waitsForStart: Bool { true }

  private init(
    _ plan: CreatePlan, _ options: CreateOptions, _ context: CommandContext,
    _ bundle: SharedDescriptor, _ claimed: (StateDirectory, StateLock), isDetached: Bool
  ) {
    self.plan = plan
    self.options = options
    self.context = context
    record = ContainerRecord(plan, context.host)
    bundleDirectory = bundle
    (directory, lock) = claimed
    self.isDetached = isDetached
  }

  /// Everything up to an init that waits: at FIFOs that `create` leaves behind, or at the channel.
  static func perform(
    _ options: CreateOptions, _ context: CommandContext, isDetached: Bool, makesFIFOs: Bool
  ) throws(CommandFailure) -> Creation {
    let id = try CommandFailure.from { () throws(StateError) in try ContainerID(options.id) }
    let options = try CommandFailure.from { () throws(SyscallError) in try options.resolved }
    let (plan, config) = try readPlan(options, context)
    try checkTerminal(plan, options, isDetached: isDetached)
    let bundle = try CommandFailure.from { () throws(SyscallError) in
      SharedDescriptor(
        try Handle.currentDirectory.open(options.bundle, [.path, .directory]))
    }
    try checkDescriptors()
    // Before there is anything to undo.
    try CommandFailure.from { () throws(SyscallError) in try Interruption.begin() }
    let claimed = try CommandFailure.from { () throws(StateError) in
      try StateDirectory.claim(id, in: context.root)
    }
    let creation = Creation(
      plan, options, context, bundle, claimed, isDetached: isDetached)
    do throws(CommandFailure) {
      try creation.prepare(config: config)
      try creation.launch(makesFIFOs: makesFIFOs)
      return creation
    } catch {
      throw creation.failed(error)
    }
  }

  /// Undoes everything, and adds what the cgroup can say of it.
  func failed(_ failure: CommandFailure) -> CommandFailure {
    Interruption.disarm()
    let report = cgroup?.outOfMemory()
    let failure = Explanation(plan, file: options.config, host: context.host).explain(failure)
    undo()
    return failure.explained(by: report)
  }

  func writePidFile(_ child: ChildProcess) throws(CommandFailure) {
    if let path = options.pidFile { pidFile = try PidFile.write(path, child.pid) }
  }

  func release() { lock.release() }

  /// In the child: what must not outlive us in it.
  func leaveToParent() { lock.closeInChild() }
}

extension Creation {
  /// Descriptors that making a container and undoing it may have open at one time, beside those that the
  /// caller passes on and the sources of mounts.
  private static let neededDescriptors: UInt64 = 24
  /// RLIMIT_NOFILE, the same number on every architecture that Swift has.
  private static let openFiles: Int32 = 7

  /// An undo that runs out of descriptors half way leaves a record and a cgroup behind, so a limit that
  /// is too low is refused before anything exists (getrlimit(2), RLIMIT_NOFILE).
  private static func checkDescriptors() throws(CommandFailure) {
    let soft = try CommandFailure.from { () throws(SyscallError) in
      try ThisProcess.limit(openFiles).soft
    }
    if soft >= neededDescriptors { return }
    throw CommandFailure("RLIMIT_NOFILE is " + ByteString(decimal: soft)).diagnosed(
      Diagnosis(
        .descriptors,
        "making a container takes up to " + ByteString(decimal: neededDescriptors)
          + " descriptors", hint: "raise it (ulimit -n)"))
  }

  /// Reads, decodes and plans the bundle: no effect so far.
  private static func readPlan(_ options: CreateOptions, _ context: CommandContext)
    throws(CommandFailure) -> (CreatePlan, config: [UInt8])
  {
    let bytes = try BundleFile.read(options.config)
    let nonce = try CommandFailure.from { () throws(SyscallError) in
      options.noNewKeyring ? nil : try Random.number()
    }
    do throws(ConfigError) {
      let request = CreateRequest(
        id: options.id, bundle: options.bundle, cgroupManager: context.cgroupManager,
        noPivot: options.noPivot, noNewKeyring: options.noNewKeyring,
        keyringNonce: nonce,
        notifyDirectory: NotifyProxy.managerPath.map { _ in
          StateDirectory.notifyPath(options.id, in: context.root)
        })
      let document = try Config.parsed(bytes)
      var config = try Config.read(document)
      config.nameListener()
      let plan = try CreatePlan.make(config, request, host: context.host)
      DocumentWarnings.tell(document, config, plan, context.log)
      return (plan, bytes)
    } catch {
      throw ConfigExplanation(bytes, options.config).failure(error)
    }
  }

  /// A terminal's master must have somewhere to go (PR-2).
  private static func checkTerminal(
    _ plan: CreatePlan, _ options: CreateOptions, isDetached: Bool
  ) throws(CommandFailure) {
    let wantsTerminal = plan.exec.program?.terminal != nil
    if wantsTerminal, isDetached, options.consoleSocket == nil {
      throw CommandFailure(
        "config.json /process/terminal: a detached container with a terminal needs "
          + "--console-socket")
    }
    if options.consoleSocket != nil, !wantsTerminal || !isDetached {
      throw CommandFailure(
        "--console-socket needs a detached container with /process/terminal in config.json")
    }
  }

  /// The first record, and then the first objects of the kernel: cgroup and resctrl group.
  private func prepare(config: [UInt8]) throws(CommandFailure) {
    do throws(ConfigError) {
      resctrl = try plan.resctrl.map { (plan) throws(ConfigError) in
        try ResctrlGroup.open(plan)
      }
      try resctrl?.check()
    } catch {
      throw CommandFailure(error)
    }
    let site = CgroupSite.find(plan.cgroup, host: context.host)
    record.cgroupBase = site?.depth
    try CommandFailure.from { () throws(StateError) in
      try directory.save(record)
      try directory.saveConfig(config)
    }
    let mark = try CommandFailure.from { () throws(SyscallError) in
      try directory.mark(in: context.root)
    }
    do throws(CgroupError) {
      cgroup = try Cgroup.create(plan.cgroup, host: context.host, site: site, mark: mark)
    } catch {
      throw CommandFailure(error)
    }
    // Where systemd made it; saved with init.
    if let cgroup { record.cgroupPath = cgroup.location }
    do throws(ConfigError) { try resctrl?.make() } catch { throw CommandFailure(error) }
  }

  private func launch(makesFIFOs: Bool) throws(CommandFailure) {
    let receiver = try ReceiverSockets.connect("--pidfd-socket", options.pidfdSocket)
    let initContext = try openContext(makesFIFOs: makesFIFOs)
    do throws(SyscallError) {
      let born = plan.namespaces.needsRebirth ? [] : plan.namespaces.born
      // Signals that come from here on are the container's: they wait until it can get them.
      if !isDetached { try Signals.blockAll() }
      func launch(into cgroup: Handle?) throws(SyscallError) -> ParentStage {
        try ParentStage.launch(
          plan.steps, plan.exec, new: born, into: cgroup, initContext
        ) {
          leaveToParent()
          // An init that waits for its start can be signalled; to one of a `run` signals come later.
          if makesFIFOs { do throws(SyscallError) { try Interruption.end() } catch {} }
        }
      }
      do throws(SyscallError) { stage = try launch(into: cgroup?.directory) } catch {
        guard let cgroup, cgroup.canAttach(after: error), plan.namespaces.creates(.user) else {
          throw error
        }
        movesInit = true
        stage = try launch(into: nil)
      }
    } catch {
      throw CommandFailure(StepFailure(step: "start init", error))
    }
    guard let stage else { return }
    try CommandFailure.from { () throws(StepFailure) in try stage.serve(self) }
    if !plan.isPrivileged { try recordVisibleInit(stage.child) }
    try ReceiverSockets.send(stage.child, "standard", to: receiver)
    if makesFIFOs { try writePidFile(stage.child) }
  }

  /// Init waits for its start, and only now can be looked at by who is not root.
  private func recordVisibleInit(_ child: ChildProcess) throws(CommandFailure) {
    try CommandFailure.from { () throws(SyscallError) in
      var identity = record.initProcess
      if identity == nil { identity = try InitIdentity.of(child.pid) }
      guard let identity else { return }
      try recordNamespaces(child)
      try recordInit(identity)
    }
  }

  /// Opens what init needs of the host, on the host.
  private func openContext(makesFIFOs: Bool) throws(CommandFailure) -> InitContext {
    let joined: [OpenedNamespace]
    do throws(ConfigError) { joined = try plan.namespaces.openJoined() } catch {
      throw CommandFailure(error)
    }
    let filter = try Filter.program(for: plan.exec, plan.annotations, in: context)
    agent = try ListenerHandover.connect(plan.exec)
    let console = try ReceiverSockets.connect("--console-socket", options.consoleSocket)
    let rootfs = try openRoot(joined)
    if plan.notifies {
      try CommandFailure.from { () throws(SyscallError) in try directory.makeNotifyDirectory() }
    }
    do throws(ConfigError) { try rootfs.pinSources() } catch { throw CommandFailure(error) }
    do throws(SyscallError) {
      let fifos = makesFIFOs ? try directory.makeExecFIFOs() : nil
      // Without the FIFOs it is this process that reads it, from its own memory.
      if filter?.isMute == true {
        let file = makesFIFOs ? try directory.makeLastWord() : nil
        try LastWord.make(in: file?.handle)
      }
      var initContext = InitContext(
        joined: joined, filter: filter,
        console: console.map { .socket($0) } ?? (isDetached ? nil : .parent),
        isPrivileged: plan.isPrivileged,
        preservedDescriptors: options.preserveFds + ListenDescriptors.count,
        state: hookState)
      initContext.creation = .init(
        rootfs: rootfs, namespaces: plan.namespaces,
        execFIFO: fifos.map { ExecFIFO(waiting: $0.waiting, result: $0.result) })
      // Here and not in init, whose pid is another one than the variables name.
      initContext.extraEnvironment = ListenDescriptors.environment
      if plan.notifies {
        initContext.extraEnvironment.append(("NOTIFY_SOCKET", NotifyMount.socketPath))
      }
      return initContext
    } catch {
      throw CommandFailure(StepFailure(step: "open the bundle", error))
    }
  }

  private func openRoot(_ joined: [OpenedNamespace]) throws(CommandFailure) -> RootfsContext {
    let idMaps = try openIDMaps(joined)
    do throws(SyscallError) {
      return try RootfsContext.open(plan.rootfs, idMaps: idMaps)
    } catch {
      // Not the kernel's text: engines would take it for a missing program.
      let path = "`" + plan.rootfs.path.escaped(limit: 200) + "`"
      switch error.errno {
      case .ENOENT: throw CommandFailure("config.json /root/path: there is no directory " + path)
      case .ENOTDIR: throw CommandFailure("config.json /root/path: no directory is " + path)
      case .EINVAL: throw CommandFailure("config.json /root/path: the host's own root is " + path)
      default:
        throw CommandFailure(
          "config.json /root/path: cannot open " + path + ": " + error.errno.symbol)
      }
    }
  }

  /// A user namespace for each different map of an idmapped mount.
  private func openIDMaps(_ joined: [OpenedNamespace]) throws(CommandFailure)
    -> [(pointer: ByteString, namespace: SharedDescriptor)]
  {
    var made = [(map: IDMapPlan, namespace: SharedDescriptor)]()
    var opened = [(pointer: ByteString, namespace: SharedDescriptor)]()
    for mount in plan.rootfs.mounts {
      guard let map = mount.idMap else { continue }
      let ids = IDMapPlan(users: map.users, groups: map.groups)
      if let known = made.first(where: { $0.map == ids }) {
        opened.append((mount.pointer, known.namespace))
        continue
      }
      do throws(SyscallError) {
        let own = ids.users.isEmpty ? joined.first { $0.kind == .user } : nil
        let namespace: SharedDescriptor
        if let own { namespace = own.shared } else { namespace = try ids.makeNamespace() }
        made.append((ids, namespace))
        opened.append((mount.pointer, namespace))
      } catch {
        throw CommandFailure(
          StepFailure(step: "make the ids of a mount", pointer: mount.pointer, error))
      }
    }
    return opened
  }

  /// Complete but for status and pid.
  var hookState: State {
    State(id: plan.id, status: .creating, bundle: plan.bundle, annotations: plan.annotations)
  }
}
