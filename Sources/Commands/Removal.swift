import Bytes
import Cgroups
import Hooks
import Linux
import OCISpec
import Plan
import Resctrl
import StateStore

/// Takes a container apart: its processes, its groups, its state, and then its poststop hooks.
enum Removal {
  /// How long a killed init may take to go, in milliseconds.
  private static let patience: Int64 = 10_000

  /// After a `run` in the foreground, whose init is reaped.
  static func perform(_ creation: Creation) throws(CommandFailure) {
    if let cgroup = creation.cgroup {
      do throws(CgroupError) {
        if !creation.record.ownsPidNamespace { try cgroup.kill() }
        try cgroup.destroy()
      } catch {
        throw CommandFailure(error)
      }
    }
    try remove(creation.record.resctrlDirectory)
    if !creation.plan.hooks[.poststop].isEmpty { creation.runPoststop() }
    try CommandFailure.from { () throws(StateError) in try creation.directory.remove() }
  }

  /// With the container's lock held. Nothing is unmounted and no path of the container is walked: its
  /// mounts vanish with its processes.
  static func perform(_ container: Container, _ context: CommandContext) throws(CommandFailure) {
    if let process = try container.openInit() { try end(process) }
    if let cgroup = try container.cgroup(context) {
      do throws(CgroupError) {
        // Leftovers of a container without a pid namespace of its own, or of a `create` that died.
        if !container.record.ownsPidNamespace || container.record.initProcess == nil {
          try cgroup.kill()
        }
        try cgroup.destroy()
      } catch {
        throw CommandFailure(error)
      }
    }
    try remove(container.record.resctrlDirectory)
    runPoststop(container, context)
    try CommandFailure.from { () throws(StateError) in try container.directory.remove() }
  }

  private static func remove(_ resctrlDirectory: ByteString?) throws(CommandFailure) {
    guard let resctrlDirectory else { return }
    try CommandFailure.from { () throws(SyscallError) in
      try ResctrlGroup.remove(resctrlDirectory)
    }
  }

  private static func end(_ process: ChildProcess) throws(CommandFailure) {
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
