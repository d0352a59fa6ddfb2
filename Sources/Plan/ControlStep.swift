package import Bytes
package import Linux
package import OCISpec

/// A command on a container that exists, as far as its status decides whether it is allowed.
package enum ControlCommand: Equatable, Sendable {
  case start, pause, resume, update, kill, killAll, mounts, checkpoint

  package var name: ByteString {
    switch self {
    case .start: "start"
    case .pause: "pause"
    case .resume: "resume"
    case .update: "update"
    case .kill: "kill"
    case .killAll: "kill --all"
    case .mounts: "mounts"
    case .checkpoint: "checkpoint"
    }
  }
}

/// One thing that a command does with a container that exists; `ControlOrder` has their order.
package enum ControlStep: Equatable, Sendable {
  /// Opens, reads, checks: nothing of it outlives the command.
  case look(Look)
  /// Outlives the command, or others can see it.
  case make(Make)
  case wait(Wait)

  package enum Look: Equatable, Sendable {
    case lock
    case status(ControlCommand)
    case process
    case initProcess
    case memoryKills
    case cgroup(purpose: ByteString)
    indirect case newLimits(Resources)
    case resctrlGroup
    case namespaces
    /// How many mounts the caller asks for.
    case mountSources(count: Int)
    /// What is signalled: what is in the cgroup if there is one, else init.
    case receivers(inCgroup: Bool, mayBeGone: Bool)
    case running
    indirect case criu(ImageRequest)
    case outside
    indirect case dumpable(ImageRequest)
  }

  package enum Make: Equatable, Sendable {
    case notifySocket
    case watchSignals
    case takeFIFOs
    case releaseInit
    case releaseLock
    case poststartHooks
    case freeze
    case thaw
    case saveLimits
    case writeSchemata
    case writeLimits
    case signal(Signal, mayBeGone: Bool)
    case enterContainer
    /// An entry of the caller's document.
    case mount(Int, title: ByteString, pointer: ByteString)
    case keepMounts
    case markMounts
    case unmount
    case forgetMounts
    indirect case imageDirectories(ImageRequest)
    indirect case dump(ImageRequest)
    case removal
  }

  package enum Wait: Equatable, Sendable {
    case program
    case readiness
  }

  /// How a step is taken back if a later one fails.
  package enum Undo: Equatable, Sendable {
    case initProcess
    case limits
    case mounts
    case mountRecord
    case schemata

    package var title: ByteString {
      switch self {
      case .mounts: "unmount what was mounted, last first"
      case .schemata: "set the schemata as they were"
      case .mountRecord: "record the mounts as they were"
      case .initProcess: "kill init and wait for its end"
      case .limits: "record the old limits"
      }
    }
  }

  /// What takes it back once it is done; nil where nothing of it has to be.
  package var undo: Undo? {
    switch self {
    case .make(.releaseInit): .initProcess
    case .make(.saveLimits): .limits
    case .make(.enterContainer): .mounts
    case .make(.markMounts): .mountRecord
    case .make(.writeSchemata): .schemata
    case .make(.mount), .make(.keepMounts), .make(.unmount), .make(.forgetMounts),
      .make(.notifySocket), .make(.watchSignals), .make(.takeFIFOs), .make(.releaseLock),
      .make(.poststartHooks), .make(.freeze), .make(.thaw), .make(.writeLimits), .make(.signal),
      .make(.imageDirectories), .make(.dump), .make(.removal), .look, .wait:
      nil
    }
  }
}

extension ControlStep {
  /// `looks`, `makes` or `waits`.
  package var effect: ByteString {
    switch self {
    case .look: "looks"
    case .make: "makes"
    case .wait: "waits"
    }
  }

  package var title: ByteString {
    switch self {
    case .look(let step): step.title
    case .make(let step): step.title
    case .wait(.program): "wait until init has executed the program"
    case .wait(.readiness): "report to NOTIFY_SOCKET that the container is ready"
    }
  }

  /// Where in `config.json`, or for `update` and `mounts` in the caller's document, the step comes from.
  package var pointer: ByteString {
    switch self {
    case .look(.process): "/process"
    case .make(.poststartHooks): "/hooks/poststart"
    case .make(.mount(_, _, let pointer)): pointer
    case .look, .make, .wait: ""
    }
  }

  /// Why the step stands where it stands.
  package var reason: ByteString {
    switch self {
    case .look(let step): step.reason
    case .make(let step): step.reason
    case .wait(.program): "what init says of a failure is the error of the command"
    case .wait(.readiness): "last: the program runs, whatever becomes of this"
    }
  }

  /// As `HostStep` has it.
  package var line: ByteString {
    ("host " + effect + ": " + title).pointing(to: pointer)
  }
}

