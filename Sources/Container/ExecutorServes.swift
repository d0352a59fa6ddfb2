import Bytes
import Cgroups
import Hooks
import Identity
import Launch
import Linux
import Namespaces
import OCISpec
import Plan
import Resctrl
import StateStore
import Tracing

// What the parent does while init waits for it.
extension HostExecutor {
  func perform(_ step: HostStep.Serve, _ child: ProcessHandle) throws(StepFailure) {
    switch step {
    case .attach: try attach(child)
    case .idMaps(let maps): try write(maps, child)
    case .oomScore(let score):
      try settingUp("/process/oomScoreAdj") { (procfs) throws(SyscallError) in
        try OOMScore.apply(score, procfs: procfs, process: child.pid)
      }
    case .timeOffsets(let offsets):
      try settingUp("/linux/timeOffsets") { (procfs) throws(SyscallError) in
        try offsets.apply(pid: child.pid, procfs: procfs)
      }
    case .networkDevice(let device): try move(device, child)
    case .hooks(_, let hooks): try run(hooks, child)
    case .listener:
      if let listener {
        try agent?.send(listener.handle, of: child.pid, launched.state(with: child))
      }
      // The end of the connection is the end of the state.
      agent = nil
    case .limit(let index, let limit): try apply(limit, index, child)
    case .compareIDMaps(let maps, let path): try compare(maps, with: path, child)
    case .streams(let user): try giveStreams(to: user, child)
    case .cgroupLimits: try limitCgroup()
    case .resctrlTasks:
      do throws(ConfigError) { try resctrl?.add(child.pid) } catch {
        throw StepFailure(step: "", pointer: error.pointer, reason: error.reason)
      }
    case .identify: identify(child)
    case .recordInit: try recordReadyInit(child)
    case .start: stage?.startsAtOnce = true
    case .inForce: try compareInForce(child)
    }
  }

  private func attach(_ child: ProcessHandle) throws(StepFailure) {
    if !attaches { return }
    do throws(CgroupError) { try cgroup?.attach(child.pid) } catch {
      throw StepFailure(step: "", pointer: "", reason: error.message)
    }
  }

  /// The host's procfs, in which init has its number from outside; opened once for a sync.
  private func hostProcfs() throws(SyscallError) -> SharedDescriptor {
    if let procfs { return procfs }
    let opened = SharedDescriptor(try Procfs.openHost())
    procfs = opened
    return opened
  }

  private func settingUp(
    _ pointer: ByteString, _ body: (Handle) throws(SyscallError) -> Void
  ) throws(StepFailure) {
    do throws(SyscallError) { try body(try hostProcfs().handle) } catch {
      throw StepFailure(step: "set up the namespaces", pointer: pointer, error)
    }
  }

  private func write(_ maps: IDMapPlan, _ child: ProcessHandle) throws(StepFailure) {
    let procfs: SharedDescriptor
    do throws(SyscallError) { procfs = try hostProcfs() } catch {
      throw StepFailure(step: "set up the namespaces", error)
    }
    do throws(IDMapRefusal) {
      try maps.apply(
        pid: child.pid, writer: maps.writer(host: context.host), procfs: procfs.handle)
    } catch {
      throw StepFailure(
        step: "map the ids of the user namespace", pointer: error.pointer, reason: error.reason)
    }
  }

  private func move(_ device: NetworkDevicePlan, _ child: ProcessHandle) throws(StepFailure) {
    do throws(SyscallError) {
      let path = "/proc/" + ByteString(decimal: child.pid) + "/ns/net"
      let target = try Handle.currentDirectory.open(path, .readOnly)
      try NetworkDeviceMover(target: target.handle, lost: failAbroad).move(device)
    } catch {
      throw StepFailure(
        step: "move the network device `" + device.name + "`", pointer: device.pointer, error)
    }
  }

  /// Hooks of the host that see the container made and not yet entered.
  private func run(_ hooks: [PlannedHook], _ child: ProcessHandle) throws(StepFailure) {
    guard let runner = hookRunner(status: .creating, pid: child.pid) else { return }
    do throws(HookFailure) { try runner.run(hooks) } catch {
      throw StepFailure(step: "", pointer: "", reason: error.message)
    }
  }

  func hookRunner(status: State.Status, pid: Int32?) -> HookRunner? {
    guard case .container(let new) = launched else { return nil }
    var state = launched.state
    state.status = status
    state.pid = pid
    var runner = HookRunner(
      state: state.encoded, environment: ProcessArguments.environment, directory: new.bundle)
    runner.trace = context.trace?.hooks
    return runner
  }

