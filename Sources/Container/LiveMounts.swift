package import Bytes
import Launch
import Linux
import Namespaces
import OCISpec
import Plan
package import Report
package import Rootfs
import StateStore

/// What the steps of `mounts` work with: `ControlOrder` has their order.
///
/// The record knows the id of each mount before it is attached, and of each that is going to be removed
/// before the first is: the next command completes or takes back what one that was killed has left.
package final class LiveMounts {
  package enum Request {
    case add(RootfsPlan)
    /// Destinations. `force`: also mounts of the configuration.
    case remove([ByteString], force: Bool)
    /// What a command that was killed has left.
    case settle
  }

  private let request: Request
  private let context: CommandContext
  /// An entry of the caller's document, by its place in it, that breaks a rule.
  private let refusal: (Int, ByteString) -> CommandFailure

  private var found: Container?
  private var process: ProcessHandle?
  private var namespaces: [OpenedNamespace] = []
  private var rootfs: RootfsContext?
  private var stage: MountStage?
  /// As it is going to be.
  private var mounts: [LiveMount] = []
  /// Whether nothing was done because a command that was killed has left something: `settle` comes first.
  package private(set) var needsSettling = false

  package init(
    _ request: Request, _ context: CommandContext,
    refusal: @escaping (Int, ByteString) -> CommandFailure
  ) {
    self.request = request
    self.context = context
    self.refusal = refusal
  }
}

extension LiveMounts {
  func openNamespaces(of container: Container) throws(CommandFailure) {
    found = container
    mounts = container.record.liveMounts
    if container.record.hasUnsettledMounts {
      // Of the record with the lock held: the other command may have been killed while we waited for it.
      guard case .settle = request else {
        needsSettling = true
        throw CommandFailure("another `mounts` command was killed: try again")
      }
    }
    guard let process = try container.openInit() else { throw ControlExecutor.notRunning }
    self.process = process
    let config = try container.config()
    let kinds: [NamespaceKind]
    do throws(ConfigError) {
      let plan = try NamespacePlan.make(config: config)
      // What a filesystem shows depends on these.
      kinds = [.user, .ipc, .network, .cgroup, .mount, .pid].filter { plan.has($0) }
    } catch {
      throw CommandFailure(error)
    }
    let (opened, strayed) = try attempt(
      SyscallError.self,
      OpenedNamespace.all(of: process, kinds, recorded: container.record.namespaces))
    if let strayed {
      throw CommandFailure(
        "init has left the " + strayed.name + " namespace that the container was created with")
    }
    guard opened.contains(where: { $0.kind == .mount }) else {
      throw CommandFailure("the container has no mount namespace of its own")
    }
    namespaces = opened
  }

  func openSources() throws(CommandFailure) {
    guard case .add(let plan) = request else { return }
    var idMaps: [(pointer: ByteString, namespace: SharedDescriptor)] = []
    for mount in plan.mounts {
      guard let map = mount.idMap else { continue }
      let ids = IDMapPlan(users: map.users, groups: map.groups)
      let own = map.users.isEmpty ? namespaces.first { $0.kind == .user } : nil
      try perform(mount) { () throws(SyscallError) in
        let namespace: SharedDescriptor
        if let own { namespace = own.shared } else { namespace = try ids.makeNamespace() }
        idMaps.append((mount.pointer, namespace))
      }
    }
    let rootfs = try attempt(
      SyscallError.self,
      RootfsContext.live(
        plan, procfs: SharedDescriptor(Procfs.openHost()), idMaps: idMaps))
    for mount in plan.mounts {
      try perform(mount) { () throws(SyscallError) in
        do throws(SyscallError) { try rootfs.pinLive(mount) } catch {
          guard error.errno == .EPERM, mount.typeName == "bind",
            namespaces.contains(where: { $0.kind == .user })
          else { throw error }
          rootfs.postpone(mount)
        }
      }
    }
    self.rootfs = rootfs
  }

  private func perform(_ mount: MountPlan, _ body: () throws(SyscallError) -> Void)
    throws(CommandFailure)
  {
    do throws(SyscallError) { try body() } catch {
      throw CommandFailure(StepFailure(step: mount.title, pointer: mount.pointer, error))
    }
  }

  func enter() throws(CommandFailure) {
    let rootfs =
      if let rootfs { rootfs } else {
        try attempt(
          SyscallError.self, RootfsContext.live(procfs: SharedDescriptor(Procfs.openHost())))
      }
    stage = try attempt(
      StepFailure.self,
      MountStage.enter(namespaces, rootfs, isPrivileged: context.host.effectiveUserID == 0))
  }

  func add(_ index: Int) throws(CommandFailure) {
    guard let stage, case .add(let plan) = request else { return }
    let mount = plan.mounts[index]
    var failure: CommandFailure?
    do throws(StepFailure) {
      try stage.mount(index) { id in
        mounts.append(
          LiveMount(
            destination: mount.destination, source: mount.source, type: mount.typeName, id: id,
            phase: .adding))
        do throws(CommandFailure) {
          try save()
          return true
        } catch {
          failure = error
          return false
        }
      }
    } catch {
      throw failure ?? CommandFailure(error)
    }
  }