extension ControlStep.Look {
  fileprivate var title: ByteString {
    switch self {
    case .lock: "lock the container and read its record"
    case .status(let command): "check that its status allows " + command.name
    case .process: "read the configuration for the process"
    case .initProcess: "open init and look at what it executes"
    case .memoryKills: "count OOM kills where systemd removes the cgroup"
    case .cgroup: "open the cgroup"
    case .newLimits: "compute the new limits"
    case .resctrlGroup: "open the resctrl group"
    case .namespaces: "open the namespaces of init"
    case .mountSources(let count):
      "plan " + ByteString(decimal: UInt64(count)) + " mounts and open what they take from the host"
    case .receivers(false, _): "open init"
    case .receivers(true, _): "open the cgroup, or init where there is none"
    case .running: "open init and its cgroup"
    case .criu: "ask criu for its version"
    case .outside: "look for mounts and namespaces that are not the container's own"
    case .dumpable: "look for what criu cannot dump"
    }
  }

  fileprivate var reason: ByteString {
    switch self {
    case .lock: "of two commands that change the container one waits"
    case .status: "by the record that is read under the lock, except for kill, which takes none"
    case .process: "a container may be created without a process, and is never started"
    case .initProcess: "by a descriptor, and before it executes anything else"
    case .memoryKills: "a kill can be told afterwards only if there was a count before"
    case .cgroup: "where the record says that it was made"
    case .newLimits: "what cannot be written is refused before anything is"
    case .resctrlGroup: "only the container's own is changed"
    case .namespaces: "those that it was started with: it may have moved to others since"
    case .mountSources: "of the host nothing is in sight from the container"
    case .receivers(_, false): "by a descriptor: a pid could be another process's by now"
    case .running: "by descriptors, which stay the container's"
    case .criu: "one that is missing or too old is an error before anything is made"
    case .outside: "an image of the container has no more than their names"
    case .dumpable: "a dump that fails would have stopped the container for a while"
    case .receivers(_, true): "engines sweep what a dead init has left, and expect success"
    }
  }
}

extension ControlStep.Make {
  fileprivate var title: ByteString {
    switch self {
    case .notifySocket: "bind the socket of NOTIFY_SOCKET"
    case .watchSignals: "watch the signals that end a command"
    case .takeFIFOs: "open the FIFOs of start and remove them"
    case .releaseInit: "let init go on through the exec FIFO"
    case .releaseLock: "release the lock"
    case .poststartHooks: "run poststart hooks"
    case .freeze: "freeze the cgroup"
    case .thaw: "thaw the cgroup"
    case .saveLimits: "record the new limits"
    case .writeSchemata: "write the schemata"
    case .writeLimits: "write the new limits to the cgroup"
    case .imageDirectories(let request): "make the directory `" + request.images + "`"
    case .dump(let request): request.isPreDump ? "dump the memory" : "dump the processes"
    case .removal: "remove the container"
    case .signal(let signal, _): "send signal " + ByteString(decimal: signal.rawValue)
    case .enterContainer: "clone a process into the namespaces of the container"
    case .mount(_, let title, _): title
    case .keepMounts: "record the mounts as made"
    case .markMounts: "find each mount by a descriptor and record that it is to be removed"
    case .unmount: "unmount them, last first"
    case .forgetMounts: "remove them from the record"
    }
  }

  fileprivate var reason: ByteString {
    switch self {
    case .notifySocket: "before the program can say anything"
    case .watchSignals:
      "a command that ended in one of the next steps would leave half of them"
    case .takeFIFOs: "from here on the container counts as started"
    case .releaseInit: "when nothing is left that can fail before the program"
    case .releaseLock: "the program may take long to start, and others look at the container"
    case .poststartHooks: "with the program running"
    case .freeze: "every process of the container, and those that they make"
    case .thaw: "the processes go on where they were"
    case .saveLimits: "first: it is what can be taken back without fail"
    case .writeSchemata: "in one write, before the limits, which the kernel may refuse one by one"
    case .writeLimits: "all of them or none"
    case .signal: "to what was opened, whatever has become of its number"
    case .enterContainer:
      "mounts are attached from inside only; it outlives a command that is killed"
    case .mount: "its id is recorded before it is attached to what the destination leads to"
    case .keepMounts: "from here on they are there as a whole"
    case .markMounts: "all of them, before the first is removed"
    case .unmount: "by the descriptors, whatever their paths lead to by now"
    case .forgetMounts: "last: a command that was killed before this is completed by the next one"
    case .imageDirectories: "with the logs that an engine has put there"
    case .dump: "all or none: a dump that fails leaves the processes running"
    case .removal: "its processes are in the images, and dead"
    }
  }
}
