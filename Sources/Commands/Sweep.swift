import Bytes
import Cgroups
import Container
import Linux
import Namespaces
import Report
import StateStore

/// Finds what killed commands have left, and removes what is certainly dead and ours.
///
/// Everything is decided with the container's lock held, which a command at work has; one that is held is passed
/// over, and so is nothing else but what the decision was about removed.
struct Sweep {
  struct Item: Equatable {
    enum Action: Equatable { case removed, kept, failed }

    /// `container`, `cgroup`, `file`, `root`.
    var kind: ByteString
    var name: ByteString
    var root: ByteString
    var reason: ByteString
    var action: Action
    /// The command for what is kept.
    var help: ByteString = ""
  }

  /// What is known of a directory below the root, with its lock held.
  struct Facts: Equatable {
    enum Record: Equatable { case none, damaged, creating, created }

    var record: Record
    /// Init, the one that waits at a FIFO, or anything in the cgroup.
    var livesOn: Bool
    var awaitsStart = false
    var isOfAnotherBoot = false
    var hasBundle = true
    /// Whether a directory without a record can be another program's.
    var isForeign = false
  }

  enum Verdict: Equatable {
    /// As it should be.
    case fine
    case remove(ByteString)
    case keep(ByteString, help: ByteString)
  }

  let context: CommandContext
  let isDry: Bool
  private(set) var items: [Item] = []
  private var root: StateRoot
  /// The cgroups that are marked as the root's.
  private var marks: [(cgroup: Cgroup, mark: ReadMark)] = []

  init(_ context: CommandContext, isDry: Bool) {
    self.context = context
    self.isDry = isDry
    root = context.root
  }

  func count(_ action: Item.Action) -> Int { items.filter { $0.action == action }.count }

  /// The one table of what is removed.
  static func verdict(_ facts: Facts) -> Verdict {
    switch facts.record {
    case .damaged:
      return .keep("its record is damaged", help: "delete --force")
    case .none:
      if facts.isForeign {
        return .keep("it has no record, and may be another program's", help: "")
      }
      if facts.livesOn { return .keep("it has no record, but a process", help: "delete --force") }
      return .remove("its create was killed before it recorded anything")
    case .creating:
      if facts.livesOn {
        return .keep("its create was killed, but a process lives", help: "delete")
      }
      return .remove("its create was killed")
    case .created:
      if facts.livesOn { return .fine }
      if facts.isOfAnotherBoot { return .remove("it is of another boot of this machine") }
      if facts.awaitsStart { return .remove("it ended before it was started") }
      if !facts.hasBundle { return .remove("it is stopped, and its bundle is gone") }
      return .keep("it is stopped, and whoever made it may ask for it", help: "delete")
    }
  }
}

extension Sweep {
  mutating func perform(allRoots: Bool) throws(CommandFailure) {
    // A signal ends a poststop hook that hangs, and never half a deletion.
    try attempt(SyscallError.self, Interruption.begin())
    Interruption.disarm()
    let all = try readMarks()
    var identities = [ByteString]()
    var seen = [ByteString]()
    let own = context.root
    for root in [own] + (allRoots ? KnownRoots.all(all.map { $0.mark.path }) : [])
    where !seen.contains(root.path) {
      seen.append(root.path)
      self.root = root
      do throws(StateError) {
        guard let identity = try root.identity() else { continue }
        // The same one by another path.
        if identities.contains(identity) { continue }
        identities.append(identity)
        marks = all.filter { $0.mark.root == identity }
        let listing = try StateListing(root)
        for id in listing.ids { sweep(id, listing, isOwn: root == own) }
        for file in try root.leftovers() { remove(file) }
        for entry in marks { sweep(entry.cgroup, entry.mark, listing) }
      } catch {
        if root == own { throw CommandFailure(error) }
        items.append(
          Item(kind: "root", name: root.path, root: root.path, reason: error.message, action: .kept)
        )
      }
    }
    if !allRoots { return }
    for (cgroup, mark) in all where !identities.contains(mark.root) {
      // Its root may be out of sight, in another mount namespace.
      items.append(
        Item(
          kind: "cgroup", name: cgroup.location, root: mark.path,
          reason: "no state root is found that its container `" + mark.id.escaped() + "` is of",
          action: .kept,
          help: "if it is not one of another mount namespace: rmdir "
            + (context.host.cgroup.mountPoint ?? "")
            + cgroup.location))
    }
  }

  private func readMarks() throws(CommandFailure) -> [(cgroup: Cgroup, mark: ReadMark)] {
    guard let mountPoint = context.host.cgroup.mountPoint else { return [] }
    var marks = [ReadMark]()
    do throws(CgroupError) {
      let cgroups = try Cgroup.marked(below: mountPoint) {
        guard let mark = ReadMark($0) else { return false }
        marks.append(mark)
        return true
      }
      return Array(zip(cgroups, marks)).map { (cgroup: $0.0, mark: $0.1) }
    } catch {
      throw CommandFailure(error)
    }
  }

  /// Containers.

  private mutating func sweep(_ id: ContainerID, _ listing: StateListing, isOwn: Bool) {
    do throws(CommandFailure) {
      guard let (directory, lock) = try claim(id, listing) else { return }
      defer { lock.release() }
      try sweep(directory, isOwn: isOwn)
    } catch {
      add("container", id.text, error.message, .failed)
    }
  }

  /// nil for one that a command is at work on, or that is gone.
  private func claim(_ id: ContainerID, _ listing: StateListing) throws(CommandFailure) -> (
    StateDirectory, StateLock
  )? {
    do throws(StateError) {
      let directory = try listing.open(id)
      return (directory, try directory.lock(milliseconds: 0))
    } catch {
      switch error {
      case .doesNotExist, .busy: return nil
      case .emptyID, .invalidID, .alreadyExists, .damagedRecord, .recordTooLarge, .unsafeRoot,
        .refused, .system:
        throw CommandFailure(error)
      }
    }
  }