  func keep() throws(CommandFailure) {
    settle(.adding)
    try save()
    stage?.end(undo: false)
  }

  /// After a failure: nothing that was mounted stays.
  func takeBack() throws(CommandFailure) {
    stage?.end(undo: true)
    guard case .add = request else { return }
    let left = try present.filter { $0.phase == .adding }
    if !left.isEmpty {
      // The process was killed before it could.
      let other = LiveMounts(.settle, context, refusal: refusal)
      other.found = found
      other.process = process
      other.namespaces = namespaces
      other.mounts = mounts
      try other.enter()
      for mount in left { _ = try other.isFound(mount) }
      try other.unmount()
    }
    mounts.removeAll { $0.phase == .adding }
    try save()
  }
}

extension LiveMounts {
  /// Finds what is going to be removed.
  func mark() throws(CommandFailure) {
    let table = try table
    switch request {
    case .add: return
    case .settle: try markLeft(table)
    case .remove(let destinations, let force):
      for (index, destination) in destinations.enumerated() {
        try mark(destination, force: force, index, table)
      }
    }
    try save()
  }

  private func mark(_ destination: ByteString, force: Bool, _ place: Int, _ table: [MountInfo])
    throws(CommandFailure)
  {
    if let index = mounts.lastIndex(where: {
      $0.destination == destination && $0.phase == .mounted
    }) {
      mounts[index].phase = .removing
      guard mounts[index].place(in: table) != nil else {
        return context.log.warning("the mount on " + quoted(destination) + " was gone already")
      }
      if try !isFound(mounts[index]) {
        throw refusal(
          place,
          "the mount on " + quoted(destination)
            + " cannot be reached: another one lies over it, or its path is renamed all the time")
      }
      return
    }
    let configured = try configured
    guard let mount = configured.first(where: { $0.destination.cleanedPath == destination }) else {
      throw refusal(place, "there is no mount on " + quoted(destination) + " to remove")
    }
    guard force else {
      throw refusal(
        place, quoted(destination) + " is a mount of the configuration, which only --force removes")
    }
    guard let stage, destination != "/",
      let id = try attempt(StepFailure.self, stage.find(destination))
    else { throw refusal(place, quoted(destination) + " is no mount any more") }
    mounts.append(
      LiveMount(
        destination: destination, source: mount.source ?? "", type: mount.type ?? "", id: id,
        phase: .removing))
  }

  private var configured: [Mount] {
    get throws(CommandFailure) { try found?.config().mounts ?? [] }
  }

  /// All mounts of an `add` that was killed, or none.
  private func markLeft(_ table: [MountInfo]) throws(CommandFailure) {
    let added = try present.filter { $0.phase == .adding }
    if added.count == found?.record.addedMounts { settle(.adding) }
    for index in mounts.indices where mounts[index].phase != .mounted {
      mounts[index].phase = .removing
      guard mounts[index].place(in: table) != nil else { continue }
      if try !isFound(mounts[index]) {
        context.log.warning(
          "the mount on " + quoted(mounts[index].destination)
            + ", left by a command that was killed, cannot be reached")
        mounts[index].phase = .mounted
      }
    }
  }

  /// Opens the mount in the container, where it is by now. The container may rename a directory of its
  /// path between two looks.
  private func isFound(_ mount: LiveMount) throws(CommandFailure) -> Bool {
    for _ in 0..<100 {
      guard let stage, let place = mount.place(in: try table) else { return false }
      if try attempt(StepFailure.self, stage.find(place, mount.id)) == mount.id { return true }
    }
    return false
  }

  func unmount() throws(CommandFailure) {
    guard let stage else { return }
    try attempt(StepFailure.self, stage.unmount())
    stage.end(undo: false)
    if let left = try present.first(where: { $0.phase == .removing }) {
      throw CommandFailure("the mount on " + quoted(left.destination) + " cannot be removed")
    }
  }

  func forget() throws(CommandFailure) {
    mounts.removeAll { $0.phase == .removing }
    try save()
  }

  func restoreRecord() throws(CommandFailure) {
    guard let found else { return }
    mounts = found.record.liveMounts
    try save()
  }
}

extension LiveMounts {
  private func settle(_ phase: LiveMount.Phase) {
    for index in mounts.indices where mounts[index].phase == phase {
      mounts[index].phase = .mounted
    }
  }

  private var table: [MountInfo] {
    get throws(CommandFailure) {
      guard let process else { throw ControlExecutor.notRunning }
      return try attempt(SyscallError.self, MountInfo.read(of: process))
    }
  }

  /// Those of the record that are there.
  private var present: [LiveMount] {
    get throws(CommandFailure) {
      let table = try table
      return mounts.filter { $0.place(in: table) != nil }
    }
  }

  private func save() throws(CommandFailure) {
    guard let found else { return }
    var record = found.record
    record.liveMounts = mounts
    if case .add(let plan) = request { record.addedMounts = plan.mounts.count }
    try attempt(StateError.self, found.directory.save(record))
  }
}
