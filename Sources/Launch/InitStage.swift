import Bytes
import Hooks
import Identity
import Linux
import Namespaces
import OCISpec
import Plan
import Rootfs
import Seccomp

/// The child's life from clone to execve. One thread, nothing shared, no way back: it ends in the
/// program or in a failure that the parent hears of.
package final class InitStage {
  let exec: ExecutionPlan
  let context: InitContext
  let channel: StageChannel
  /// Where init waits for `start`: the channel in a `run`, and never used in an `exec`.
  let execFIFO: ExecFIFO
  /// chdir(2) was refused to root and is tried again as the user.
  var retriesWorkingDirectory = false
  var image: ExecutableImage?
  var programPath: ByteString = ""
  /// What startContainer hooks get: the program's own, without what speaks of descriptors and sockets.
  var hookEnvironment: [ByteString] = []
  /// After this the parent has no interest any more, and failures go through the FIFO.
  var isCreated = false
  var procfs: SharedDescriptor?
  /// What `passedDescriptors` found before the placeholders were closed.
  var passedBefore: [Handle]?
  private var followsParent = false

  private init(_ exec: ExecutionPlan, _ context: InitContext, _ channel: SharedDescriptor) {
    self.exec = exec
    self.context = context
    self.channel = StageChannel(channel.handle)
    execFIFO = context.creation?.execFIFO ?? ExecFIFO(waiting: channel, result: channel)
  }

  /// Performs `steps` in their order. `channel` is init's end of the one to the parent.
  static func run(
    _ steps: [InitStep], _ exec: ExecutionPlan, _ context: InitContext, _ channel: SharedDescriptor
  ) -> Never {
    let stage = InitStage(exec, context, channel)
    stage.followsParent = steps.contains(.awaitStart)
    do throws(SyscallError) { try stage.followParent() } catch {
      stage.fail(StepFailure(step: "follow the parent", error))
    }
    for (index, step) in steps.enumerated() {
      do throws(SyscallError) { try StepProbe.before(.inner, index + 1) } catch {
        stage.fail(StepFailure(step: step.title, pointer: step.pointer, error))
      }
      do throws(StepFailure) {
        try stage.perform(step)
      } catch {
        stage.fail(error)
      }
      StepProbe.after(.inner, index + 1)
    }
    ThisProcess.exit(0)
  }

  /// A parent that is killed takes us along, and a hook that we wait for: until it is told that all is
  /// well, nobody else may know of us. A change of user ends this, and a clone: said again after both.
  func followParent() throws(SyscallError) {
    if followsParent { try ThisProcess.setParentDeathSignal(.kill) }
  }

  private func fail(_ failure: StepFailure) -> Never {
    if isCreated {
      execFIFO.report(failure)
    } else {
      // If the parent is gone, it was killed: whoever deletes the container finds no init.
      do throws(SyscallError) { try channel.send(.failed(failure)) } catch {}
    }
    // What runc and shells answer for a program that could not be executed.
    ThisProcess.exit(255)
  }

  private func perform(_ step: InitStep) throws(StepFailure) {
    switch step {
    case .createContainerHooks(let hooks):
      try runHooks(hooks, status: .creating, environment: [])
    case .startContainerHooks(let hooks):
      // One that notifies is in force.
      let filter = context.filter.flatMap { $0.usesListener ? nil : $0.filter }
      try runHooks(hooks, status: .created, environment: hookEnvironment, filter: filter)
    case .findProgram, .checkProgram:
      do throws(ProgramError) {
        try findProgram(asUser: step == .checkProgram)
      } catch {
        throw StepFailure(step: "", pointer: "", reason: error.message)
      }
    default:
      do throws(SyscallError) {
        try performCalls(step)
      } catch {
        // A program that execve refuses is the one case that engines ask about.
        if case .execute = step {
          throw StepFailure(step: "", pointer: "", reason: ProgramError(error).message)
        }
        throw StepFailure(step: step.title, pointer: step.pointer, error)
      }
    }
  }

  private func performCalls(_ step: InitStep) throws(SyscallError) {
    switch step {
    case .hideMemory: try ThisProcess.setDumpable(false)
    case .startSession: try ThisProcess.makeSession()
    case .oomScore: try exec.identity.applyOOMScore(procfs: try privateProcfs())
    case .join(let kind): try join(kind)
    case .joinAroundUser(let kinds): try joinAroundUser(kinds)
    case .unshare(let kinds):
      try ThisProcess.unshare(kinds.reduce(into: []) { $0.insert($1.flag) })
    case .meetForMaps: try channel.meet(.needsMaps)
    case .becomeRoot: try becomeRoot()
    case .rebirth(let namespaces): try rebirth(namespaces)
    case .enterRoot: try enterRoot()
    case .nullStreams: try replaceNullStreams()
    case .forgetArguments: ProcessArguments.forget()
    case .leaveHost: try leaveHost()
    case .sessionKeyring(let name): _ = try SessionKeyring.join(name)
    case .loopback: try Socket.bringLoopbackUp()
    case .runtimeHooks: try channel.meet(.mountsDone)
    case .terminal(let plan): try openTerminal(plan)
    case .controllingTerminal: try Terminal.makeControlling(.standardInput)
    case .hostNames: try context.creation?.namespaces.applyNames()
    case .sysctl(let plan): try plan.apply(procfs: try privateProcfs())
    case .umask(let mask): ThisProcess.setUmask(mask)
    case .label(let label): try label.apply(procfs: try privateProcfs())
    case .noNewPrivileges: try exec.identity.applyNoNewPrivileges()
    case .affinity(let plan): try plan.applyFinal()
    case .scheduler(let plan): try plan.apply()
    case .ioPriority(let plan): try plan.apply()
    case .personality(let plan): try plan.apply()
    case .memoryPolicy(let plan): try plan.apply()
    case .ready: try channel.meet(.ready)
    case .filter: try loadFilter()
    case .sealDescriptors: try sealDescriptors()
    case .enterWorkingDirectory(let path): try enterWorkingDirectory(path)
    case .boundingSet: try exec.identity.capabilities.dropBounding()
    case .ownStreams: try ownStreams()
    case .user: try becomeUser()
    case .capabilities: try takeCapabilities()
    case .awaitStart: try awaitStart()
    case .announce: try announce()
    case .execute: throw execute()
    case .executeUnderFilter: throw executeUnderFilter()
    default: try performMounts(step)
    }
  }

  private func performMounts(_ step: InitStep) throws(SyscallError) {
    guard let rootfs = context.creation?.rootfs else { return }
    switch step {
    case .rootMount: try rootfs.prepareRoot()
    case .mount(let plan): try rootfs.mount(plan)
    case .device(let plan): try rootfs.createDevice(plan)
    case .deviceLinks: try rootfs.createDeviceLinks()
    case .workingDirectory(let path): try rootfs.createWorkingDirectory(path)
    case .switchRoot: try rootfs.switchRoot()
    case .finishMounts: try rootfs.finishMounts()
    case .readonlyPath(let plan): try rootfs.makeReadonly(plan.path)
    case .maskedPaths(let paths): try rootfs.mask(paths)
    default: throw SyscallError("step", step.title, .ENOSYS)
    }
  }
}
