package import Bytes
import Cgroups
import Diagnosis
import Launch
import Linux
package import OCISpec
package import Plan
package import Report
import Resctrl
import StateStore
import Tracing

/// Performs a `ControlOrder`: what a command does with a container that exists.
package final class ControlExecutor {
  let order: ControlOrder
  let id: ByteString
  let context: CommandContext
  let texts: Texts
  /// What was made and can be taken back, the first of it first.
  private var undo: [ControlStep.Undo] = []

  // What looks have opened and read.
  private var found: Container?
  private var lock: StateLock?
  var config: Config?
  var process: ProcessHandle?
  /// What init executes while it waits.
  var image: FileStatus?
  var cgroup: Cgroup?
  private var update: ResourceUpdate?
  /// For `mounts`.
  let mounts: LiveMounts?
  /// For `update`: the schemata of the caller, the container's group, and what it had.
  package var schemata: (cache: ByteString?, bandwidth: ByteString?)
  private var resctrl: (group: ResctrlGroup, lines: [ByteString])?
  private var oldSchemata: [ByteString] = []
  var dump = DumpFindings()
  /// What `checkpoint --check` has found in the way of a dump.
  package var obstacles: [ByteString] = []

  // What was made.
  private var notifyProxy: NotifyProxy?
  private var fifos: (waiting: SharedDescriptor, result: SharedDescriptor)?

  /// How a command words failures.
  package struct Texts {
    /// Adds to a failure of the program why it happened.
    package var explain: (Container, CommandFailure) -> CommandFailure = { $1 }
    /// A rule that the new limits break.
    package var limits: (ConfigError) -> CommandFailure = {
      CommandFailure($0.message(in: "resources"))
    }

    package init() {}
  }

  /// `container`: already found, for an order without a lock.
  package init(
    _ order: ControlOrder, id: ByteString, _ context: CommandContext, container: Container? = nil,
    mounts: LiveMounts? = nil, texts: Texts = Texts()
  ) {
    self.mounts = mounts
    self.order = order
    self.id = id
    self.context = context
    self.found = container
    self.texts = texts
  }

  package func perform() throws(CommandFailure) {
    defer { releaseLock() }
    do throws(CommandFailure) {
      for (index, step) in order.steps.enumerated() {
        do throws(SyscallError) { try StepProbe.before(.host, index + 1) } catch {
          throw CommandFailure(StepFailure(step: step.title, pointer: step.pointer, error))
        }
        try perform(step)
        if let step = step.undo { undo.append(step) }
        StepProbe.after(.host, index + 1)
      }
    } catch {
      throw failed(error)
    }
    for step in order.after { try perform(step) }
  }

  private func perform(_ step: ControlStep) throws(CommandFailure) {
    let span = context.trace?.begin(.host, step.title, step.pointer)
    do throws(CommandFailure) { try act(step) } catch {
      context.trace?.fail(span, error.report?.errno)
      throw error
    }
    context.trace?.end(span)
  }

  private func act(_ step: ControlStep) throws(CommandFailure) {
    switch step {
    case .look(let step): try perform(step)
    case .make(let step): try perform(step)
    case .wait(.program): try waitForProgram(try fifo.result)
    case .wait(.readiness): try notifyProxy?.wait(for: try initProcess)
    }
  }

  private func perform(_ step: ControlStep.Look) throws(CommandFailure) {
    switch step {
    case .lock:
      let (container, lock) = try Container.locked(id, context)
      (found, self.lock) = (container, lock)
    case .status(let command): try container.check(LifecycleCommand(command), context)
    case .process:
      if try !container.record.startNeedsConfig { return }
      let config = try container.config()
      if config.process == nil {
        throw CommandFailure("config.json /process: cannot start a container without a process")
      }
      self.config = config
    case .initProcess:
      process = try container.openInit()
      image = try initProcess.executable()
    case .memoryKills: try countMemoryKills()
    case .cgroup(let purpose):
      cgroup = try container.cgroup(context)
      if cgroup == nil { throw CommandFailure("the container has no cgroup to " + purpose) }
    case .newLimits(let change): update = try newLimits(change)
    case .resctrlGroup: try openResctrl()
    case .namespaces: try mounts?.openNamespaces(of: try container)
    case .mountSources: try mounts?.openSources()
    case .receivers(let inCgroup, let mayBeGone):
      if inCgroup { cgroup = try container.ownCgroup(context) }
      if cgroup == nil { process = try container.openInit() }
      if cgroup == nil, process == nil, !mayBeGone { throw ControlExecutor.notRunning }
    case .running: try openRunning()
    case .criu(let request): try askCRIU(request)
    case .outside: try findOutside()
    case .dumpable(let request): try checkDumpable(request)
    }
  }

  private func perform(_ step: ControlStep.Make) throws(CommandFailure) {
    switch step {
    case .notifySocket: notifyProxy = try NotifyProxy.open(container.directory, context.log)
    case .watchSignals: try attempt(SyscallError.self, Interruption.begin())
    case .takeFIFOs:
      let directory = try container.directory
      fifos = try attempt(SyscallError.self, directory.takeExecFIFOs())
      _ = try fifo
    case .releaseInit:
      let waiting = try fifo.waiting
      try attempt(SyscallError.self, waiting.handle.writeAll([1]))
    case .releaseLock: releaseLock()
    case .poststartHooks: try runPoststart()
    case .freeze: try onCgroup { (cgroup) throws(CgroupError) in try cgroup.freeze() }
    case .thaw: try onCgroup { (cgroup) throws(CgroupError) in try cgroup.thaw() }
    case .saveLimits:
      guard let update else { return }
      var record = try container.record
      record.resources = update.resources
      try save(record)
    case .writeSchemata:
      do throws(ConfigError) {
        if let resctrl { oldSchemata = try resctrl.group.update(resctrl.lines) }
      } catch { throw CommandFailure(error) }
    case .writeLimits:
      guard let update, let cgroup else { return }
      do throws(CgroupError) { try cgroup.update(update.writes) } catch {
        // One that is missing is no fault of the limits.
        let isController = error.message.hasPrefix("cgroup controller ")
        throw CommandFailure((isController ? "" : "resources ") + error.message)
      }
    case .signal(let signal, let mayBeGone): try send(signal, mayBeGone: mayBeGone)
    case .enterContainer: try mounts?.enter()
    case .mount(let index, _, _): try mounts?.add(index)
    case .keepMounts: try mounts?.keep()
    case .markMounts: try mounts?.mark()
    case .unmount: try mounts?.unmount()
    case .forgetMounts: try mounts?.forget()
    case .imageDirectories(let request): try makeDirectories(request)
    case .dump(let request): try dump(request)
    case .removal: try removeDumped()
    }
  }
}

