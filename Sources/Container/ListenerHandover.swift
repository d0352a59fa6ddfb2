import Bytes
import Console
import JSON
import Launch
import Linux
package import OCISpec
import Plan
import Report
import Seccomp

extension Config {
  /// Names the agent for a filter that names none itself: an annotation does, or our caller.
  package mutating func nameListener() {
    guard linux.seccomp?.listenerPath == nil else { return }
    linux.seccomp?.listenerPath =
      annotations[.seccompReceiver] ?? ProcessArguments.variable("RUN_OCI_SECCOMP_RECEIVER")
  }
}

/// The agent that answers the calls of a filter that notifies, and what it is told.
struct ListenerHandover {
  private let agent: SharedDescriptor
  private let listener: NotifyListener

  /// Connects now, in our own namespaces and before there is a process (SN-6); nil for a filter that
  /// asks nobody.
  static func connect(_ exec: ExecutionPlan) throws(CommandFailure) -> ListenerHandover? {
    guard let seccomp = exec.seccomp, let listener = seccomp.listener else { return nil }
    let agent = try ReceiverSockets.connect(
      "config.json " + seccomp.pointer + "/listenerPath", listener.path)
    try attempt(SyscallError.self, SharedFlag.make())
    return agent.map { ListenerHandover(agent: $0, listener: listener) }
  }

  /// One state, with the descriptor beside its first bytes; then the connection has done its part
  /// (SN-1, SN-2). `state` is the container's.
  func send(_ descriptor: Handle, of process: Int32, _ state: State) throws(StepFailure) {
    let document = ContainerProcessState(
      fds: [NotifyListener.descriptorName], pid: process, metadata: listener.metadata,
      state: state
    ).json.encoded()
    do throws(SyscallError) {
      // What fits into any socket at once.
      try Socket.send(
        agent.handle, Array(document.prefix(16384)), descriptors: [descriptor])
      try agent.handle.writeAll(
        Array(document.dropFirst(16384)), milliseconds: Int32(ConsoleSocket.timeout))
    } catch {
      throw StepFailure(
        step: "hand over the seccomp listener", pointer: "/linux/seccomp/listenerPath", error)
    }
  }
}
