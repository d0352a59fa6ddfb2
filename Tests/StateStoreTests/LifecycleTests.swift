import Bytes
import OCISpec
import StateStore
import Testing

@Suite("how a status is derived")
struct StatusTests {
  @Test("ST-3: created waits at the exec FIFO, running is past it, stopped has no init")
  func basic() {
    #expect(StatusFacts(isCreated: true, isAlive: true, awaitsStart: true).status == .created)
    #expect(StatusFacts(isCreated: true, isAlive: true).status == .running)
    #expect(StatusFacts(isCreated: true, isAlive: false).status == .stopped)
    #expect(StatusFacts(isCreated: true, isAlive: false, awaitsStart: true).status == .stopped)
  }

  @Test("ST-3: creating only while a create is at work; one that died is stopped")
  func creating() {
    #expect(
      StatusFacts(isCreated: false, isBeingCreated: true, isAlive: false).status == .creating)
    #expect(StatusFacts(isCreated: false, isAlive: false).status == .stopped)
  }

  @Test("frozen counts before the start, but the dead are not paused")
  func paused() {
    #expect(
      StatusFacts(isCreated: true, isAlive: true, awaitsStart: true, isFrozen: true).status
        == .paused)
    #expect(StatusFacts(isCreated: true, isAlive: true, isFrozen: true).status == .paused)
    #expect(StatusFacts(isCreated: true, isAlive: false, isFrozen: true).status == .stopped)
  }
}

@Suite("which command is allowed in which status")
struct LifecycleTests {
  /// Statuses in which each command goes on.
  private static let allowed: [(LifecycleCommand, [State.Status])] = [
    (.start, [.created]),
    (.kill, [.created, .running, .paused]),
    (.killAll, [.created, .running, .paused, .stopped]),
    (.delete, [.created, .stopped]),
    (.deleteForce, State.Status.allCases),
    (.pause, [.created, .running, .paused]),
    (.resume, [.created, .running, .paused]),
    (.exec, [.created, .running]),
    (.execIgnoringPause, [.created, .running, .paused]),
    (.update, [.created, .running, .paused]),
    (.processes, State.Status.allCases),
    (.events, [.created, .running, .paused]),
    (.mounts, [.created, .running, .paused]),
    (.checkpoint, [.running, .paused]),
  ]

  @Test("OP-8 OP-11 OP-13: the whole table")
  func table() throws {
    let id = try ContainerID("web")
    #expect(LifecycleTests.allowed.map { $0.0 } == LifecycleCommand.allCases)
    for (command, statuses) in LifecycleTests.allowed {
      for status in State.Status.allCases {
        let refusal = Lifecycle.refusal(of: command, in: status, id: id)
        #expect((refusal == nil) == statuses.contains(status), "\(command) \(status)")
      }
    }
  }

  @Test("the phrases that engines search for")
  func phrases() throws {
    let expected: [(LifecycleCommand, State.Status, ByteString)] = [
      (.start, .running, "cannot start an already running container"),
      (.start, .stopped, "cannot start a container that has stopped"),
      (.start, .paused, "cannot start a container in the paused state"),
      (.start, .creating, "cannot start a container in the creating state"),
      (.kill, .stopped, "container not running"),
      (.kill, .creating, "container not running"),
      (.delete, .running, "cannot delete container web that is not stopped: running"),
      (.delete, .paused, "cannot delete container web that is not stopped: paused"),
      (.pause, .stopped, "container not running"),
      (.resume, .stopped, "container not paused"),
      (.exec, .stopped, "cannot exec in a stopped container"),
      (.exec, .paused, "cannot exec in a paused container (--ignore-paused overrides it)"),
      (.update, .stopped, "container not running"),
      (.events, .stopped, "container with id web is not running"),
    ]
    for (command, status, text) in expected {
      #expect(Lifecycle.refusal(of: command, in: status, id: try ContainerID("web")) == text)
    }
  }

  @Test("no refusal reads as a missing file or a missing right")
  func noAccidents() throws {
    for command in LifecycleCommand.allCases {
      for status in State.Status.allCases {
        let text = Lifecycle.refusal(of: command, in: status, id: try ContainerID("web"))
        for phrase in ["does not exist", "permitted", "denied", "no such"] {
          #expect(text?.description.contains(phrase) != true)
        }
      }
    }
  }
}
