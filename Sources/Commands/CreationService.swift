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
import Rootfs
import StateStore

// The parent's part while init performs its steps.
extension Creation {
  /// What only somebody outside may say about a user or time namespace and its first process.
  func writeMaps(_ child: ChildProcess) throws(StepFailure) {
    // Before its user is another one, and before it makes a cgroup namespace.
    if movesInit { try Creation.move(child, into: cgroup) }
    let namespaces = plan.namespaces
    let procfs = try openProcfs()
    if namespaces.creates(.user), let maps = namespaces.idMaps {
      do throws(IDMapRefusal) {
        try maps.apply(
          pid: child.pid, writer: maps.writer(host: context.host), procfs: procfs.handle)
      } catch {
        throw StepFailure(
          step: "map the ids of the user namespace", pointer: error.pointer, reason: error.reason)
      }
    }
    var pointer: ByteString = "/process/oomScoreAdj"
    do throws(SyscallError) {
      if namespaces.creates(.user) {
        try plan.exec.identity.applyOOMScore(procfs: procfs.handle, process: child.pid)
      }
      pointer = "/linux/timeOffsets"
      try namespaces.timeOffsets?.apply(pid: child.pid, procfs: procfs.handle)
    } catch {
      throw StepFailure(step: "set up the namespaces", pointer: pointer, error)
    }
  }

  private func openProcfs() throws(StepFailure) -> SharedDescriptor {
    do throws(SyscallError) { return SharedDescriptor(try Procfs.openHost()) } catch {
      throw StepFailure(step: "set up the namespaces", error)
    }
  }

  static func move(_ child: ChildProcess, into cgroup: Cgroup?) throws(StepFailure) {
    do throws(CgroupError) { try cgroup?.attach(child.pid) } catch {
      throw StepFailure(step: "", pointer: "", reason: error.message)
    }
  }

  /// Whoever the container's user is outside gets the standard streams, unless they are a terminal's.
  ///
  /// - Parameters:
  ///   - maps: the maps of the user namespace where they are known.
  ///   - pid: a process in it, whose maps are read otherwise. One that hides itself has no directory in
  ///     a /proc mounted with hidepid, for a caller without root.
  static func giveStreams(_ exec: ExecutionPlan, maps: IDMapPlan?, of pid: Int32)
    throws(StepFailure)
  {
    guard let program = exec.program, program.terminal == nil else { return }
    let user = exec.identity.user.user
    do throws(SyscallError) {
      let outside: UInt32?
      if let maps {
        outside = maps.hostUser(user)
      } else {
        let procfs = SharedDescriptor(try Procfs.openHost())
        outside = try IDMapPlan.hostUser(user, of: pid, procfs: procfs.handle)
      }
      if let outside { try StandardStreams.give(to: outside) }
    } catch {
      throw StepFailure(step: "give the standard streams to the user", error)
    }
  }

  /// Hooks of the host that see the container made and not yet entered.
  func mountsDone(_ child: ChildProcess) throws(StepFailure) {
    try moveDevices(child)
    let runner = hooks(status: .creating, pid: child.pid)
    do throws(HookFailure) {
      try runner.run(plan.hooks[.prestart])
      try runner.run(plan.hooks[.createRuntime])
    } catch {
      throw StepFailure(step: "", pointer: "", reason: error.message)
    }
  }

  /// A user namespace that is joined has maps already, and the configuration's must be these (UM-3).
  private func checkMaps(_ child: ChildProcess) throws(StepFailure) {
    guard let join = plan.namespaces.join(of: .user), let maps = plan.namespaces.idMaps else {
      return
    }
    do throws(SyscallError) {
      let procfs = SharedDescriptor(try Procfs.openHost())
      try maps.verify(pid: child.pid, procfs: procfs.handle)
    } catch {
      throw StepFailure(
        step: "compare the id maps of `" + join.path + "`", pointer: "/linux/uidMappings", error)
    }
  }

  private func moveDevices(_ child: ChildProcess) throws(StepFailure) {
    for device in plan.namespaces.devices {
      do throws(SyscallError) {
        let path = "/proc/" + ByteString(decimal: child.pid) + "/ns/net"
        let target = try Handle.currentDirectory.open(path, .readOnly)
        try NetworkDeviceMover(target: target.handle).move(device)
      } catch {
        throw StepFailure(
          step: "move the network device `" + device.name + "`", pointer: device.pointer, error)
      }
    }
  }

  func handOver(_ listener: SharedDescriptor, of child: ChildProcess) throws(StepFailure) {
    var state = hookState
    state.pid = child.pid
    try agent?.send(listener.handle, of: child.pid, state)
    // The end of the connection is the end of the state.
    agent = nil
  }

