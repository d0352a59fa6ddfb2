import Bytes
package import Cgroups
import Hooks
import Launch
package import Linux
import OCISpec
import Plan
package import Report
import Resctrl
import StateStore
import Tracing

/// Takes a container apart: pops a stack of what was made. There is no other way: `delete`, the end of a
/// `run` in the foreground, the clean-up of a `create` that died, and a `create` that fails come here,
/// with the container's lock held, so that a second one finds nothing.
///
/// Nothing is unmounted and no path of the container is walked: its mounts vanish with its processes.
package struct Teardown {
  /// What was made, the first of it first.
  let stack: [UndoStep]
  var directory: StateDirectory?
  /// Init, if it may still run.
  package var process: ProcessHandle?
  /// Whether it is this process that has to reap init.
  var isChild = false
  package var cgroup: Cgroup?
  /// Whether init's death does not end whatever is in the cgroup: there is no pid namespace of its own,
  /// or a `create` died.
  var hasStrays: Bool
  /// Whether the cgroup is removed only if nobody is in it: no mark says that it is the container's.
  var sparesCgroup = false
  var log: Log?
  var resctrl: ResctrlRemains
  var pidFile: PidFile?
  var trace: Trace?
  let poststop: () -> Void

  enum ResctrlRemains {
    /// Below the root of resctrl; nil for nothing.
    case recorded(ByteString?)
    /// The same of a `create` that died before init joined it.
    case unjoined(ByteString?)
    /// What a `create` made so far.
    case made(ResctrlGroup?)
  }

  /// How long a killed init may take to go, in milliseconds.
  private static let timeout: Int64 = 10_000

  /// What fails leaves all that lies below it on the stack, and so the record: the next `delete` finds
  /// the rest.
  package func perform() throws(CommandFailure) {
    if let remains = remains() { throw remains.error }
  }

  /// The same after a failure, which is the error that counts: nil if nothing is left.
  func remains() -> Remains? {
    for step in stack.reversed() {
      let span = trace?.begin(.host, step.title)
      do throws(CommandFailure) { try perform(step) } catch {
        trace?.fail(span, error.report?.errno)
        return Remains(step: step, error: error, cgroup: cgroup?.location)
      }
      trace?.end(span)
    }
    return nil
  }

  /// What an undo has left.
  struct Remains {
    /// The first that failed.
    let step: UndoStep
    let error: CommandFailure
    fileprivate let cgroup: ByteString?

    fileprivate var name: ByteString {
      switch step {
      case .cgroup: "the cgroup" + (cgroup.map { " " + quoted($0, .path) } ?? "")
      case .resctrlGroup: "the resctrl group"
      case .stateDirectory, .poststopHooks, .initProcess, .pidFile: "the record"
      }
    }
  }

  private func perform(_ step: UndoStep) throws(CommandFailure) {
    switch step {
    case .pidFile: pidFile?.remove()
    case .initProcess:
      guard let process else { return }
      if isChild {
        process.end()
      } else {
        try Teardown.end(process, in: sparesCgroup ? nil : cgroup)
      }
    case .cgroup:
      guard let cgroup else { return }
      do throws(CgroupError) {
        if sparesCgroup {
          if try !cgroup.removeIfIdle() {
            log?.warning(
              "the cgroup `" + cgroup.location.escaped(limit: 200)
                + "` stays: nothing says that the processes in it are the container's")
          }
          return
        }
        if hasStrays { try cgroup.kill() }
        try cgroup.destroy()
      } catch {
        throw CommandFailure(error)
      }
    case .resctrlGroup:
      try CommandFailure.from { () throws(SyscallError) in
        switch resctrl {
        case .recorded(let directory?): try ResctrlGroup.remove(directory)
        case .unjoined(let directory?): try ResctrlGroup.removeUnjoined(directory)
        case .recorded(nil), .unjoined(nil): break
        case .made(let group): try group?.undo()
        }
      }
    case .poststopHooks: poststop()
    case .stateDirectory:
      try attempt(StateError.self, directory?.remove())
    }
  }

  /// Kills it, and waits until it is dead. If it does not go, all that is in its `cgroup` is killed: it waits for
  /// each process of its pid namespace, and an `exec` may be frozen halfway, before it has told of the one that is there.
  package static func end(_ process: ProcessHandle, in cgroup: Cgroup? = nil)
    throws(CommandFailure)
  {
    try CommandFailure.from { () throws(SyscallError) in
      do throws(SyscallError) { try process.send(.kill) } catch {
        if error.errno != .ESRCH { throw error }
      }
    }
    let patience: Int32 = cgroup == nil ? 1000 : 200
    let deadline = Clock.monotonicNanoseconds + timeout * 1_000_000
    while Clock.monotonicNanoseconds < deadline {
      let hasEnded = try attempt(
        SyscallError.self,
        !Polling.wait([(process.handle, .input)], milliseconds: patience)[0].isEmpty)
      if hasEnded { return }
      if let cgroup { try attempt(CgroupError.self, cgroup.kill()) }
    }
    throw CommandFailure("container init still running")
  }
}

extension CommandFailure {
  /// The same failure, with what could not be undone after it.
  func leaving(_ remains: Teardown.Remains, in launched: Launched) -> CommandFailure {
    var result = self
    result.message += "; left behind: " + remains.name + " (" + remains.error.message + ")"
    if case .container(let new) = launched {
      result.message += ": " + quoted("apus delete --force " + new.plan.id) + " removes it"
    }
    return result
  }
}