  private func apply(_ limit: LimitPlan, _ index: Int, _ child: ProcessHandle)
    throws(StepFailure)
  {
    do throws(SyscallError) { try limit.apply(to: child.pid) } catch {
      // Not the kernel's text: engines would apply it to the container's program.
      throw StepFailure(
        step: "", pointer: "/process/rlimits/" + ByteString(decimal: index),
        reason: "cannot set " + limit.name + ": "
          + (error.errno == .EPERM ? "the kernel refuses it" : error.errno.symbol))
    }
  }

  /// A user namespace that is joined has maps already, and the configuration's must be these (UM-3).
  private func compare(
    _ maps: IDMapPlan, with path: ByteString, _ child: ProcessHandle
  ) throws(StepFailure) {
    do throws(SyscallError) {
      try maps.verify(pid: child.pid, procfs: try hostProcfs().handle)
    } catch {
      throw StepFailure(
        step: "compare the id maps of `" + path + "`", pointer: "/linux/uidMappings", error)
    }
  }

  /// Whoever the container's user is outside gets the standard streams. Where the maps are known they
  /// say it; otherwise those of a process in the user namespace, and of an `exec` that is init: the new
  /// process hides itself, and has no directory in a /proc mounted with hidepid for a caller without
  /// root.
  private func giveStreams(to user: UInt32, _ child: ProcessHandle) throws(StepFailure) {
    do throws(SyscallError) {
      let outside: UInt32?
      if case .container(let new) = launched, new.plan.namespaces.creates(.user),
        let maps = new.plan.namespaces.idMaps
      {
        outside = maps.hostUser(user)
      } else {
        var pid = child.pid
        if case .process = launched { pid = record.initProcess?.pid ?? pid }
        outside = try IDMapPlan.hostUser(user, of: pid, procfs: try hostProcfs().handle)
      }
      if let outside { try StandardStreams.give(to: outside) }
    } catch {
      throw StepFailure(step: "give the standard streams to the user", error)
    }
  }

  private func limitCgroup() throws(StepFailure) {
    guard case .container(let new) = launched else { return }
    let plan = new.plan.cgroup
    let done = isMemoryLimited ? plan.memoryAhead : []
    let limits = done.isEmpty ? plan.limits : plan.limits.filter { !done.contains($0) }
    do throws(CgroupError) { try cgroup?.apply(limits) } catch {
      throw StepFailure(step: "", pointer: error.pointer, reason: error.reason)
    }
  }

  /// One that ends meanwhile has said why. What else may fail is tried again when init waits.
  private func identify(_ child: ProcessHandle) {
    do throws(SyscallError) {
      try recordNamespaces(child)
      let identity = try InitIdentity.of(child)
      self.identity = identity
      try leadToInit(identity)
      var next = record
      next.initProcess = identity
      do throws(StateError) { try directory?.prepare(next) } catch { return }
      isRecordPrepared = true
    } catch {}
  }

  private func leadToInit(_ identity: InitIdentity) throws(SyscallError) {
    if leadsToInit { return }
    try directory?.saveInit(identity)
    leadsToInit = true
  }

  /// From here on other commands find init.
  private func recordReadyInit(_ child: ProcessHandle) throws(StepFailure) {
    do throws(SyscallError) {
      if let identity {
        try recordInit(identity)
      } else {
        // Without root the namespaces of a process that hides itself cannot be looked at.
        if launched.isPrivileged { try recordNamespaces(child) }
        try recordInit(try InitIdentity.of(child))
      }
    } catch {
      // With hidepid on /proc, neither can the process.
      if !launched.isPrivileged, error.errno == .ESRCH { return }
      throw StepFailure(step: "record init", error)
    }
  }

  func recordNamespaces(_ child: ProcessHandle) throws(SyscallError) {
    guard case .container(let new) = launched else { return }
    record.namespaces = try NamespaceIdentity.all(of: child, new.plan.namespaces.identifying).map {
      Entry($0.kind.name, $0.identity.text)
    }
  }

  func recordInit(_ identity: InitIdentity) throws(SyscallError) {
    guard let directory else { return }
    // Without root the record is written once more when init can be looked at; init stays who it is.
    try leadToInit(identity)
    record.initProcess = identity
    do throws(StateError) {
      if isRecordPrepared { try directory.publishPrepared() } else { try directory.save(record) }
      isRecordPrepared = false
    } catch {
      if case .system(let cause) = error { throw cause }
      throw .unmet(error.message)
    }
  }
}
