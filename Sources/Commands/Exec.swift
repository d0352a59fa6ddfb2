import Bytes
import Cgroups
import Console
import Identity
import Launch
import Linux
import Namespaces
import OCISpec
import Plan
import Resctrl
import Seccomp
import StateStore

/// `exec`: one more process in a running container, by the same steps as its init.
enum Exec {
  static func perform(_ options: ExecOptions, _ context: CommandContext) throws(CommandFailure)
    -> Int32
  {
    do throws(CommandFailure) {
      return try join(options, context)
    } catch {
      // A program may well end with 1.
      throw error.with(exitStatus: CommandFailure.execStatus)
    }
  }

  private static func join(_ options: ExecOptions, _ context: CommandContext)
    throws(CommandFailure) -> Int32
  {
    let container = try Container.require(options.id, context)
    try container.check(options.ignorePaused ? .execIgnoringPause : .exec, context)
    guard let initProcess = try container.openInit() else {
      throw CommandFailure("cannot exec in a stopped container")
    }
    let plan = try plan(options, container, context)
    try checkTerminal(plan, options)
    let service = ExecService(
      plan, try ListenerHandover.connect(plan.exec), try openGroup(plan), container.record)
    let receiver = try ReceiverSockets.connect("--pidfd-socket", options.pidfdSocket)
    try CommandFailure.from { () throws(SyscallError) in try Interruption.begin() }
    let stage = try launch(plan, options, container, initProcess, service, context)
    do throws(CommandFailure) {
      try CommandFailure.from { () throws(StepFailure) in try stage.serve(service) }
      try ReceiverSockets.send(stage.child, "setns", to: receiver)
      // Only now: conmon takes a pid file for success.
      if let path = options.pidFile { try PidFile.write(path, stage.child.pid) }
      // From here on signals are the program's.
      Interruption.disarm()
    } catch {
      Interruption.disarm()
      let pid = container.record.initProcess?.pid
      let why = Explanation(container, context, exec: plan.exec, pid: pid)?.explain(error)
      stage.child.end()
      throw why ?? error
    }
    context.log.showWarnings()
    if options.detach { return 0 }
    let end = try CommandFailure.from { () throws(SyscallError) in
      try ForegroundRelay(stage.child, master: stage.terminal).run()
    }
    return end.exitStatus
  }

  private static func openGroup(_ plan: ExecPlan) throws(CommandFailure) -> ResctrlGroup? {
    do throws(ConfigError) {
      return try plan.resctrl.map { (plan) throws(ConfigError) in try ResctrlGroup.open(plan) }
    } catch {
      throw CommandFailure(error)
    }
  }

  private static func checkTerminal(_ plan: ExecPlan, _ options: ExecOptions)
    throws(CommandFailure)
  {
    guard plan.exec.program?.terminal != nil else { return }
    if options.consoleSocket == nil && options.detach {
      throw CommandFailure("a detached process with a terminal needs --console-socket")
    }
  }

