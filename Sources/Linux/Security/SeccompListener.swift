import Bytes
import CShim

/// A call that waits for the answer of whoever listens to its filter (seccomp_unotify(2)).
package struct WaitingCall: Equatable, Sendable {
  fileprivate let id: UInt64
  package let number: UInt32
  package let architecture: UInt32
  package let arguments: [UInt64]
}

extension Handle {
  /// The next call; nil if its process is gone by now.
  @inline(never)
  package func nextCall() throws(SyscallError) -> WaitingCall? {
    var call = apus_call()
    let answer = unsafe apus_seccomp_receive(raw, &call)
    if answer.failed(with: .ENOENT) || answer.failed(with: .EINTR) { return nil }
    try check(answer, "ioctl", "the seccomp listener")
    let (a, b, c, d, e, f) = call.arguments
    return WaitingCall(
      id: call.id, number: call.number, architecture: call.architecture,
      arguments: [a, b, c, d, e, f])
  }

  /// Lets the call fail with `errno`, or be made if that is nil. Nothing happens to one that is gone.
  @inline(never)
  package func answer(_ call: WaitingCall, _ errno: UInt32?) throws(SyscallError) {
    let answer = apus_seccomp_answer(
      raw, call.id, Int32(truncatingIfNeeded: min(errno ?? 0, 4095)), errno == nil ? 1 : 0)
    if !answer.failed(with: .ENOENT) { try check(answer, "ioctl", "the seccomp listener") }
  }
}