  private mutating func sweep(_ directory: StateDirectory, isOwn: Bool) throws(CommandFailure) {
    var facts = Facts(record: .none, livesOn: false)
    var container: Container?
    do throws(StateError) {
      if let record = try directory.loadRecord() {
        container = Container(
          id: directory.id, directory: directory, record: record, holdsLock: true)
        facts.record = record.initProcess == nil ? .creating : .created
        if record.id != directory.id.text { facts.record = .damaged }
      }
    } catch {
      guard case .damagedRecord = error else { throw CommandFailure(error) }
      facts.record = .damaged
    }
    if let container, facts.record != .damaged {
      try look(at: container, &facts)
    } else if facts.record == .none {
      facts.isForeign = try attempt(SyscallError.self, !directory.isOurs() || !isOwn)
      facts.livesOn = try hasProcess(directory)
    }
    switch Sweep.verdict(facts) {
    case .fine:
      let files = try attempt(SyscallError.self, directory.leftovers())
      for file in files { remove(file) }
    case .keep(let reason, let help):
      add(
        "container", directory.id.text, reason, .kept,
        help: help.isEmpty ? "" : "apus --root " + root.path + " " + help + " " + directory.id.text)
    case .remove(let reason):
      if !isDry { try remove(directory, container) }
      add("container", directory.id.text, reason, .removed)
    }
  }

  private func look(at container: Container, _ facts: inout Facts) throws(CommandFailure) {
    let record = container.record
    facts.livesOn = try container.openInit() != nil
    // Init of a create that was killed ends by itself when it sees that.
    var patience = facts.record == .creating && !facts.livesOn ? 40 : 1
    while !facts.livesOn, patience > 0 {
      patience -= 1
      guard let cgroup = try container.ownCgroup(context) else { break }
      do throws(CgroupError) { if try cgroup.processes().isEmpty { break } } catch {
        throw CommandFailure(error)
      }
      if patience == 0 { facts.livesOn = true } else { Clock.sleep(milliseconds: 50) }
    }
    facts.awaitsStart = try attempt(SyscallError.self, container.directory.awaitsStart())
    facts.hasBundle = HostLook.status(record.bundle) != nil
    if let boot = record.initProcess?.bootID {
      facts.isOfAnotherBoot = try attempt(SyscallError.self, InitIdentity.currentBootID() != boot)
    }
  }

  /// By all that leads to one without a record.
  private func hasProcess(_ directory: StateDirectory) throws(CommandFailure) -> Bool {
    if try attempt(SyscallError.self, directory.loadInit()?.open()) != nil { return true }
    if try attempt(SyscallError.self, directory.execFIFOIsHeld()) { return true }
    do throws(CgroupError) {
      for entry in marks where entry.mark.id == directory.id.text {
        if try !entry.cgroup.processes().isEmpty { return true }
      }
    } catch {
      throw CommandFailure(error)
    }
    return false
  }

  private func remove(_ directory: StateDirectory, _ container: Container?) throws(CommandFailure) {
    let context = CommandContext(
      root: root, log: self.context.log, host: self.context.host,
      cgroupManager: self.context.cgroupManager)
    guard let container else { return try Recovery.perform(directory, context) }
    let teardown = try Teardown(container, context)
    EndReport.keep(deleted: container, teardown.cgroup, context)
    try teardown.perform()
  }

  /// The rest.

  private mutating func remove(_ file: Leftover) {
    do throws(SyscallError) {
      if !isDry { try file.remove() }
      add("file", file.path, file.reason, .removed)
    } catch {
      add("file", file.path, error.message, .failed)
    }
  }

  /// A cgroup whose container has no directory. That is held meanwhile, so that no create gets the id.
  private mutating func sweep(_ cgroup: Cgroup, _ mark: ReadMark, _ listing: StateListing) {
    do throws(StateError) {
      let id = try ContainerID(mark.id)
      // One that a delete has removed since is not ours to report, and its id not to be held.
      if listing.ids.contains(id) || cgroup.isRemoved { return }
      if isDry { return try sweep(cgroup, of: id) }
      let (directory, lock) = try StateDirectory.claim(id, in: root)
      defer { lock.release() }
      try sweep(cgroup, of: id)
      try directory.remove()
    } catch {
      switch error {
      // There is a container by now.
      case .alreadyExists, .busy: return
      case .emptyID, .invalidID, .doesNotExist, .damagedRecord, .recordTooLarge, .unsafeRoot,
        .refused, .system:
        add("cgroup", cgroup.location, error.message, .failed)
      }
    }
  }

  private mutating func sweep(_ cgroup: Cgroup, of id: ContainerID) throws(StateError) {
    let reason = "its container `" + id.text + "` has no state directory"
    do throws(CgroupError) {
      let processes = try cgroup.processes().count
      if processes == 0 {
        let isGone = isDry ? true : try cgroup.removeIfIdle()
        if isGone { return add("cgroup", cgroup.location, reason, .removed) }
      }
      add(
        "cgroup", cgroup.location,
        reason + ", but " + ByteString(decimal: processes)
          + (processes == 1 ? " process" : " processes"),
        .kept, help: "apus --root " + root.path + " delete --force " + id.text)
    } catch {
      add("cgroup", cgroup.location, CommandFailure(error).message, .failed)
    }
  }

  private mutating func add(
    _ kind: ByteString, _ name: ByteString, _ reason: ByteString, _ action: Item.Action,
    help: ByteString = ""
  ) {
    items.append(
      Item(
        kind: kind, name: name, root: root.path, reason: reason, action: action, help: help))
  }
}