  /// Limits from outside, where the rights to raise them are, and the record: from here on other
  /// commands find init.
  func ready(_ child: ChildProcess) throws(StepFailure) {
    try Creation.applyLimits(plan.exec.identity.limits, to: child.pid)
    if plan.namespaces.has(.user) {
      try checkMaps(child)
      let namespaces = plan.namespaces
      try Creation.giveStreams(
        plan.exec, maps: namespaces.creates(.user) ? namespaces.idMaps : nil, of: child.pid)
    }
    do throws(CgroupError) {
      try cgroup?.apply(plan.cgroup.limits)
    } catch {
      throw StepFailure(step: "", pointer: error.pointer, reason: error.reason)
    }
    try Creation.add(child, to: resctrl)
    do throws(SyscallError) {
      // Without root the namespaces of a process that hides itself cannot be looked at: later then.
      if plan.isPrivileged { try recordNamespaces(child) }
      try recordInit(try InitIdentity.of(child.pid))
    } catch {
      // With hidepid on /proc, neither can the process.
      if !plan.isPrivileged, error.errno == .ESRCH { return }
      throw StepFailure(step: "record init", error)
    }
  }

  // For `create` and `exec` alike.

  static func add(_ child: ChildProcess, to group: ResctrlGroup?) throws(StepFailure) {
    do throws(ConfigError) { try group?.add(child.pid) } catch {
      throw StepFailure(step: "", pointer: error.pointer, reason: error.reason)
    }
  }

  static func applyLimits(_ limits: [LimitPlan], to pid: Int32) throws(StepFailure) {
    for (index, limit) in limits.enumerated() {
      do throws(SyscallError) {
        try limit.apply(to: pid)
      } catch {
        // Not the kernel's text: engines would take it for the fate of the program.
        throw StepFailure(
          step: "", pointer: "/process/rlimits/" + ByteString(decimal: index),
          reason: "cannot set " + limit.name + ": "
            + (error.errno == .EPERM ? "raising it needs CAP_SYS_RESOURCE" : error.errno.symbol))
      }
    }
  }

  func recordNamespaces(_ child: ChildProcess) throws(SyscallError) {
    record.namespaces = try NamespaceIdentity.all(of: child, plan.namespaces.identifying).map {
      Entry($0.kind.name, $0.identity.text)
    }
  }

  func recordInit(_ identity: InitIdentity) throws(SyscallError) {
    // Without root the record is written once more when init can be looked at; init stays who it is.
    if record.initProcess == nil { try directory.saveInit(identity) }
    record.initProcess = identity
    do throws(StateError) { try directory.save(record) } catch {
      if case .system(let cause) = error { throw cause }
      throw SyscallError("write", "state.json", .EIO)
    }
  }

  func hooks(status: State.Status, pid: Int32?) -> HookRunner {
    var state = hookState
    state.status = status
    state.pid = pid
    return HookRunner(
      state: state.encoded, environment: ProcessArguments.environment, directory: bundleDirectory)
  }

  /// Undoes everything, with the lock held. What fails here is left to `delete --force`, which finds it
  /// in the record; the first error is the one that counts.
  func undo() {
    pidFile?.remove()
    stage?.child.end()
    let remains = Remains(cgroup: cgroup, hasStrays: true, resctrl: .made(resctrl))
    do throws(CommandFailure) {
      try Removal.perform(directory, remains) {
        // Whatever hook or step it was that failed, the container is gone now (LC-F).
        if stage != nil { runPoststop() }
      }
    } catch {
      context.log.warning(error.message)
    }
  }

  func runPoststop() {
    hooks(status: .stopped, pid: nil).runEach(plan.hooks[.poststop]) {
      context.log.warning($0.message)
    }
  }
}

extension ContainerRecord {
  /// What is known before anything exists.
  init(_ plan: CreatePlan, _ host: HostFacts) {
    let now = Clock.realTime
    self.init(
      id: plan.id, bundle: plan.bundle, rootfs: plan.rootfs.path,
      createdSeconds: now.seconds, createdNanoseconds: now.nanoseconds,
      cgroupPath: plan.cgroup.path?.text, cgroupMountPoint: host.cgroup.mountPoint,
      cgroupManager: plan.cgroup.manager.name, resctrlDirectory: plan.resctrl?.removed,
      keyring: plan.exec.keyring,
      ownsPidNamespace: plan.namespaces.creates(.pid), annotations: plan.annotations,
      mounts: plan.rootfs.mounts.compactMap {
        switch $0.kind {
        case .bind(let source, _), .filesystem(_, let source): Entry($0.destination, source)
        case .cgroup, .remount: nil
        }
      })
  }
}
