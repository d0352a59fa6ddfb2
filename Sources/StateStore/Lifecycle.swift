package import Bytes
package import OCISpec

/// What the disk and the kernel say about a container at one moment.
package struct StatusFacts: Equatable, Sendable {
  /// The record says that `create` completed.
  package var isCreated: Bool
  /// A process holds the lock of a container that is not created yet.
  package var isBeingCreated: Bool
  /// The init of the record runs: same start time, same boot, not a zombie.
  package var isAlive: Bool
  /// The start FIFO still exists.
  package var awaitsStart: Bool
  /// The cgroup says `frozen 1`.
  package var isFrozen: Bool

  package init(
    isCreated: Bool, isBeingCreated: Bool = false, isAlive: Bool, awaitsStart: Bool = false,
    isFrozen: Bool = false
  ) {
    self.isCreated = isCreated
    self.isBeingCreated = isBeingCreated
    self.isAlive = isAlive
    self.awaitsStart = awaitsStart
    self.isFrozen = isFrozen
  }

  /// A `create` that died is `stopped`: nothing but `delete` can be done with it. Frozen counts
  /// before the FIFO, because a start of a frozen init makes no progress.
  package var status: State.Status {
    if !isCreated { return isBeingCreated ? .creating : .stopped }
    if !isAlive { return .stopped }
    if isFrozen { return .paused }
    return awaitsStart ? .created : .running
  }
}

/// A command that acts on a container that exists.
package enum LifecycleCommand: Equatable, Sendable, CaseIterable {
  case start, kill, killAll, delete, deleteForce, pause, resume, exec, execIgnoringPause
  case update, processes, events, mounts, checkpoint
}

/// Which command is allowed in which status, and the error when it is not: the only such table.
package enum Lifecycle {
  /// Nil when `command` may go on; else the text, with the phrases that engines search for.
  package static func refusal(
    of command: LifecycleCommand, in status: State.Status, id: ContainerID
  ) -> ByteString? {
    switch (command, status) {
    case (.start, .created): .none
    case (.start, .running): "cannot start an already running container"
    case (.start, .stopped): "cannot start a container that has stopped"
    case (.start, _): "cannot start a container in the " + status.name + " state"

    // Engines sweep a container whose init is gone with `kill --all`, and expect success.
    case (.killAll, .stopped): .none
    case (.kill, .created), (.kill, .running), (.kill, .paused): .none
    case (.killAll, .created), (.killAll, .running), (.killAll, .paused): .none
    case (.kill, _), (.killAll, _): "container not running"

    // A created container is killed first: the specification says error, every engine relies on it.
    case (.delete, .stopped), (.delete, .created), (.deleteForce, _): .none
    case (.delete, _):
      "cannot delete container " + id.text + " that is not stopped: " + status.name

    // Both are idempotent: a retry must not fail.
    case (.pause, .created), (.pause, .running), (.pause, .paused): .none
    case (.pause, _): "container not running"
    case (.resume, .created), (.resume, .running), (.resume, .paused): .none
    case (.resume, _): "container not paused"

    case (.exec, .created), (.exec, .running): .none
    case (.execIgnoringPause, .created), (.execIgnoringPause, .running): .none
    case (.execIgnoringPause, .paused): .none
    case (.exec, .paused): "cannot exec in a paused container (--ignore-paused overrides it)"
    case (.exec, .stopped), (.execIgnoringPause, .stopped): "cannot exec in a stopped container"
    case (.exec, .unknown), (.execIgnoringPause, .unknown): "container not running"
    case (.exec, .creating), (.execIgnoringPause, .creating):
      "cannot exec in a container that is being created: container not running"

    case (.update, .created), (.update, .running), (.update, .paused): .none
    case (.update, _): "container not running"

    case (.mounts, .created), (.mounts, .running), (.mounts, .paused): .none
    case (.mounts, _): "container not running"
    case (.checkpoint, .running), (.checkpoint, .paused): .none
    case (.checkpoint, .stopped): "container not running"
    case (.checkpoint, _):
      "container cannot be checkpointed in the " + status.name + " state"

    case (.processes, _): .none

    case (.events, .created), (.events, .running), (.events, .paused): .none
    case (.events, _): "container with id " + id.text + " is not running"
    }
  }
}
