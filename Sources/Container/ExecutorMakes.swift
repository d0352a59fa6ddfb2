import Bytes
import Cgroups
import Hooks
import Identity
import Launch
import Linux
import Namespaces
import OCISpec
import Plan
import Report
import Resctrl
import Rootfs
import Seccomp
package import StateStore

// How what a `HostOrder` makes is made. Most steps have an undo, which `Teardown` performs.
extension HostExecutor {
  func perform(_ step: HostStep.Make) throws(CommandFailure) {
    switch step {
    case .watchSignals:
      try attempt(SyscallError.self, Interruption.begin())
    case .claim(let id): try claim(id)
    case .record: try saveRecord()
    case .configuration: try saveConfiguration()
    case .resctrlGroup:
      do throws(ConfigError) { try resctrl?.make() } catch { throw CommandFailure(error) }
    case .cgroup: try makeCgroup()
    case .memoryLimit: try limitMemory()
    case .deviceProgram: try filterDevices()
    case .debugCgroup: try makeDebugCgroup()
    case .notifyDirectory: try makeNotifyDirectory()
    case .startFIFOs: try opening { () throws(SyscallError) in try makeFIFOs() }
    case .errnoWord: try opening { () throws(SyscallError) in try makeExecErrno() }
    case .initialAffinity(let plan):
      try launching { () throws(SyscallError) in try plan.applyInitial() }
    case .holdSignals: try launching { () throws(SyscallError) in try Signals.blockAll() }
    case .clone(let namespaces):
      try launching { () throws(SyscallError) in try cloneInit(new: namespaces) }
    case .network:
      try launching { () throws(SyscallError) in try makeNetwork() }
    case .mountPoints: try makeMountPoints()
    case .restore(let request): try restore(request)
    case .recordVisible: try recordVisibleInit()
    case .notifySocket:
      if let directory { notifyProxy = try NotifyProxy.open(directory, context.log) }
    case .start: try start()
    case .started: try seeStarted()
    case .hooks(let kind, let hooks): try run(kind, hooks)
    case .pidfd:
      if let stage {
        try ReceiverSockets.send(stage.child, launched.pidfdMessage, to: pidfdSocket)
      }
    case .pidFile(let path):
      if let child, let pidFileDirectory {
        pidFile = try PidFile.write(path, child.pid, in: pidFileDirectory)
      }
    }
  }

  package var directory: StateDirectory? { claimed?.directory }

  private func opening(_ body: () throws(SyscallError) -> Void) throws(CommandFailure) {
    do throws(SyscallError) { try body() } catch {
      throw CommandFailure(StepFailure(step: "open the bundle", error))
    }
  }

  private func launching(_ body: () throws(SyscallError) -> Void) throws(CommandFailure) {
    do throws(SyscallError) { try body() } catch {
      throw CommandFailure(StepFailure(step: launched.action, error))
    }
  }

  private func claim(_ id: ByteString) throws(CommandFailure) {
    claimed = try attempt(StateError.self, StateDirectory.claim(ContainerID(id), in: context.root))
  }

  private func saveRecord() throws(CommandFailure) {
    guard let directory else { return }
    try attempt(StateError.self, directory.save(record))
  }

  /// This process makes it for init, which cannot do two things at a time, and comes back.
  private func makeNetwork() throws(SyscallError) {
    guard let stage, case .container(let new) = launched else { return }
    func enter() throws(SyscallError) { try ThisProcess.unshare(.network) }
    try NetworkVisit.make(from: try stage.network(), enter: enter, lost: failAbroad) {
      () throws(SyscallError) in
      let socket = SharedDescriptor(try Socket.make(.datagram))
      let isUpFirst = HostOrder.needsDevicesFirst(new.plan)
      if isUpFirst { try Socket.bringLoopbackUp(through: socket.handle) }
      let made = SharedDescriptor(try Socket.network(of: socket.handle))
      try stage.send(network: made.handle)
      // Init waits for the namespace, and goes on to nothing that uses it before it is answered.
      if !isUpFirst { try Socket.bringLoopbackUp(through: socket.handle) }
    }
  }

