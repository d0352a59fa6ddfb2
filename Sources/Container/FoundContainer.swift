package import Bytes
package import Cgroups
package import Hooks
import Launch
package import Linux
package import OCISpec
import Plan
package import Report
import Seccomp
package import StateStore

/// A container that exists, found by its id.
package struct Container {
  package let id: ContainerID
  package let directory: StateDirectory
  package let record: ContainerRecord
  /// Whether this command has the container's lock: then it is not the one of a `create` at work.
  package var holdsLock = false
  private let cache: StatusCache

  /// `cache`: of a look at many.
  package init(
    id: ContainerID, directory: StateDirectory, record: ContainerRecord, holdsLock: Bool = false,
    cache: StatusCache = StatusCache()
  ) {
    self.cache = cache
    self.id = id
    self.directory = directory
    self.record = record
    self.holdsLock = holdsLock
  }

  /// nil for a directory without a record: its `create` died at once.
  package static func find(_ id: ByteString, _ context: CommandContext) throws(CommandFailure)
    -> (directory: StateDirectory, container: Container?)
  {
    try CommandFailure.from { () throws(StateError) in
      let id = try ContainerID(id)
      let directory = try StateDirectory.open(id, in: context.root)
      guard let record = try directory.loadRecord() else { return (directory, nil) }
      return (directory, Container(id: id, directory: directory, record: record))
    }
  }

  package static func require(_ id: ByteString, _ context: CommandContext) throws(CommandFailure)
    -> Container
  {
    guard let container = try find(id, context).container else {
      throw CommandFailure(StateError.doesNotExist)
    }
    return container
  }

  /// With the container's lock, and the record as it is from then on.
  package static func locked(_ id: ByteString, _ context: CommandContext) throws(CommandFailure)
    -> (Container, StateLock)
  {
    try CommandFailure.from { () throws(StateError) in
      let id = try ContainerID(id)
      let (directory, lock) = try StateDirectory.locked(id, in: context.root)
      guard let record = try directory.loadRecord() else { throw .doesNotExist }
      return (Container(id: id, directory: directory, record: record, holdsLock: true), lock)
    }
  }

  /// The container's cgroup, nil if it has none or it is gone.
  package func cgroup(_ context: CommandContext) throws(CommandFailure) -> Cgroup? {
    // Where it was made: this process may see another hierarchy than `create` did.
    guard let path = record.cgroupPath, let mountPoint = record.cgroupMountPoint else { return nil }
    do throws(CgroupError) {
      return try Cgroup.open(
        CgroupPath(recorded: path), mountPoint: mountPoint,
        manager: CgroupManagerKind(named: record.cgroupManager) ?? .cgroupfs,
        base: record.cgroupBase, root: cache.root(of: mountPoint))
    } catch {
      throw CommandFailure(error)
    }
  }

  /// Whose the cgroup is that the record leads to: what ends or signals all there is in it must not reach
  /// those of others. A number says nothing after another boot, when no mark is left either.
  package func owner(of cgroup: Cgroup) throws(CommandFailure) -> CgroupOwner {
    try CommandFailure.from { () throws(SyscallError) in
      let mark = try directory.bareMark()
      var inode: UInt64?
      if let boot = record.initProcess?.bootID, try InitIdentity.currentBootID() == boot {
        inode = record.cgroupInode
      }
      return try cgroup.owner(inode: inode) {
        ReadMark($0)?.isSame(as: mark) ?? false
      }
    }
  }

  /// The cgroup whose processes are the container's, after init too. nil where it is another's by now.
  package func ownCgroup(_ context: CommandContext) throws(CommandFailure) -> Cgroup? {
    guard let cgroup = try cgroup(context), try owner(of: cgroup) == .container else { return nil }
    return cgroup
  }

  /// Where a process is to be that joins the container; nil where it was made without a cgroup. If the
  /// recorded one is gone, init has moved itself, as a systemd does, and its own is the container's.
  package func cgroup(around initProcess: ProcessHandle, _ context: CommandContext)
    throws(CommandFailure)
    -> Cgroup?
  {
    if let cgroup = try cgroup(context) { return cgroup }
    guard let path = record.cgroupPath, let mountPoint = record.cgroupMountPoint else { return nil }
    let own = try currentCgroup(of: initProcess)
    // It was not allowed to be made, and init stayed in the caller's.
    if own == context.host.ownCgroup { return nil }
    // Outside of our cgroup namespace, or removed and kept by its processes alone.
    if !own.hasPrefix("/.."), !own.hasSuffix(" (deleted)") {
      do throws(CgroupError) {
        let found = try Cgroup.open(CgroupPath(recorded: own), mountPoint: mountPoint)
        if let found { return found }
      } catch {
        throw CommandFailure(error)
      }
    }
    throw CommandFailure(
      "the container's cgroup " + path + " is gone, and there is none that init is in: " + own)
  }

  /// The cgroup below `cgroup` that init is in, nil if it is elsewhere.
  package func cgroup(below cgroup: Cgroup, of initProcess: ProcessHandle) throws(SyscallError)
    -> Cgroup?
  {
    let own = try HostFacts.readCgroup(of: initProcess.pid)
    try initProcess.send(Signal(rawValue: 0))
    guard let mountPoint = record.cgroupMountPoint, own.hasPrefix(cgroup.location + "/") else {
      return nil
    }
    do throws(CgroupError) {
      return try Cgroup.open(CgroupPath(recorded: own), mountPoint: mountPoint)
    } catch {
      return nil
    }
  }

  private func currentCgroup(of process: ProcessHandle) throws(CommandFailure) -> ByteString {
    try CommandFailure.from { () throws(SyscallError) in
      let path = try HostFacts.readCgroup(of: process.pid)
      // The number may have changed hands while we looked: the process itself cannot have.
      try process.send(Signal(rawValue: 0))
      return path
    }
  }

  /// Init by a descriptor, nil when it has ended.
  package func openInit() throws(CommandFailure) -> ProcessHandle? {
    guard let process = record.initProcess else { return nil }
    return try cache.open(process)
  }

  package func status() throws(CommandFailure) -> State.Status {
    let process = record.initProcess
    let isAlive = try openInit() != nil
    var facts = StatusFacts(isCreated: process != nil, isAlive: isAlive)
    if process == nil && !holdsLock {
      facts.isBeingCreated = try attempt(StateError.self, directory.isLocked())
    } else if isAlive {
      facts.awaitsStart = try attempt(SyscallError.self, directory.awaitsStart())
      facts.isFrozen = try cache.isFrozen(record)
    }
    return facts.status
  }

  /// Throws what `Lifecycle` says unless `command` may go on.
  @discardableResult
  package func check(_ command: LifecycleCommand, _ context: CommandContext) throws(CommandFailure)
    -> State.Status
  {
    let status = try status()
    if let refusal = Lifecycle.refusal(of: command, in: status, id: id) {
      throw CommandFailure(refusal)
    }
    return status
  }

  /// Whether init ends now, because it has been killed: callers send SIGKILL and delete at once. One that
  /// was not killed is not waited for.
  package func killedInitEnds() throws(CommandFailure) -> Bool {
    try CommandFailure.from { () throws(SyscallError) in
      guard let identity = record.initProcess, let process = try identity.open() else {
        return true
      }
      // A moment for one that is between the signal and its exit, more for one whose children end first.
      for milliseconds: Int32 in [5, 995] {
        let events = try Polling.wait([(process.handle, .input)], milliseconds: milliseconds)
        if !events[0].isEmpty { return true }
        guard try identity.isEnding() else { break }
      }
      return false
    }
  }

  /// The configuration that `create` was given.
  package func config() throws(CommandFailure) -> Config {
    let bytes = try configText()
    do throws(ConfigError) { return try Config.decode(bytes) } catch { throw CommandFailure(error) }
  }

  /// The part of it that a process is planned from which joins.
  package func configReading(_ context: CommandContext) throws(CommandFailure) -> ConfigReading {
    let bytes = try configText()
    do throws(ConfigError) { return try ConfigReading(bytes, execIn: directory, context) } catch {
      throw CommandFailure(error)
    }
  }

  private func configText() throws(CommandFailure) -> [UInt8] {
    let bytes = try attempt(StateError.self, directory.loadConfig())
    guard let bytes else { throw CommandFailure("container does not exist") }
    return bytes
  }

  package func state(_ context: CommandContext, owner: ByteString = "") throws(CommandFailure)
    -> State
  {
    let status = try status()
    let isGone = status == .stopped || status == .creating
    // What ended it; while it runs `events` tells.
    let outOfMemory = status == .stopped ? try cgroup(context)?.outOfMemory() : nil
    var extras = State.Extras(
      rootfs: record.rootfs,
      created: Timestamp.text(
        seconds: record.createdSeconds, nanoseconds: record.createdNanoseconds),
      owner: owner, outOfMemory: outOfMemory?.message)
    extras.mounts = isGone ? nil : record.stateOfLiveMounts
    return State(
      id: record.id, status: status, pid: isGone ? 0 : record.initProcess?.pid ?? 0,
      bundle: record.bundle, annotations: record.annotations,
      extras: extras)
  }

  /// For hooks of the host, in the bundle where it still exists.
  package func hookRunner(status: State.Status, pid: Int32?) -> HookRunner {
    let state = State(
      id: record.id, status: status, pid: pid, bundle: record.bundle,
      annotations: record.annotations)
    do throws(SyscallError) {
      let bundle = SharedDescriptor(
        try Handle.currentDirectory.open(record.bundle, [.path, .directory]))
      return HookRunner(
        state: state.encoded, environment: ProcessArguments.environment, directory: bundle)
    } catch {
      return HookRunner(state: state.encoded, environment: ProcessArguments.environment)
    }
  }
}
