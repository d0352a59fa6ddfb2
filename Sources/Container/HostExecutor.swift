import Bytes
package import Cgroups
import Console
import Hooks
package import Launch
package import Linux
import Namespaces
import OCISpec
package import Plan
package import Report
import Resctrl
import Rootfs
package import Seccomp
package import StateStore
import Tracing

/// Performs a `HostOrder`: the host's half of `create`, `run` and `exec`.
///
/// It either completes or leaves nothing (ER-1): what a step makes is pushed on a stack when the step
/// begins, and a failure pops it.
package final class HostExecutor: StageService {
  let order: HostOrder
  let launched: Launched
  package let context: CommandContext
  let options: LaunchOptions
  /// Adds to a failure why it happened, before what is there is undone.
  private let explain: (CommandFailure) -> CommandFailure
  /// How many steps have begun.
  private var performed = 0
  /// What was made so far.
  var undo: [UndoStep] = []
  /// RLIMIT_NOFILE as the caller has it, where it was raised for this command.
  var callersDescriptorLimit: (soft: UInt64, hard: UInt64)?

  // What looks have opened.
  var joined: [OpenedNamespace] = []
  var cgroupSite: CgroupSite?
  var resctrl: ResctrlGroup?
  var console: SharedDescriptor?
  var pidfdSocket: SharedDescriptor?
  var mountIDs: [(map: IDMapPlan, pointer: ByteString, namespace: SharedDescriptor)] = []
  var rootfs: RootfsContext?
  var rootOfInit: SharedDescriptor?
  var filter: SeccompProgram?
  var agent: ListenerHandover?
  var pidFileDirectory: SharedDescriptor?
  var toolRoot: ToolRoot?

  // What was made.
  var claimed: (directory: StateDirectory, lock: StateLock)?
  package internal(set) var record: ContainerRecord
  /// The container's.
  package internal(set) var cgroup: Cgroup?
  /// Whether its limits of memory are set already.
  var isMemoryLimited = false
  /// The directory that the clone goes into, if that is not the cgroup's own.
  var cloneTarget: SharedDescriptor?
  /// Whether init was not cloned into its cgroup, and is moved there.
  var attaches = false
  /// Of a `debug`.
  var debugCgroup: Cgroup?
  var debugGuard: CgroupGuard?
  var execFIFO: ExecFIFO?
  /// The file for the errno of execve, where the filter forbids write; for `create`.
  var execErrno: SharedDescriptor?
  package private(set) var stage: ParentStage?
  /// While it is handed over.
  var listener: SharedDescriptor?
  /// The host's, while init is served.
  var procfs: SharedDescriptor?
  /// Init's, from when it was in its namespaces.
  var identity: InitIdentity?
  /// What leads to init has been written beside the record, and the record that names it.
  var leadsToInit = false
  var isRecordPrepared = false
  /// Called with a child that waits for its start, of a container whose filter is supervised: what breaks
  /// when the supervisor ends.
  package var beforeStart:
    ((ProcessHandle, SeccompPlan, SeccompProgram) throws(SyscallError) -> SharedDescriptor)?
  package internal(set) var notifyProxy: NotifyProxy?
  var pidFile: PidFile?
  var restoration = Restoration()

  /// Of a new container.
  package var plan: CreatePlan? {
    if case .container(let new) = launched { new.plan } else { nil }
  }

  /// The same, for what is told of its end.
  package var planWithRules: CreatePlan? {
    guard case .container(let new) = launched else { return nil }
    return ConfigReading.withRules(new.plan, of: new.config, context)
  }

  /// Init, cloned or restored.
  package var child: ProcessHandle? { stage?.child ?? restoration.child }

  /// `run --break`.
  package var breaks: BreakPoints?
  /// With `--trace`: of init.
  private var spans: SharedSpans?

  package init(
    _ launched: Launched, _ order: HostOrder, _ options: LaunchOptions, _ context: CommandContext,
    explain: @escaping (CommandFailure) -> CommandFailure
  ) {
    self.launched = launched
    self.order = order
    self.options = options
    self.context = context
    self.explain = explain
    switch launched {
    case .container(let new): record = ContainerRecord(new.plan, context.host)
    case .process(let new): record = new.container.record
    }
  }

  /// The whole order, up to a program that runs or, for `create`, an init that waits.
  package func perform() throws(CommandFailure) {
    do throws(CommandFailure) {
      for step in order.before { try perform(step) }
      if let stage {
        if !order.atMaps.isEmpty { try attempt(StepFailure.self, stage.serveMaps(self)) }
        for step in order.meanwhile { try perform(step) }
        try attempt(StepFailure.self, stage.serve(self))
      }
      for step in order.after { try perform(step) }
    } catch {
      collectSpans()
      throw failed(error)
    }
    collectSpans()
    // What is done stays done: from here on signals are the container's.
    Interruption.disarm()
    claimed?.lock.release()
  }

  private func perform(_ step: HostStep) throws(CommandFailure) {
    let span = context.trace?.begin(.host, step.title, step.pointer)
    do throws(CommandFailure) { try act(step) } catch {
      context.trace?.fail(span, error.report?.errno)
      throw error
    }
    context.trace?.end(span)
  }

  private func act(_ step: HostStep) throws(CommandFailure) {
    performed += 1
    if let breaks, breaks.contains(step) { try attempt(StepFailure.self, halt(before: step)) }
    do throws(SyscallError) { try StepProbe.before(.host, performed) } catch {
      throw CommandFailure(StepFailure(step: step.title, pointer: step.pointer, error))
    }
    if let step = step.undo { undo.append(step) }
    switch step {
    case .look(let step): try perform(step)
    case .make(let step): try perform(step)
    case .serve(let step):
      if let child { try attempt(StepFailure.self, perform(step, child)) }
    }
    StepProbe.after(.host, performed)
  }

  /// Undoes everything, and adds what can be said of the cause.
  private func failed(_ failure: CommandFailure) -> CommandFailure {
    Interruption.disarm()
    var report: OutOfMemory?
    if case .container = launched { report = cgroup?.outOfMemory() }
    let failure = explain(failure).explained(by: report)
    closeLooks()
    let left = Teardown(of: self).remains()
    debugGuard?.end()
    // What is left is in the record, for `delete --force`.
    return left.map { failure.leaving($0, in: launched) } ?? failure
  }

  /// The undo opens files, for which there may be no room but this.
  private func closeLooks() {
    (joined, mountIDs) = ([], [])
    (rootfs, rootOfInit, toolRoot, procfs) = (nil, nil, nil, nil)
    (console, pidfdSocket, agent, execErrno) = (nil, nil, nil, nil)
  }

  /// In its cgroup and namespaces from the first instruction, if the kernel allows that.
  func cloneInit(new namespaces: NamespaceFlags) throws(SyscallError) {
    if context.trace != nil {
      spans = try SharedSpans(count: launched.steps.count + innerHooks.count)
    }
    let initContext = initContext
    func launch(into directory: Handle?) throws(SyscallError) {
      stage = try ParentStage.launch(
        launched.steps, launched.exec, new: namespaces, into: directory, initContext
      ) {
        // What must not outlive us in it.
        claimed?.lock.closeInChild()
        // An init that waits for its start can be signalled; to others signals come later.
        if options.waitsForStart { do throws(SyscallError) { try Interruption.end() } catch {} }
      }
    }
    do throws(SyscallError) {
      try launch(into: cloneTarget?.handle ?? cgroup?.directory)
    } catch {
      guard let cgroup else { throw error }
      if launched.mayAttach, cgroup.canAttach(after: error) {
        attaches = true
        return try launch(into: nil)
      }
      guard let below = try launched.cgroup(below: cgroup, after: error) else { throw error }
      try launch(into: below.directory)
    }
  }

  /// The hooks that init runs, with the place of the step.
  private var innerHooks: [(step: Int, arguments: [ByteString])] {
    var all = [(step: Int, arguments: [ByteString])]()
    for (index, step) in launched.steps.enumerated() {
      guard case .program(let step) = step else { continue }
      all += step.hooks.map { (index, $0.arguments) }
    }
    return all
  }

  private func collectSpans() {
    guard let spans, let trace = context.trace else { return }
    trace.add(spans, steps: launched.steps.map { ($0.title, $0.pointer) }, hooks: innerHooks)
  }

  private var initContext: InitContext {
    var initContext = InitContext(
      joined: joined, filter: filter,
      console: console.map { .socket($0) } ?? (options.isDetached ? nil : .parent),
      // Here and not in init, whose pid is another one than the variables name.
      preservedDescriptors: options.preserveFds + ListenDescriptors.count, state: launched.state)
    initContext.joinedRoot = rootOfInit
    initContext.toolRoot = toolRoot
    if let breaks { initContext.breaks = breaks.inner }
    if let spans {
      initContext.spans = spans
      initContext.hookTrace = context.trace?.hooks(in: spans, from: launched.steps.count)
    }
    guard case .container(let new) = launched, let rootfs else { return initContext }
    initContext.creation = .init(rootfs: rootfs, execFIFO: execFIFO)
    initContext.extraEnvironment = ListenDescriptors.environment
    if new.plan.notifies {
      initContext.extraEnvironment.append(("NOTIFY_SOCKET", NotifyMount.socketPath))
    }
    return initContext
  }
}

