package import Bytes
import Cgroups
import Hooks
import Launch
package import Linux
import Namespaces
import OCISpec
package import Plan
package import Seccomp
import StateStore

/// What a `HostExecutor` launches: a container's init, or one more process in a container.
package indirect enum Launched {
  case container(NewContainer)
  case process(NewProcess)

  package struct NewContainer {
    let plan: CreatePlan
    /// As `create` read it.
    let config: [UInt8]
    /// Hooks of the host start there.
    let bundle: SharedDescriptor

    package init(plan: CreatePlan, config: [UInt8], bundle: SharedDescriptor) {
      self.plan = plan
      self.config = config
      self.bundle = bundle
    }
  }

  package struct NewProcess {
    let plan: ExecPlan
    let container: Container
    let initProcess: ProcessHandle
    /// `--cgroup`, below the container's.
    let cgroups: [ByteString]

    package init(
      plan: ExecPlan, container: Container, initProcess: ProcessHandle, cgroups: [ByteString]
    ) {
      self.plan = plan
      self.container = container
      self.initProcess = initProcess
      self.cgroups = cgroups
    }
  }

  var exec: ExecutionPlan {
    switch self {
    case .container(let new): new.plan.exec
    case .process(let new): new.plan.exec
    }
  }

  var steps: [InitStep] {
    switch self {
    case .container(let new): new.plan.steps
    case .process(let new): new.plan.steps
    }
  }

  var isPrivileged: Bool {
    switch self {
    case .container(let new): new.plan.isPrivileged
    case .process(let new): new.plan.isPrivileged
    }
  }

  var annotations: [Entry<ByteString>] {
    switch self {
    case .container(let new): new.plan.annotations
    case .process(let new): new.container.record.annotations
    }
  }

  /// For hooks in the container: complete but for status and pid.
  var state: State {
    switch self {
    case .container(let new):
      State(
        id: new.plan.id, status: .creating, bundle: new.plan.bundle,
        annotations: new.plan.annotations)
    case .process(let new):
      State(
        id: new.container.record.id, status: .running, bundle: new.container.record.bundle,
        annotations: new.container.record.annotations)
    }
  }

  /// The container's, for who answers for a filter of the process `child`.
  func state(with child: ProcessHandle) -> State {
    var state = state
    switch self {
    case .container: state.pid = child.pid
    case .process(let new): state.pid = new.container.record.initProcess?.pid
    }
    return state
  }

  /// Whether init may be moved into a cgroup that it could not be cloned into.
  var mayAttach: Bool {
    switch self {
    case .container(let new): new.plan.namespaces.creates(.user)
    case .process(let new): new.cgroups.isEmpty
    }
  }

  /// Where a process goes that the container's cgroup refuses since it has others below it that share
  /// its resources out, and no processes any more: init divides it up, and is in one of them.
  func cgroup(below cgroup: Cgroup, after error: SyscallError) throws(SyscallError) -> Cgroup? {
    guard case .process(let new) = self, new.cgroups.isEmpty, error.errno == .EBUSY else {
      return nil
    }
    return try new.container.cgroup(below: cgroup, of: new.initProcess)
  }
}

/// What the command line says of the process that is launched.
package struct LaunchOptions {
  /// The command ends while the program runs.
  var isDetached: Bool
  /// Init waits at FIFOs for another command.
  var waitsForStart: Bool
  /// Descriptors from 3 on that belong to the program.
  var preserveFds: Int
  /// Who answers for the filter: `HostExecutor.beforeStart` starts it.
  var supervision: Supervision?

  package init(
    isDetached: Bool, waitsForStart: Bool, preserveFds: Int, supervision: Supervision? = nil
  ) {
    self.supervision = supervision
    self.isDetached = isDetached
    self.waitsForStart = waitsForStart
    self.preserveFds = preserveFds
  }
}