  /// The last word of a process that cannot leave the container's network namespace.
  func failAbroad(_ error: SyscallError) {
    context.log.fail(
      "cannot return from the container's network namespace: " + error.message
        + ": the container stays as it is: "
        + quoted("apus delete --force " + record.id) + " removes it")
  }

  private func saveConfiguration() throws(CommandFailure) {
    guard case .container(let new) = launched, let directory else { return }
    try attempt(StateError.self, directory.saveConfig(new.config))
  }

  private func makeCgroup() throws(CommandFailure) {
    guard case .container(let new) = launched, let directory else { return }
    let mark = try attempt(SyscallError.self, directory.mark(in: context.root))
    do throws(CgroupError) {
      cgroup = try Cgroup.create(
        new.plan.cgroup, host: context.host, site: cgroupSite,
        mark: NewMark(mark) { ReadMark($0)?.owner(except: mark) })
    } catch {
      throw CommandFailure(error)
    }
    // Where systemd made it; saved with init.
    if let cgroup {
      record.cgroupPath = cgroup.location
      record.cgroupInode = try attempt(SyscallError.self, cgroup.inode())
    }
    cgroupSite = nil
  }

  private func limitMemory() throws(CommandFailure) {
    guard case .container(let new) = launched else { return }
    do throws(CgroupError) { try cgroup?.applyAhead(new.plan.cgroup) } catch {
      throw CommandFailure(error)
    }
    isMemoryLimited = true
  }

  private func filterDevices() throws(CommandFailure) {
    guard case .container(let new) = launched else { return }
    do throws(CgroupError) { try cgroup?.filterDevices(new.plan.cgroup) } catch {
      throw CommandFailure(error)
    }
  }

  private func makeNotifyDirectory() throws(CommandFailure) {
    try attempt(SyscallError.self, directory?.makeNotifyDirectory())
    do throws(ConfigError) { try rootfs?.pinLastSource() } catch { throw CommandFailure(error) }
  }

  private func makeFIFOs() throws(SyscallError) {
    guard let fifos = try directory?.makeExecFIFOs() else { return }
    execFIFO = ExecFIFO(waiting: fifos.waiting, result: fifos.result)
  }

  /// Without the FIFOs it is this process that reads it, from its own memory.
  private func makeExecErrno() throws(SyscallError) {
    guard filter?.forbidsWrite == true else { return }
    if options.waitsForStart { execErrno = try directory?.makeExecErrno() }
    try ExecErrno.make(in: execErrno?.handle)
  }

  /// Init waits for its start, and only now can be looked at by who is not root.
  private func recordVisibleInit() throws(CommandFailure) {
    guard let child = stage?.child else { return }
    try CommandFailure.from { () throws(SyscallError) in
      var identity = record.initProcess
      if identity == nil { identity = try InitIdentity.of(child) }
      guard let identity else { return }
      try recordNamespaces(child)
      try recordInit(identity)
    }
  }

  private func start() throws(CommandFailure) {
    guard let stage else { return }
    if let beforeStart, let plan = launched.exec.seccomp, let filter {
      try CommandFailure.from { () throws(SyscallError) in
        stage.supervisor = try beforeStart(stage.child, plan, filter)
      }
    }
    try attempt(StepFailure.self, stage.proceed())
    try seeStarted()
  }

  private func seeStarted() throws(CommandFailure) {
    guard let stage else { return }
    switch try attempt(StepFailure.self, stage.outcome(self)) {
    case .executed: break
    case .failed(let failure): throw CommandFailure(failure)
    case .died: throw CommandFailure("init ended before it executed the program")
    }
  }

  /// With the program running: poststart.
  private func run(_ kind: HookKind, _ hooks: [PlannedHook]) throws(CommandFailure) {
    guard let runner = hookRunner(status: .running, pid: child?.pid) else { return }
    do throws(HookFailure) { try runner.run(hooks) } catch { throw CommandFailure(error.message) }
  }
}

extension Launched {
  /// What runc sends along with a pidfd.
  fileprivate var pidfdMessage: ByteString {
    switch self {
    case .container: "standard"
    case .process: "setns"
    }
  }

  /// For an error of the clone and of what belongs to it.
  fileprivate var action: ByteString {
    switch self {
    case .container: "start init"
    case .process: "join the container"
    }
  }
}
