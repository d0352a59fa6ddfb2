import CShim

/// Which of the two processes goes on after `ThisProcess.clone`.
package enum CloneSide {
  case parent(ProcessHandle)
  case child
}

extension ThisProcess {
  /// A child in `new` namespaces, born in `cgroup` if there is one (clone3(2)).
  ///
  /// The memory is copied, never shared. There is one thread; the child must end in `exit` or
  /// `execute` and never return through the parent's scopes.
  @inline(never)
  package static func clone(
    new: NamespaceFlags = [], into cgroup: Handle? = nil, asSibling: Bool = false
  ) throws(SyscallError) -> CloneSide {
    var pidfd: Int32 = -1
    var flags = new.rawValue
    if cgroup != nil { flags |= APUS_CLONE_INTO_CGROUP }
    if asSibling { flags |= APUS_CLONE_PARENT }
    let arguments = unsafe apus_clone_args(
      flags: flags, exit_signal: asSibling ? 0 : APUS_SIGCHLD, cgroup: cgroup?.raw ?? 0,
      pidfd: nil)
    let pid = try unsafe check(
      withUnsafeMutablePointer(to: &pidfd) {
        var arguments = unsafe arguments
        unsafe arguments.pidfd = $0
        return unsafe apus_clone3(arguments)
      }, "clone3")
    if pid == 0 {
      Interruption.leaveToParent()
      return .child
    }
    return .parent(
      ProcessHandle(pid: Int32(pid), descriptor: FileDescriptor(owning: pidfd)))
  }

  /// A child for a program that runs beside the container, in our namespaces and cgroup. As with
  /// `clone`, the child ends in `exit` or `execute`.
  package static func fork() throws(SyscallError) -> CloneSide {
    var pidfd: Int32 = -1
    let pid = try unsafe check(apus_fork(&pidfd), "clone")
    if pid == 0 {
      Interruption.leaveToParent()
      return .child
    }
    return .parent(ProcessHandle(pid: Int32(pid), descriptor: FileDescriptor(owning: pidfd)))
  }
}