  private static func launch(
    _ plan: ExecPlan, _ options: ExecOptions, _ container: Container, _ initProcess: ChildProcess,
    _ service: ExecService, _ context: CommandContext
  ) throws(CommandFailure) -> ParentStage {
    let filter = try Filter.program(for: plan.exec, container.record.annotations, in: context)
    let joined = try openNamespaces(plan, initProcess, container.record)
    let cgroup = try container.cgroup(around: initProcess, context)
    let directory = try ExecCgroup.open(options, cgroup)
    let console = try ReceiverSockets.connect("--console-socket", options.consoleSocket)
    return try CommandFailure.from { () throws(StepFailure) in
      do throws(SyscallError) {
        var initContext = InitContext(
          joined: joined, filter: filter,
          console: console.map { .socket($0) } ?? (options.detach ? nil : .parent),
          isPrivileged: plan.isPrivileged,
          preservedDescriptors: options.preserveFds + ListenDescriptors.count,
          state: State(id: container.record.id, status: .running, bundle: container.record.bundle))
        if filter?.isMute == true { try LastWord.make() }
        if !plan.joins.contains(.mount) { initContext.joinedRoot = try openRoot(initProcess) }
        // The child inherits it, and so has it before it is in the container's cgroup (AF-4).
        try plan.exec.identity.affinity.applyInitial()
        if !options.detach { try Signals.blockAll() }
        func launch(into cgroup: Handle?) throws(SyscallError) -> ParentStage {
          try ParentStage.launch(plan.steps, plan.exec, new: [], into: cgroup, initContext)
        }
        do throws(SyscallError) { return try launch(into: directory?.handle) } catch {
          guard let cgroup, options.cgroups.isEmpty else { throw error }
          if cgroup.canAttach(after: error) {
            service.cgroup = cgroup
            return try launch(into: nil)
          }
          // It has cgroups below it that share its resources out, and no processes any more: init
          // divides it up, and is in one of them.
          guard error.errno == .EBUSY,
            let below = try container.cgroup(below: cgroup, of: initProcess)
          else { throw error }
          return try launch(into: below.directory)
        }
      } catch {
        throw StepFailure(step: "join the container", error)
      }
    }
  }

  /// The root of a container without a mount namespace, which differs from ours all the same.
  private static func openRoot(_ process: ChildProcess) throws(SyscallError) -> SharedDescriptor {
    let path = "/proc/" + ByteString(decimal: process.pid) + "/root"
    let root = SharedDescriptor(try Handle.currentDirectory.open(path, [.path, .directory]))
    try process.send(Signal(rawValue: 0))
    return root
  }

  /// One open file for each kind, from init's own, whose identity was checked. An init that moved to
  /// others is not followed: in a user namespace that it made itself the program would get rights
  /// over a tree that is anybody's.
  private static func openNamespaces(
    _ plan: ExecPlan, _ process: ChildProcess, _ record: ContainerRecord
  ) throws(CommandFailure) -> [OpenedNamespace] {
    let (opened, strayed) = try CommandFailure.from { () throws(SyscallError) in
      try OpenedNamespace.all(of: process, plan.joins + [.pid], recorded: record.namespaces)
    }
    if let strayed {
      throw CommandFailure(
        "cannot exec: init has left the " + strayed.name + " namespace that the container was "
          + "created with")
    }
    return opened
  }
}

/// The parent's part while the new process performs its steps.
final class ExecService: StageService {
  private let plan: ExecPlan
  private var agent: ListenerHandover?
  private let resctrl: ResctrlGroup?
  private let record: ContainerRecord
  var waitsForStart: Bool { false }
  /// Where the process is moved that could not be born there.
  var cgroup: Cgroup?

  init(
    _ plan: ExecPlan, _ agent: ListenerHandover?, _ resctrl: ResctrlGroup?,
    _ record: ContainerRecord
  ) {
    self.plan = plan
    self.agent = agent
    self.resctrl = resctrl
    self.record = record
  }

  /// The state is the container's, with the pid of its init; the process is the new one.
  func handOver(_ listener: SharedDescriptor, of child: ChildProcess) throws(StepFailure) {
    let state = State(
      id: record.id, status: .running, pid: record.initProcess?.pid, bundle: record.bundle,
      annotations: record.annotations)
    try agent?.send(listener.handle, of: child.pid, state)
    agent = nil
  }

  func writeMaps(_ child: ChildProcess) throws(StepFailure) {}

  func mountsDone(_ child: ChildProcess) throws(StepFailure) {}

  func ready(_ child: ChildProcess) throws(StepFailure) {
    try Creation.move(child, into: cgroup)
    try Creation.add(child, to: resctrl)
    try Creation.applyLimits(plan.exec.identity.limits, to: child.pid)
    if plan.joins.contains(.user) {
      // The new process hides itself; init is in the same namespace.
      try Creation.giveStreams(plan.exec, maps: nil, of: record.initProcess?.pid ?? child.pid)
    }
  }
}
