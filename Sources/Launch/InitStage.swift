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
  /// Whether the parent is going to send a network namespace, and what came.
  var awaitsNetwork = false
  var network: SharedDescriptor?
  /// Whether the parent's answer was that nothing is left to wait for.
  var startsAtOnce = false
  /// What `passedDescriptors` found before the placeholders were closed.
  var passedBefore: [Handle]?

  private init(_ context: InitContext, _ channel: SharedDescriptor) {
    self.context = context
    self.channel = StageChannel(channel.handle)
    execFIFO = context.creation?.execFIFO ?? ExecFIFO(waiting: channel, result: channel)
  }

  /// Performs `steps` in their order. `channel` is init's end of the one to the parent.
  static func run(
    _ steps: [InitStep], _ context: InitContext, _ channel: SharedDescriptor
  ) -> Never {
    let stage = InitStage(context, channel)
    stage.awaitsNetwork = steps.contains(.sync(.network))
    do throws(SyscallError) { try stage.followParent() } catch {
      stage.fail(StepFailure(step: "follow the parent", error))
    }
    for (index, step) in steps.enumerated() {
      do throws(SyscallError) { try StepProbe.before(.inner, index + 1) } catch {
        stage.fail(StepFailure(step: step.title, pointer: step.pointer, error))
      }
      if !context.breaks.isEmpty, context.breaks.contains(index) {
        do throws(SyscallError) { try stage.halt(before: index) } catch {
          stage.fail(StepFailure(step: step.title, pointer: step.pointer, error))
        }
      }
      context.spans?.begin(index)
      do throws(StepFailure) {
        try stage.perform(step)
      } catch {
        context.spans?.end(index, errno: error.errno.map { Int64($0.rawValue) } ?? -1)
        stage.fail(error)
      }
      context.spans?.end(index)
      StepProbe.after(.inner, index + 1)
    }
    ThisProcess.exit(0)
  }

  /// A parent that is killed takes us along, and a hook that we wait for: until it is told that all is
  /// well, nobody else may know of us. A change of user ends this, and a clone: said again after both.
  func followParent() throws(SyscallError) {
    if context.creation != nil || context.toolRoot != nil {
      try ThisProcess.setParentDeathSignal(.kill)
    }
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
    case .process(let part): try named(step) { () throws(SyscallError) in try perform(part) }
    case .namespace(let part): try named(step) { () throws(SyscallError) in try perform(part) }
    case .sync(let part): try named(step) { () throws(SyscallError) in try perform(part) }
    case .mount(let part): try named(step) { () throws(SyscallError) in try perform(part) }
    case .identity(let part): try named(step) { () throws(SyscallError) in try perform(part) }
    case .program(let part): try perform(part, of: step)
    }
  }

  /// Does `body`, and names `step` in what it throws.
  func named(_ step: InitStep, _ body: () throws(SyscallError) -> Void) throws(StepFailure) {
    do throws(SyscallError) { try body() } catch {
      throw StepFailure(step: step.title, pointer: step.pointer, error)
    }
  }
}
