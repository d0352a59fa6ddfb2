import Bytes
import Cgroups
import Linux
import OCISpec
package import Report
import Resctrl
package import StateStore

/// `delete --force` where no record says what there is: by what else leads to it.
package enum Recovery {
  /// A directory whose record is damaged or gone, with its lock held.
  package static func perform(_ directory: StateDirectory, _ context: CommandContext)
    throws(CommandFailure)
  {
    let process = try attempt(SyscallError.self, directory.loadInit()?.open())
    let cgroups = try search(directory.id, context).cgroups
    if let process { try Teardown.end(process, in: cgroups.first) }
    for cgroup in cgroups { try end(cgroup) }
    let isHeld = try attempt(SyscallError.self, directory.execFIFOIsHeld())
    if isHeld {
      throw CommandFailure(
        "a process that no record names waits to be started as container `" + directory.id.text
          + "`: find it with fuser(1) on exec.fifo in its state directory")
    }
    try useConfig(directory, context)
    try attempt(StateError.self, directory.remove())
  }

  /// Without a directory: a cgroup may say that it is the container's all the same.
  package static func perform(_ id: ContainerID, _ context: CommandContext) throws(CommandFailure) {
    let (cgroups, isRootGone) = try search(id, context)
    guard let first = cgroups.first else { return }
    if isRootGone {
      // The same path may have been another root's.
      throw CommandFailure(
        "the state root `" + context.root.path + "` is gone, but the cgroup `" + first.location
          + "` is marked as that of its container `" + id.text + "`")
    }
    let directory: StateDirectory
    let lock: StateLock
    do throws(StateError) {
      (directory, lock) = try StateDirectory.claim(id, in: context.root)
    } catch {
      // A new container by now: what was found is its.
      if case .alreadyExists = error { return }
      throw CommandFailure(error)
    }
    defer { lock.release() }
    // Again: whoever had the id in between may have ended.
    for cgroup in try search(id, context).cgroups {
      context.log.warning(
        "container `" + id.text + "` had no state directory, but the cgroup `" + cgroup.location
          + "`")
      try end(cgroup)
    }
    try attempt(StateError.self, directory.remove())
  }

  private static func search(_ id: ContainerID, _ context: CommandContext) throws(CommandFailure)
    -> (cgroups: [Cgroup], isRootGone: Bool)
  {
    guard let mountPoint = context.host.cgroup.mountPoint else { return ([], false) }
    let (isRootGone, isWanted) = try attempt(
      StateError.self, ContainerMark.search(id, in: context.root))
    do throws(CgroupError) {
      return (try Cgroup.marked(below: mountPoint, isWanted), isRootGone)
    } catch {
      throw CommandFailure(error)
    }
  }

  private static func end(_ cgroup: Cgroup) throws(CommandFailure) {
    do throws(CgroupError) {
      try cgroup.kill()
      try cgroup.destroy()
    } catch {
      throw CommandFailure(error)
    }
  }

  /// The configuration is a file of its own: it names a group of resctrl, and the hooks that cannot
  /// run, since what they are told was in the record.
  private static func useConfig(_ directory: StateDirectory, _ context: CommandContext)
    throws(CommandFailure)
  {
    let plan: ResctrlPlan?
    do throws(StateError) {
      guard let bytes = try directory.loadConfig() else { return }
      do throws(ConfigError) {
        let config = try Config.decode(bytes)
        if !config.hooks.poststop.isEmpty {
          context.log.warning(
            "the poststop hooks of container `" + directory.id.text + "` did not run")
        }
        plan = try config.linux.intelRdt.map { (section) throws(ConfigError) in
          try ResctrlPlan.make(section, id: directory.id.text)
        }
      } catch {
        context.log.debug(error.message)
        return
      }
    } catch {
      context.log.debug(error.message)
      return
    }
    guard let removed = plan?.removed else { return }
    try attempt(SyscallError.self, ResctrlGroup.remove(removed))
  }
}