extension Teardown {
  /// After a failure, of what was made by then.
  init(of executor: HostExecutor) {
    let hasInit = executor.child != nil
    self.init(
      stack: executor.undo, directory: executor.directory, process: executor.child,
      isChild: true, cgroup: executor.isDebug ? executor.debugCgroup : executor.cgroup,
      hasStrays: true, resctrl: .made(executor.resctrl),
      pidFile: executor.pidFile, trace: executor.context.trace
    ) {
      // Whatever hook or step it was that failed, the container is gone now (LC-F).
      if hasInit { executor.runPoststop() }
    }
  }

  /// What `create` has made of a container that exists, by its record.
  private init(
    recorded record: ContainerRecord, _ directory: StateDirectory, _ process: ProcessHandle?,
    _ cgroup: Cgroup?, _ trace: Trace?, poststop: @escaping () -> Void
  ) {
    self.init(
      stack: UndoStep.recorded,
      directory: directory, process: process, cgroup: cgroup,
      hasStrays: !record.ownsPidNamespace || record.initProcess == nil,
      resctrl: record.initProcess == nil
        ? .unjoined(record.resctrlDirectory) : .recorded(record.resctrlDirectory), trace: trace,
      poststop: poststop)
  }

  /// Of a container that `delete` has found, also one whose `create` died.
  package init(_ container: Container, _ context: CommandContext) throws(CommandFailure) {
    let record = container.record
    let found = try container.cgroup(context)
    var cgroup = found
    var isSpared = false
    if let found {
      switch try container.owner(of: found) {
      case .container: break
      case .nobody: isSpared = true
      case .other(let mark):
        cgroup = nil
        context.log.warning(
          "the cgroup `" + found.location.escaped(limit: 200) + "` is "
            + (ReadMark(mark).map { "that of " + $0.name } ?? "not the container's any more")
            + ": it stays as it is")
      }
    }
    if found == nil, let path = record.cgroupPath, let mountPoint = record.cgroupMountPoint,
      record.cgroupManager == CgroupManagerKind.cgroupfs.name
    {
      // A `create` that died on the way down to it may have made its parents.
      do throws(CgroupError) {
        try CgroupRemoval.removeParents(
          of: CgroupPath(recorded: path), mountPoint: mountPoint, above: record.cgroupBase)
      } catch {
        throw CommandFailure(error)
      }
    }
    let process = try container.openInit()
    self.init(recorded: record, container.directory, process, cgroup, context.trace) {
      container.runPoststop(context)
    }
    sparesCgroup = isSpared
    log = context.log
  }

  /// After a `run` in the foreground, whose init is reaped; unless another command has taken the
  /// container apart meanwhile, and perhaps given its id away.
  package static func perform(endOf executor: HostExecutor) throws(CommandFailure) {
    guard let directory = executor.directory else { return }
    let lock: StateLock
    do throws(StateError) {
      lock = try directory.lock()
      let record = try directory.loadRecord()
      guard record?.initProcess == executor.record.initProcess else { return }
    } catch {
      switch error {
      case .doesNotExist: return
      case .busy:
        // The status is the program's. Who has the lock is at it, or `delete` finds the container.
        executor.context.log.warning(error.message)
        return
      case .emptyID, .invalidID, .alreadyExists, .damagedRecord, .recordTooLarge, .unsafeRoot,
        .refused, .system:
        throw CommandFailure(error)
      }
    }
    defer { lock.release() }
    try Teardown(
      recorded: executor.record, directory, nil, executor.cgroup, executor.context.trace
    ) {
      executor.runPoststop()
    }.perform()
  }
}

extension HostExecutor {
  fileprivate func runPoststop() {
    guard case .container(let new) = launched, !new.plan.hooks[.poststop].isEmpty,
      let runner = hookRunner(status: .stopped, pid: nil)
    else { return }
    runner.runPoststop(new.plan.hooks[.poststop], directory, context.log)
  }
}

extension Container {
  fileprivate func runPoststop(_ context: CommandContext) {
    if !record.deleteNeedsConfig { return }
    do throws(CommandFailure) {
      let config = try config()
      if config.hooks.poststop.isEmpty { return }
      do throws(ConfigError) {
        let plan = try HookPlan(config.hooks, config.annotations)
        var runner = hookRunner(status: .stopped, pid: nil)
        runner.trace = context.trace?.hooks
        runner.runPoststop(
          plan[.poststop], directory, context.log)
      } catch {
        throw CommandFailure(error)
      }
    } catch {
      // A configuration that was never kept has no hooks that could have run.
      context.log.debug(error.message)
    }
  }
}

extension HookRunner {
  /// Those that no earlier attempt has run. Failures are warnings, and the next hook runs all the same
  /// (LC-13).
  fileprivate func runPoststop(_ hooks: [PlannedHook], _ directory: StateDirectory?, _ log: Log) {
    if hooks.isEmpty { return }
    runEach(hooks.dropFirst(directory?.endedPoststopHooks() ?? 0)) { failure in
      if let failure { log.warning(failure.message) }
      do throws(SyscallError) { try directory?.countPoststopHook() } catch {
        // If the disk is full: what is removed next makes room, and nothing is repeated.
        log.debug("poststop: " + error.message)
      }
    }
  }
}
