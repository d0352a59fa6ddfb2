import Bytes
import Cgroups
import Container
import Diagnosis
import Linux
import OCISpec
import Plan
import Report
import StateStore

/// `kill`, `pause`, `resume` and `delete`: commands that act on a running container.
enum Control {
  static func kill(_ options: KillOptions, _ context: CommandContext) throws(CommandFailure)
    -> Int32
  {
    guard let number = SignalName.number(options.signal) else {
      throw CommandFailure("unknown signal " + quoted(options.signal)).diagnosed(
        Diagnosis(.containerState, hint: SignalName.hint(options.signal)))
    }
    let signal = Signal(rawValue: number)
    for id in try matches(options.id, isPattern: options.regex, context) {
      let container = try Container.require(id, context)
      let order = ControlOrder.kill(
        signal, all: options.all, ownsPidNamespace: container.record.ownsPidNamespace)
      try ControlExecutor(order, id: id, context, container: container).perform()
    }
    return 0
  }

  static func pause(_ id: ByteString, _ context: CommandContext) throws(CommandFailure) -> Int32 {
    try ControlExecutor(.pause, id: id, context).perform()
    return 0
  }

  static func resume(_ id: ByteString, _ context: CommandContext) throws(CommandFailure) -> Int32 {
    try ControlExecutor(.resume, id: id, context).perform()
    return 0
  }

  static func delete(_ options: DeleteOptions, _ context: CommandContext) throws(CommandFailure)
    -> Int32
  {
    for text in try matches(options.id, isPattern: options.regex, context) {
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

  /// The ids that `pattern` means; itself unless it is a regular expression.
  private static func matches(_ id: ByteString, isPattern: Bool, _ context: CommandContext)
    throws(CommandFailure) -> [ByteString]
  {
    guard isPattern else { return [id] }
    guard let pattern = RegularExpression(id) else {
      throw CommandFailure(quoted(id) + " is not an extended regular expression")
    }
    let ids = try attempt(StateError.self, StateListing(context.root).ids)
    return ids.map { $0.text }.filter { pattern.matches($0) }
  }
}