// What a step needs of those before it.
extension ControlExecutor {
  static var notRunning: CommandFailure { CommandFailure("container not running") }

  private static var hasStopped: CommandFailure {
    CommandFailure("cannot start a container that has stopped")
  }

  var container: Container {
    get throws(CommandFailure) {
      guard let found else { throw CommandFailure(StateError.doesNotExist) }
      return found
    }
  }

  var initProcess: ProcessHandle {
    get throws(CommandFailure) {
      guard let process else { throw ControlExecutor.hasStopped }
      return process
    }
  }

  private var fifo: (waiting: SharedDescriptor, result: SharedDescriptor) {
    get throws(CommandFailure) {
      guard let fifos else { throw ControlExecutor.hasStopped }
      return fifos
    }
  }

  private func onCgroup(_ body: (Cgroup) throws(CgroupError) -> Void) throws(CommandFailure) {
    guard let cgroup else { return }
    do throws(CgroupError) { try body(cgroup) } catch { throw CommandFailure(error) }
  }

  private func releaseLock() {
    lock?.release()
    lock = nil
  }

  private func save(_ record: ContainerRecord) throws(CommandFailure) {
    let directory = try container.directory
    try attempt(StateError.self, directory.save(record))
  }
}

extension ControlExecutor {
  /// The cgroup of a container with a memory limit, where systemd removes it with its last process: a
  /// kill can be told afterwards if it was looked at before.
  private func countMemoryKills() throws(CommandFailure) {
    let container = try container
    guard let limits = container.record.resources ?? config?.linux.resources,
      container.record.cgroupManager == CgroupManagerKind.systemd.name,
      let limit = limits.memory?.limit, limit > 0
    else { return }
    cgroup = try container.cgroup(context)
    cgroup?.expectKills(memoryLimit: limit)
  }

