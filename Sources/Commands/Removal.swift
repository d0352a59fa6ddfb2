import Bytes
import Cgroups
import Hooks
import Linux
import OCISpec
import Plan
import Resctrl
import StateStore

/// What there is of a container, as whoever takes it apart knows it.
struct Remains {
  /// Init, if it may still run.
  var process: ChildProcess?
  var cgroup: Cgroup?
  /// Whether init's death does not end whatever is in the cgroup: there is no pid namespace of its own,
  /// or a `create` died.
  var hasStrays: Bool
  var resctrl: ResctrlRemains

  enum ResctrlRemains {
    /// Below the root of resctrl; nil for nothing.
    case recorded(ByteString?)
    /// What a `create` made so far.
    case made(ResctrlGroup?)
  }
}

/// Takes a container apart: its processes, its groups, its poststop hooks and then its state. There is
/// no other way: `delete`, the end of a `run` in the foreground and a `create` that fails come here,
/// with the container's lock held, so that a second one finds nothing.
enum Removal {
  /// How long a killed init may take to go, in milliseconds.
  private static let patience: Int64 = 10_000

  /// Nothing is unmounted and no path of the container is walked: its mounts vanish with its processes.
  /// What fails leaves the record, so that the next `delete` finds the rest.
  static func perform(
    _ directory: StateDirectory, _ remains: Remains, poststop: () -> Void
  ) throws(CommandFailure) {
    if let process = remains.process { try end(process) }
    if let cgroup = remains.cgroup {
      do throws(CgroupError) {
        if remains.hasStrays { try cgroup.kill() }
        try cgroup.destroy()
      } catch {
        throw CommandFailure(error)
      }
    }
    try CommandFailure.from { () throws(SyscallError) in
      switch remains.resctrl {
      case .recorded(let directory?): try ResctrlGroup.remove(directory)
      case .recorded(nil): break
      case .made(let group): try group?.undo()
      }
    }
    poststop()
    try CommandFailure.from { () throws(StateError) in try directory.remove() }
  }

  /// After a `run` in the foreground, whose init is reaped; unless another command has taken the
  /// container apart meanwhile, and perhaps given its id away.
  static func perform(endOf creation: Creation) throws(CommandFailure) {
    let lock: StateLock
    do throws(StateError) {
      lock = try creation.directory.lock()
      let record = try creation.directory.loadRecord()
      guard record?.initProcess == creation.record.initProcess else { return }
    } catch {
      switch error {
      case .doesNotExist: return
      case .busy:
        // The status is the program's. Who has the lock is at it, or `delete` finds the container.
        creation.context.log.warning(error.message)
        return
      default: throw CommandFailure(error)
      }
    }
    defer { lock.release() }
    let remains = Remains(
      cgroup: creation.cgroup, hasStrays: !creation.record.ownsPidNamespace,
      resctrl: .recorded(creation.record.resctrlDirectory))
    try perform(creation.directory, remains) { creation.runPoststop() }
  }

  /// For `delete`.
  static func perform(_ container: Container, _ context: CommandContext) throws(CommandFailure) {
    let record = container.record
    let cgroup = try container.cgroup(context)
    if cgroup == nil, let path = record.cgroupPath, let mountPoint = record.cgroupMountPoint,
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
    if process == nil { EndReport.keep(deleted: container, cgroup, context) }
    let remains = Remains(
      process: process, cgroup: cgroup,
      hasStrays: !record.ownsPidNamespace || record.initProcess == nil,
      resctrl: .recorded(record.resctrlDirectory))
    try perform(container.directory, remains) { runPoststop(container, context) }
  }

  /// Kills it, and waits until it is dead.
  static func end(_ process: ChildProcess) throws(CommandFailure) {
    try CommandFailure.from { () throws(SyscallError) in
      do throws(SyscallError) { try process.send(.kill) } catch {
        if error.errno != .ESRCH { throw error }
      }
    }
    let deadline = Clock.monotonicNanoseconds + patience * 1_000_000
    while Clock.monotonicNanoseconds < deadline {
      let hasEnded = try CommandFailure.from { () throws(SyscallError) in
        try !Polling.wait([(process.handle, .input)], milliseconds: 1000)[0].isEmpty
      }
      if hasEnded { return }
    }
    throw CommandFailure("container init still running")
  }

  /// Failures are warnings, and the next hook runs all the same (LC-13).
  private static func runPoststop(_ container: Container, _ context: CommandContext) {
    do throws(CommandFailure) {
      let config = try container.config()
      if config.hooks.poststop.isEmpty { return }
      do throws(ConfigError) {
        let plan = try HookPlan(config.hooks, config.annotations)
        container.hookRunner(status: .stopped, pid: nil).runEach(plan[.poststop]) {
          context.log.warning($0.message)
        }
      } catch {
        throw CommandFailure(error)
      }
    } catch {
      // A configuration that was never kept has no hooks that could have run.
      context.log.debug(error.message)
    }
  }
}
