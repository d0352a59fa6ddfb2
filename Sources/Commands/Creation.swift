import Bytes
import Cgroups
import Console
import Hooks
import Launch
import Linux
import Namespaces
import OCISpec
import Plan
import Rootfs
import Seccomp
import StateStore

/// One `create`, from the bundle to an init that waits for its start: `run` goes on from there.
///
/// It either completes or leaves nothing (ER-1): whatever was made is recorded before it is made, and
/// undone in the opposite order when a later step fails.
final class Creation: StageService {
  let plan: CreatePlan
  let directory: StateDirectory
  let options: CreateOptions
  private(set) var record: ContainerRecord
  private(set) var cgroup: Cgroup?
  private(set) var stage: ParentStage?
  /// The State document of host-side hooks, complete but for status and pid.
  let state: State
  /// For hooks of the host that bring no environment (HK-3).
  private let environment: [ByteString]
  private let lock: StateLock

  var hasGate: Bool { true }

  private init(
    _ plan: CreatePlan, _ options: CreateOptions, _ record: ContainerRecord,
    _ directory: StateDirectory, _ lock: StateLock
  ) {
    self.plan = plan
    self.options = options
    self.record = record
    self.directory = directory
    self.lock = lock
    state = State(
      id: plan.id, status: .creating, bundle: plan.bundle, annotations: plan.annotations)
    environment = ProcessArguments.environment
  }
}

extension Creation {
  /// Reads, decodes and plans the bundle: no effect so far.
  static func plan(_ options: CreateOptions, _ context: CommandContext) throws(CommandFailure)
    -> (CreatePlan, config: [UInt8])
  {
    let bytes = try BundleFile.read(options.config)
    let config: Config
    do throws(ConfigError) {
      config = try Config.decode(bytes)
      let request = CreateRequest(
        id: options.id, bundle: options.bundle, cgroupManager: context.cgroupManager,
        noPivot: options.noPivot, noNewKeyring: options.noNewKeyring)
      let plan = try CreatePlan.make(config, request, host: context.host)
      for warning in plan.warnings { context.log.warning(warning) }
      return (plan, bytes)
    } catch {
      throw CommandFailure(error)
    }
  }
}
