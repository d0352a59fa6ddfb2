import Bytes
import CShim

extension ThisProcess {
  /// A child for a program that runs beside the container, in our namespaces and cgroup. As with
  /// `clone`, the child ends in `exit` or `execute`.
  package static func fork() throws(SyscallError) -> CloneSide {
    var pidfd: Int32 = -1
    let pid = try unsafe check(apus_fork(&pidfd), "clone")
    if pid == 0 {
      Interruption.leaveToParent()
      return .child
    }
    return .parent(ChildProcess(pid: Int32(pid), descriptor: FileDescriptor(owning: pidfd)))
  }
}

extension ChildProcess {
  /// Kills the process and the group that it leads. Call it before the process is reaped: until then
  /// nobody else can have the number.
  package func killGroup() throws(SyscallError) {
    let answer = apus_kill(-pid, Signal.kill.rawValue)
    // The child may not have made its group yet.
    if answer != Int64(-Errno.ESRCH.rawValue) {
      try check(answer, "kill", ByteString(decimal: -pid))
    }
    try send(.kill)
  }
}
