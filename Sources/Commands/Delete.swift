import Bytes
import Container
import Linux
import Report
import StateStore

/// `delete`: takes a container apart.
enum Delete {
  static func perform(_ options: DeleteOptions, _ context: CommandContext) throws(CommandFailure)
    -> Int32
  {
    for text in try Matching.ids(options.id, isPattern: options.regex, context) {
      let id = try attempt(StateError.self, ContainerID(text))
      guard let (directory, lock) = try claim(id, context) else {
        // `--force` is for cleaning up: that nothing is there is success.
        if options.force {
          try Recovery.perform(id, context)
          continue
        }
        throw CommandFailure(StateError.doesNotExist)
      }
      defer { lock.release() }
      try delete(directory, force: options.force, context)
    }
    return 0
  }

  /// The directory with its lock held, nil if there is none or another command just removed it.
  private static func claim(_ id: ContainerID, _ context: CommandContext) throws(CommandFailure)
    -> (StateDirectory, StateLock)?
  {
    do throws(StateError) {
      return try StateDirectory.locked(id, in: context.root)
    } catch {
      if case .doesNotExist = error { return nil }
      throw CommandFailure(error)
    }
  }

  private static func delete(
    _ directory: StateDirectory, force: Bool, _ context: CommandContext
  ) throws(CommandFailure) {
    let record: ContainerRecord?
    do throws(StateError) { record = try directory.loadRecord() } catch {
      guard force, case .damagedRecord = error else { throw CommandFailure(error) }
      context.log.warning(error.message)
      record = nil
    }
    guard let record else {
      try checkOwner(of: directory, context)
      if force { return try Recovery.perform(directory, context) }
      try CommandFailure.from { () throws(StateError) in
        // A `create` that died before it recorded anything made nothing else.
        if try !directory.lostRecord() { try directory.remove() }
      }
      throw CommandFailure(StateError.doesNotExist)
    }
    let container = Container(
      id: directory.id, directory: directory, record: record, holdsLock: true)
    do throws(CommandFailure) {
      try container.check(force ? .deleteForce : .delete, context)
    } catch {
      guard try container.killedInitEnds() else { throw error }
      try container.check(.delete, context)
    }
    // A signal ends a poststop hook that hangs, and never the deletion: half of one would run the hooks again.
    try attempt(SyscallError.self, Interruption.begin())
    Interruption.disarm()
    let teardown = try Teardown(container, context)
    if teardown.process == nil { EndReport.keep(deleted: container, teardown.cgroup, context) }
    try teardown.perform()
  }

  /// Without a record that can be read, a directory may be another program's, or another runtime's.
  private static func checkOwner(of directory: StateDirectory, _ context: CommandContext)
    throws(CommandFailure)
  {
    let isOurs = try attempt(
      SyscallError.self, directory.isOurs() && !directory.hasForeignRecord())
    if isOurs { return }
    throw CommandFailure(
      "`" + context.root.path.escaped(limit: 200) + "/" + directory.id.text
        + "` is not what apus has made: it stays as it is")
  }
}
