package import Bytes
package import Linux
package import OCISpec

/// The order of what a command does with a container that exists, once: `start`, `pause`, `resume`,
/// `update`, `kill` and `mounts`. Each line says why it stands where it stands, and looks come before the first
/// thing that is made, as in `HostOrder`. The order of `delete` is `UndoStep.recorded`, from its end.
package struct ControlOrder: Equatable, Sendable {
  package var steps: [ControlStep]
  /// What fails here takes nothing back.
  package var after: [ControlStep] = []
}

extension ControlOrder {
  package static let start = ControlOrder(
    steps: [
      // Of two starts one wins.
      .look(.lock), .look(.status(.start)),
      // `create` allows a configuration without a process.
      .look(.process),
      // By a descriptor, while it waits: its image is apus until it executes the program.
      .look(.initProcess),
      // systemd removes the cgroup with its last process.
      .look(.memoryKills),
      // Before the program can say anything.
      .make(.notifySocket),
      // A signal that ended the command after this would leave an init that no one can start.
      .make(.watchSignals), .make(.takeFIFOs), .make(.releaseInit),
      // Others may look at the container while the program starts.
      .make(.releaseLock),
      .wait(.program),
      // With the program running.
      .make(.poststartHooks),
    ],
    after: [.wait(.readiness)])

  package static let pause = freezer(.pause, .freeze)
  package static let resume = freezer(.resume, .thaw)

  private static func freezer(_ command: ControlCommand, _ step: ControlStep.Make) -> ControlOrder {
    // Locked: a `start` or `delete` at work sees one status.
    ControlOrder(steps: [
      .look(.lock), .look(.status(command)), .look(.cgroup(purpose: "freeze")), .make(step),
    ])
  }

  /// `change` is what the caller asks for; `schemata`: also of the container's resctrl group.
  package static func update(_ change: Resources, schemata: Bool = false) -> ControlOrder {
    var steps: [ControlStep] = [
      // Of two updates the second one starts from the limits of the first.
      .look(.lock), .look(.status(.update)), .look(.cgroup(purpose: "limit")),
      // What cannot be written is refused before anything is.
      .look(.newLimits(change)),
    ]
    if schemata { steps.append(.look(.resctrlGroup)) }
    // The record first: it is what can be taken back without fail.
    steps.append(.make(.saveLimits))
    if schemata { steps.append(.make(.writeSchemata)) }
    return ControlOrder(steps: steps + [.make(.writeLimits)])
  }

  /// Without the lock, which a command may hold that waits for the process. `all`: also where init is
  /// gone, and the whole cgroup.
  package static func kill(_ signal: Signal, all: Bool, ownsPidNamespace: Bool)
    -> ControlOrder
  {
    // Without a pid namespace of its own the death of init is not that of its children.
    let sweeps = all || signal == .kill && !ownsPidNamespace
    return ControlOrder(steps: [
      .look(.status(sweeps ? .killAll : .kill)),
      // By descriptors: the number may be another process's by then.
      .look(.receivers(inCgroup: sweeps, mayBeGone: all)),
      .make(.signal(signal, mayBeGone: all)),
    ])
  }

  /// `mounts`: title and pointer of each mount.
  package static func addMounts(_ mounts: [(title: ByteString, pointer: ByteString)])
    -> ControlOrder
  {
    var steps: [ControlStep] = [
      // Of two commands the second one starts from the mounts of the first.
      .look(.lock), .look(.status(.mounts)), .look(.namespaces),
      // What cannot be mounted is refused before anything is.
      .look(.mountSources(count: mounts.count)),
      // A signal ends a wait, and everything is taken back; the process inherits the mask.
      .make(.watchSignals), .make(.enterContainer),
    ]
    for (index, mount) in mounts.enumerated() {
      // One by one: a later one may lie on an earlier one.
      steps.append(.make(.mount(index, title: mount.title, pointer: mount.pointer)))
    }
    return ControlOrder(steps: steps + [.make(.keepMounts)])
  }

  /// Also for what an `add` or `remove` has left that was killed.
  package static let removeMounts = ControlOrder(steps: [
    .look(.lock), .look(.status(.mounts)), .look(.namespaces),
    .make(.watchSignals), .make(.enterContainer),
    // Each is found and recorded before the first is removed, so that the rest can be completed.
    .make(.markMounts), .make(.unmount), .make(.forgetMounts),
  ])

  package static func checkpoint(_ request: ImageRequest) -> ControlOrder {
    var steps: [ControlStep] = [
      // Nobody starts, resumes or deletes the container meanwhile.
      .look(.lock), .look(.status(.checkpoint)),
      // By a descriptor: the number may be another process's by then.
      .look(.running), .look(.criu(request)),
      // What is not the container's own has only a name in the images.
      .look(.outside),
    ]
    if request.isCheck { return ControlOrder(steps: steps + [.look(.dumpable(request))]) }
    steps += [
      // A signal ends the dump, and the container runs on.
      .make(.watchSignals), .make(.imageDirectories(request)),
      // With the streams in `descriptors.json` while all processes still stand.
      .make(.dump(request)),
    ]
    // The processes are dead: what is left of the container is of no use.
    if request.ends { steps.append(.make(.removal)) }
    return ControlOrder(steps: steps)
  }

  /// A line a step, with its reason and what takes it back.
  package var text: ByteString {
    var text: ByteString = ""
    for step in steps + after {
      text += step.line + ": " + step.reason
      if let undo = step.undo { text += "; undo: " + undo.title }
      text += "\n"
    }
    return text
  }
}
