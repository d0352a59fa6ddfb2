import StateStore
import Testing

/// Every order of the system calls of several commands on one id, each of which may be killed before
/// any of its calls, over a state root with that one name in it.
private struct World: Hashable {
  struct Directory: Hashable {
    /// The number of the container that is recorded there.
    var record: Int?
    var holder: Int?
  }

  enum Command: Hashable {
    case create
    /// As after a step that fails.
    case createUndone
    /// In the foreground, to its end.
    case run
    case delete
  }

  enum Phase: Hashable {
    case taking(LockAcquisition)
    case record, start, unlock
    /// The container of this number, nil for a directory without a record.
    case kill(Int?)
    case unlink, removeDirectory
    case done
  }

  struct Actor: Hashable {
    var command: Command
    var phase: Phase
    /// What it opened.
    var directory: Int?
    /// A `run` whose program has ended looks at the record: is that still its container?
    var isAtEnd = false

    init(_ command: Command) {
      self.command = command
      phase = .taking(LockAcquisition(command == .delete ? .existing : .new))
    }
  }

  var name: Int?
  var directories: [Directory] = []
  var living: Set<Int> = []
  var actors: [Actor]
  var kills: Int
  /// Leaves out the look at the record, to see that the search would find what that prevents.
  var isBlind = false
  var complaint: String?

  init(_ commands: [Command], kills: Int, isBlind: Bool = false) {
    actors = commands.map { Actor($0) }
    self.kills = kills
    self.isBlind = isBlind
  }

  /// All worlds that are one system call, or one kill, away.
  var successors: [World] {
    var all = [World]()
    for index in actors.indices where actors[index].phase != .done {
      if let next = after(index) { all.append(next) }
      if kills > 0 {
        var next = self
        next.kills -= 1
        next.release(index)
        next.actors[index].phase = .done
        all.append(next)
      }
    }
    return all
  }

  private mutating func release(_ index: Int) {
    for number in directories.indices where directories[number].holder == index {
      directories[number].holder = nil
    }
  }

  /// The next call of this actor; nil if it waits for the lock.
  private func after(_ index: Int) -> World? {
    var world = self
    switch actors[index].phase {
    case .taking(let acquisition): return world.take(acquisition, index) ? world : nil
    default: world.act(index)
    }
    return world
  }

  private mutating func take(_ taking: LockAcquisition, _ index: Int) -> Bool {
    var acquisition = taking
    let answer: LockAcquisition.Answer
    let own = actors[index].directory
    switch acquisition.call {
    case .makeDirectory:
      release(index)
      answer = name == nil ? .done : .present
      if name == nil {
        name = directories.count
        directories.append(Directory())
      }
    case .open:
      actors[index].directory = name
      answer = name == nil ? .absent : .done
    case .lock:
      guard let own, directories[own].holder == nil else { return false }
      directories[own].holder = index
      answer = .done
    case .compare: answer = own == name ? .done : .absent
    case .findRecord:
      let isFree = own.flatMap { directories[$0].record } == nil
      answer = isFree || isBlind ? .absent : .present
    }
    switch acquisition.proceed(answer) {
    case nil: actors[index].phase = .taking(acquisition)
    case .taken?: actors[index].phase = afterTaking(index)
    default:
      release(index)
      actors[index].phase = .done
    }
    return true
  }

  private func afterTaking(_ index: Int) -> Phase {
    guard let own = actors[index].directory else { return .done }
    let record = directories[own].record
    if actors[index].isAtEnd { return record == index ? .kill(record) : .unlock }
    return actors[index].command == .delete ? .kill(record) : .record
  }

  private mutating func act(_ index: Int) {
    guard let own = actors[index].directory else { return }
    let command = actors[index].command
    if own != name || directories[own].holder != index {
      complaint = "\(index) acts on what is not its own"
    }
    switch actors[index].phase {
    case .record:
      if directories[own].record != nil { complaint = "\(index) overwrites a record" }
      directories[own].record = index
      actors[index].phase = .start
    case .start:
      living.insert(index)
      actors[index].phase = command == .createUndone ? .kill(index) : .unlock
    case .unlock:
      release(index)
      let goesOn = command == .run && !actors[index].isAtEnd
      actors[index].isAtEnd = goesOn
      actors[index].phase = goesOn ? .taking(LockAcquisition(.opened)) : .done
    case .kill(let container):
      if let container { living.remove(container) }
      actors[index].phase = .unlink
    case .unlink:
      directories[own].record = nil
      actors[index].phase = .removeDirectory
    case .removeDirectory:
      if let name, directories[name].record != nil { complaint = "\(index) removes a container" }
      name = nil
      release(index)
      actors[index].phase = .done
    case .taking, .done: break
    }
  }

  /// What must hold at any moment.
  var violation: String? {
    if let complaint { return complaint }
    let recorded = name.flatMap { directories[$0].record }
    if let lost = living.first(where: { $0 != recorded }) { return "container \(lost) is lost" }
    let isOver = actors.allSatisfy { $0.phase == .done }
    if isOver, kills == 1, name != nil, living.isEmpty { return "a directory is left" }
    return nil
  }
}

@Suite("Commands on one id, in every order of their system calls")
struct LockAcquisitionTests {
  /// The first violation there is, and how many worlds were seen.
  private func search(_ start: World) -> (violation: String?, count: Int) {
    var seen: Set<World> = [start]
    var queue = [start]
    while let world = queue.popLast() {
      if let violation = world.violation { return (violation, seen.count) }
      for next in world.successors where seen.insert(next).inserted { queue.append(next) }
    }
    return (nil, seen.count)
  }

  fileprivate static let commands: [World.Command] = [.create, .createUndone, .run, .delete]

  @Test("no four commands lose a container, nor does one that is killed")
  func everyOrder() {
    var count = 0
    for choice in 0..<256 {
      let digits = [choice % 4, choice / 4 % 4, choice / 16 % 4, choice / 64]
      // The order of the actors means nothing.
      guard digits == digits.sorted() else { continue }
      let commands = digits.map { LockAcquisitionTests.commands[$0] }
      let (violation, seen) = search(World(commands, kills: 1))
      #expect(violation == nil, "\(commands)")
      count += seen
    }
    #expect(count > 100_000)
  }

  @Test("without the look at the record the search finds the container that is lost")
  func blind() {
    let found = search(World([.create, .delete, .create], kills: 0, isBlind: true))
    #expect(found.violation != nil)
  }

  @Test("an id that others take and give up all the time is given up at last")
  func bounded() {
    var acquisition = LockAcquisition(.new)
    var outcome: LockAcquisition.Outcome?
    var calls = 0
    while outcome == nil {
      outcome = acquisition.proceed(acquisition.call == .makeDirectory ? .done : .absent)
      calls += 1
    }
    #expect(outcome == .contended)
    #expect(calls < 1000)
  }
}