  private func openResctrl() throws(CommandFailure) {
    let container = try container
    let section = try container.config().linux.intelRdt
    do throws(ConfigError) {
      let plan = try ResctrlPlan.updated(
        section, id: container.record.id, cache: schemata.cache, bandwidth: schemata.bandwidth)
      resctrl = (try ResctrlGroup.open(plan), plan.schemata)
    } catch {
      throw CommandFailure(error)
    }
  }

  private func newLimits(_ change: Resources) throws(CommandFailure) -> ResourceUpdate {
    let container = try container
    let created = try container.config().linux.resources
    var old = container.record.resources ?? created
    // The record has no rules for devices: no update changes them.
    old.devices = created.devices
    do throws(ConfigError) {
      var warnings = [ByteString]()
      let update = try ResourceUpdate(change, recorded: old, warnings: &warnings)
      for warning in warnings { context.log.warning("resources " + warning, .configWarning) }
      return update
    } catch {
      throw texts.limits(error)
    }
  }

  private func send(_ signal: Signal, mayBeGone: Bool) throws(CommandFailure) {
    if let cgroup {
      do throws(CgroupError) {
        if signal == .kill { return try cgroup.kill() }
        return try cgroup.signal(signal)
      } catch {
        throw CommandFailure(error)
      }
    }
    guard let process else { return }
    do throws(SyscallError) { try process.send(signal) } catch {
      // It ended after we looked.
      if error.errno != .ESRCH { throw CommandFailure(error) }
      if !mayBeGone { throw ControlExecutor.notRunning }
    }
  }

  /// Takes back what was made, and adds what can be said of the cause.
  private func failed(_ failure: CommandFailure) -> CommandFailure {
    Interruption.disarm()
    var failure = failure
    for step in undo.reversed() {
      do throws(CommandFailure) {
        switch step {
        case .initProcess:
          failure = explained(failure)
          // A container whose start failed is stopped; the caller deletes it at once (LC-9).
          try Teardown.end(try initProcess)
        case .limits: try save(try container.record)
        case .schemata:
          do throws(ConfigError) { _ = try resctrl?.group.update(oldSchemata) } catch {
            throw CommandFailure(error)
          }
        case .mounts: try mounts?.takeBack()
        case .mountRecord: try mounts?.restoreRecord()
        }
      } catch {
        context.log.warning(error.message)
      }
    }
    return failure
  }

  private func explained(_ failure: CommandFailure) -> CommandFailure {
    guard let found else { return failure }
    let failure = texts.explain(found, failure)
    do throws(CommandFailure) {
      let around = if let cgroup { cgroup } else { try found.cgroup(context) }
      return failure.explained(by: around?.outOfMemory())
    } catch {
      context.log.debug(error.message)
      return failure
    }
  }
}

extension LifecycleCommand {
  fileprivate init(_ command: ControlCommand) {
    self =
      switch command {
      case .start: .start
      case .pause: .pause
      case .resume: .resume
      case .update: .update
      case .kill: .kill
      case .killAll: .killAll
      case .mounts: .mounts
      case .checkpoint: .checkpoint
      }
  }
}
