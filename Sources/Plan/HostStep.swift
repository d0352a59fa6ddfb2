package import Bytes
package import Hooks
package import Identity
package import Linux
package import Namespaces
package import Resctrl

/// One thing that the runtime does on the host for a container.
///
/// A step carries what it works on where that is of the plan; descriptors that an earlier step opened
/// belong to whoever performs it.
package enum HostStep: Equatable, Sendable {
  /// Opens, reads, checks, connects, compiles: nothing of it outlives the command.
  case look(Look)
  /// Outlives the command, or others can see it.
  case make(Make)
  /// What the parent does while init waits for it.
  case serve(Serve)

  package enum Look: Equatable, Sendable {
    case descriptorLimit
    indirect case resctrlGroup(ResctrlPlan)
    indirect case resctrlOfContainer(ResctrlPlan)
    case cgroupAncestors
    indirect case namespace(NamespacePlan.Join)
    case namespacesOfInit([NamespaceKind])
    case rootOfInit
    case cgroupOfContainer
    /// The host's, or those of a directory.
    case tools(ByteString?)
    case consoleSocket(ByteString)
    case pidfdSocket(ByteString)
    /// Of the file that is written in the end.
    case pidFileDirectory(ByteString)
    /// Of the mount with this pointer.
    indirect case mountIDs(ByteString, IDMapPlan)
    case root(ByteString)
    case sources
    case filter(ByteString)
    case agent(ByteString, pointer: ByteString)
    case criu
    indirect case images(ImageRequest)
  }

  package enum Make: Equatable, Sendable {
    case watchSignals
    case claim(ByteString)
    case record
    case configuration
    case resctrlGroup(ByteString)
    case cgroup(ByteString)
    case memoryLimit
    case deviceProgram
    case debugCgroup
    case notifyDirectory
    case startFIFOs
    case errnoWord
    case initialAffinity(AffinityPlan)
    case holdSignals
    case clone(NamespaceFlags)
    case network
    /// The program runs: init was told with the last answer that it may start it.
    case started
    /// What an image mounts has a place to be.
    case mountPoints
    indirect case restore(ImageRequest)
    /// Of an init that could not be looked at while it was hidden.
    case recordVisible
    case notifySocket
    case start
    case hooks(HookKind, [PlannedHook])
    case pidfd(ByteString)
    case pidFile(ByteString)
  }

  package enum Serve: Equatable, Sendable {
    case attach
    indirect case idMaps(IDMapPlan)
    case oomScore(Int32)
    case timeOffsets(TimeOffsetPlan)
    indirect case networkDevice(NetworkDevicePlan)
    case hooks(HookKind, [PlannedHook])
    case listener
    case limit(Int, LimitPlan)
    indirect case compareIDMaps(IDMapPlan, with: ByteString)
    case streams(UInt32)
    case cgroupLimits
    case resctrlTasks
    /// Of init, for the record.
    case identify
    case recordInit
    /// Init goes on up to its program.
    case start
    /// What the kernel has in force is compared with the plan.
    case inForce
  }
}

/// How something that a `HostStep` made is taken back. A stack of these is a teardown.
package enum UndoStep: Equatable, Sendable, CaseIterable {
  case stateDirectory
  case poststopHooks
  case resctrlGroup
  case cgroup
  case initProcess
  case pidFile
}

extension UndoStep {
  /// What `create` has made of a container that exists, the first of it first.
  package static let recorded: [UndoStep] = [
    .stateDirectory, .poststopHooks, .resctrlGroup, .cgroup, .initProcess,
  ]

  /// The teardown of `stack` as text, a line a step.
  package static func text(of stack: [UndoStep]) -> ByteString {
    stack.reversed().map { "undo: " + $0.title + ": " + $0.reason + "\n" }.joined(by: "")
  }
}

extension HostStep {
  /// What takes it back; nil where nothing of it stays, or what it is in is removed as a whole.
  package var undo: UndoStep? {
    switch self {
    case .look, .serve: nil
    case .make(let step): step.undo
    }
  }
}

extension HostStep.Make {
  fileprivate var undo: UndoStep? {
    switch self {
    case .claim: .stateDirectory
    case .record: .poststopHooks
    case .resctrlGroup: .resctrlGroup
    case .cgroup, .debugCgroup: .cgroup
    case .clone, .restore: .initProcess
    case .pidFile: .pidFile
    case .watchSignals, .network, .started, .configuration, .memoryLimit, .deviceProgram,
      .notifyDirectory, .startFIFOs,
      .errnoWord, .initialAffinity, .holdSignals, .recordVisible, .notifySocket, .start, .hooks,
      .pidfd, .mountPoints:
      nil
    }
  }
}