// The parent's part while init waits.
extension HostExecutor {
  /// Whether init waits for a start instead of going on to its program.
  package var waitsForStart: Bool {
    if case .container = launched { true } else { false }
  }

  package func halt(before step: Int, _ child: ProcessHandle) throws(StepFailure) {
    let step = launched.steps[step]
    do throws(SyscallError) {
      try breaks?.stop(before: step.title, step.pointer, by: "init", child.pid)
    } catch {
      throw StepFailure(step: step.title, pointer: step.pointer, error)
    }
  }

  private func halt(before step: HostStep) throws(StepFailure) {
    do throws(SyscallError) {
      try breaks?.stop(before: step.title, step.pointer, by: "the host", child?.pid)
    } catch {
      throw StepFailure(step: step.title, pointer: step.pointer, error)
    }
  }

  package func writeMaps(_ child: ProcessHandle) throws(StepFailure) {
    try serve(order.atMaps, child)
  }

  package func entered(_ child: ProcessHandle) throws(StepFailure) {
    try serve(order.atEntered, child)
  }

  package func mountsDone(_ child: ProcessHandle) throws(StepFailure) {
    try serve(order.atMounts, child)
  }

  package func handOver(_ listener: SharedDescriptor, of child: ProcessHandle) throws(StepFailure) {
    self.listener = listener
    try serve(order.atListener, child)
    self.listener = nil
  }

  package func cloned(_ child: ProcessHandle) throws(StepFailure) -> Bool {
    if order.atCloned.isEmpty { return false }
    try serve(order.atCloned, child)
    return true
  }

  package func ready(_ child: ProcessHandle) throws(StepFailure) {
    try lowerDescriptorLimit(of: child)
    try serve(order.atReady, child)
  }

  func serve(_ steps: [HostStep.Serve], _ child: ProcessHandle) throws(StepFailure) {
    for step in steps {
      performed += 1
      let named = HostStep.serve(step)
      if let breaks, breaks.contains(named) { try halt(before: named) }
      do throws(SyscallError) { try StepProbe.before(.host, performed) } catch {
        throw StepFailure(step: named.title, pointer: named.pointer, error)
      }
      let span = context.trace?.begin(.host, named.title, named.pointer)
      do throws(StepFailure) { try perform(step, child) } catch {
        context.trace?.fail(span, error.errno)
        throw error
      }
      context.trace?.end(span)
      StepProbe.after(.host, performed)
    }
  }
}
