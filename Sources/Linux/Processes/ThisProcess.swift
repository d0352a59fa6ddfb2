package import Bytes
import CShim

/// Which namespaces a call is about, as clone flags (namespaces(7)).
package struct NamespaceFlags: OptionSet, Sendable, Hashable {
  package let rawValue: UInt64
  package init(rawValue: UInt64) { self.rawValue = rawValue }
  package static let time = NamespaceFlags(rawValue: APUS_CLONE_NEWTIME)
  package static let mount = NamespaceFlags(rawValue: APUS_CLONE_NEWNS)
  package static let cgroup = NamespaceFlags(rawValue: APUS_CLONE_NEWCGROUP)
  package static let uts = NamespaceFlags(rawValue: APUS_CLONE_NEWUTS)
  package static let ipc = NamespaceFlags(rawValue: APUS_CLONE_NEWIPC)
  package static let user = NamespaceFlags(rawValue: APUS_CLONE_NEWUSER)
  package static let pid = NamespaceFlags(rawValue: APUS_CLONE_NEWPID)
  package static let network = NamespaceFlags(rawValue: APUS_CLONE_NEWNET)
}

/// How a child ended (wait(2)).
package enum ProcessEnd: Equatable, Sendable {
  case exited(Int32)
  case signaled(Int32)

  /// The status as a shell gives it: 128 and the signal's number for a signal.
  package var exitStatus: Int32 {
    switch self {
    case .exited(let status): status
    case .signaled(let signal): 128 + signal
    }
  }
}

/// A child, held by its pidfd: never by a number that somebody else may have by now.
package final class ChildProcess: Sendable {
  /// The number in our own pid namespace, for messages and files.
  package let pid: Int32
  private let descriptor: FileDescriptor

  init(pid: Int32, descriptor: consuming FileDescriptor) {
    self.pid = pid
    self.descriptor = descriptor
  }

  package var handle: Handle { descriptor.handle }

  /// Any process by number, for one that is not our child. Check afterwards that it is who you mean:
  /// the number may have changed hands before the call.
  @inline(never)
  package static func open(_ pid: Int32) throws(SyscallError) -> ChildProcess {
    let fd = try check(apus_pidfd_open(pid), "pidfd_open", ByteString(decimal: pid))
    return ChildProcess(pid: pid, descriptor: FileDescriptor(owning: Int32(fd)))
  }

  /// The process that a received pidfd is of (proc_pid_fdinfo(5)).
  @inline(never)
  package static func adopt(_ pidfd: SharedDescriptor) throws(SyscallError) -> ChildProcess {
    let copy = try pidfd.handle.duplicated()
    let path: ByteString = "/proc/self/fdinfo/" + ByteString(decimal: copy.handle.raw)
    let info = try Handle.currentDirectory.open(path, .readOnly)
    for line in ByteString(try info.handle.readAll(limit: 4096)).split(on: UInt8(ascii: "\n")) {
      guard line.hasPrefix("Pid:\t"), let pid = line.dropFirst(5).unsignedDecimal,
        let pid = Int32(exactly: pid)
      else { continue }
      return ChildProcess(pid: pid, descriptor: copy)
    }
    throw SyscallError("pidfd", path, .ESRCH)
  }

  @inline(never)
  package func send(_ signal: Signal) throws(SyscallError) {
    try check(
      apus_pidfd_send_signal(handle.raw, signal.rawValue), "pidfd_send_signal",
      ByteString(decimal: pid))
  }

  /// In milliseconds: how long a killed process may take to go. One that sleeps in the kernel, as on a
  /// file server that is gone, may never.
  private static var patience: Int32 { 10_000 }

  /// Kills and reaps.
  @inline(never)
  package func end() {
    do throws(SyscallError) {
      try send(.kill)
      _ = try wait(milliseconds: ChildProcess.patience)
    } catch {
      // Ended, perhaps reaped: who did that before us did what we want.
    }
  }

  /// A copy of its descriptor `number`, nil if it has none; needs the rights of a debugger
  /// (pidfd_getfd(2)).
  @inline(never)
  package func descriptor(_ number: Int32) throws(SyscallError) -> SharedDescriptor? {
    let answer = apus_pidfd_getfd(handle.raw, number)
    if answer == Int64(-Errno.EBADF.rawValue) { return nil }
    return SharedDescriptor(
      FileDescriptor(
        owning: Int32(try check(answer, "pidfd_getfd", ByteString(decimal: number)))))
  }

  /// Waits for the end, for as long as nobody ends the command, and reaps.
  @inline(never)
  package func wait() throws(SyscallError) -> ProcessEnd {
    while true {
      _ = try Polling.wait([(handle, .input)], milliseconds: -1)
      if let end = try poll() { return end }
    }
  }

  /// Waits for the end for a while, nil if it did not come, and reaps.
  @inline(never)
  package func wait(milliseconds: Int32) throws(SyscallError) -> ProcessEnd? {
    _ = try Polling.wait([(handle, .input)], milliseconds: milliseconds)
    return try poll()
  }

  /// The end if it has come; reaps then.
  @inline(never)
  package func poll() throws(SyscallError) -> ProcessEnd? {
    var code: Int32 = 0
    var status: Int32 = 0
    try checkRetrying("waitid", ByteString(decimal: pid)) {
      unsafe apus_wait_pidfd(handle.raw, APUS_WNOHANG, &code, &status)
    }
    // CLD_EXITED is 1; CLD_KILLED and CLD_DUMPED carry a signal.
    if code == 0 { return nil }
    return code == 1 ? .exited(status) : .signaled(status)
  }
}

/// Which of the two processes goes on after `ThisProcess.clone`.
package enum CloneSide {
  case parent(ChildProcess)
  case child
}

/// What a process does to itself.
package enum ThisProcess {
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
      flags: flags, exit_signal: asSibling ? 0 : 17, cgroup: cgroup?.raw ?? 0, pidfd: nil)
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
      ChildProcess(pid: Int32(pid), descriptor: FileDescriptor(owning: pidfd)))
  }

  @inline(never)
  package static func exit(_ status: Int32) -> Never { apus_exit(status) }

  package static var id: Int32 { Int32(truncatingIfNeeded: apus_getpid()) }
  package static var parentID: Int32 { Int32(truncatingIfNeeded: apus_getppid()) }

  /// Reaps a child, ours or adopted; nil if none has ended.
  @inline(never)
  package static func reapAny() throws(SyscallError) -> (pid: Int32, end: ProcessEnd)? {
    var status: Int32 = 0
    let pid = try checkRetrying("wait4") { unsafe apus_wait_any(APUS_WNOHANG, &status) }
    if pid == 0 { return nil }
    // wait(2): the low seven bits are a signal, the next byte is a status.
    let signal = status & 0x7f
    return (Int32(pid), signal == 0 ? .exited(status >> 8 & 0xff) : .signaled(signal))
  }

  @inline(never)
  package static func makeSession() throws(SyscallError) { try check(apus_setsid(), "setsid") }

  @inline(never)
  package static func makeProcessGroup() throws(SyscallError) {
    try check(apus_setpgid(0, 0), "setpgid")
  }

  /// setns(2) with the file of one namespace, or a pidfd and several kinds at once (Linux 5.8).
  @inline(never)
  package static func join(_ namespace: Handle, _ kinds: NamespaceFlags) throws(SyscallError) {
    try check(apus_setns(namespace.raw, kinds.rawValue), "setns")
  }

  @inline(never)
  package static func unshare(_ kinds: NamespaceFlags) throws(SyscallError) {
    try check(apus_unshare(kinds.rawValue), "unshare")
  }

  /// Whether others may read our memory, our descriptors and our executable (PR_SET_DUMPABLE).
  @inline(never)
  package static func setDumpable(_ dumpable: Bool) throws(SyscallError) {
    try control(APUS_PR_SET_DUMPABLE, dumpable ? 1 : 0)
  }

  /// The signal that we get when the thread that made us ends; none clears it.
  @inline(never)
  package static func setParentDeathSignal(_ signal: Signal?) throws(SyscallError) {
    try control(APUS_PR_SET_PDEATHSIG, UInt64(signal?.rawValue ?? 0))
  }

  @inline(never)
  package static func setChildSubreaper(_ on: Bool) throws(SyscallError) {
    try control(APUS_PR_SET_CHILD_SUBREAPER, on ? 1 : 0)
  }

  @inline(never)
  package static func setNoNewPrivileges() throws(SyscallError) {
    try control(APUS_PR_SET_NO_NEW_PRIVS, 1)
  }

  /// The name in /proc/PID/comm, 15 bytes at most.
  @inline(never)
  package static func setName(_ name: ByteString) throws(SyscallError) {
    let answer = unsafe name.withCString {
      apus_prctl(APUS_PR_SET_NAME, UInt64(UInt(bitPattern: $0)), 0, 0, 0)
    }
    try check(answer, "prctl", "PR_SET_NAME")
  }

  @discardableResult
  @inline(never)
  package static func control(
    _ option: Int32, _ a: UInt64 = 0, _ b: UInt64 = 0, _ c: UInt64 = 0
  ) throws(SyscallError) -> Int64 {
    try check(apus_prctl(option, a, b, c, 0), "prctl", ByteString(decimal: option))
  }

  @discardableResult
  @inline(never)
  package static func setUmask(_ mask: UInt32) -> UInt32 {
    UInt32(truncatingIfNeeded: apus_umask(mask))
  }

  /// The owner may do everything with what we make and nobody else may write it; what the caller denies
  /// to others beyond that stays denied.
  @inline(never)
  package static func takeOverUmask() {
    let callers = setUmask(0o022)
    if callers & 0o055 != 0 { setUmask(callers & 0o077 | 0o022) }
  }

  @inline(never)
  package static func setHostname(_ name: ByteString) throws(SyscallError) {
    try check(
      unsafe name.withCString { unsafe apus_sethostname($0, UInt64(name.count)) }, "sethostname",
      name)
  }

  @inline(never)
  package static func setDomainname(_ name: ByteString) throws(SyscallError) {
    try check(
      unsafe name.withCString { unsafe apus_setdomainname($0, UInt64(name.count)) },
      "setdomainname", name)
  }

  /// The new limits of a process, 0 for ourselves (prlimit(2)).
  @inline(never)
  package static func setLimit(_ resource: Int32, soft: UInt64, hard: UInt64, of pid: Int32 = 0)
    throws(SyscallError)
  {
    var values = (soft, hard)
    try unsafe check(
      withUnsafeBytes(of: &values) {
        unsafe apus_prlimit(
          pid, resource, $0.baseAddress?.assumingMemoryBound(to: UInt64.self), nil)
      }, "prlimit", ByteString(decimal: resource))
  }

  @inline(never)
  package static func limit(_ resource: Int32) throws(SyscallError) -> (soft: UInt64, hard: UInt64)
  {
    var values: (UInt64, UInt64) = (0, 0)
    try unsafe check(
      withUnsafeMutableBytes(of: &values) {
        unsafe apus_prlimit(0, resource, nil, $0.baseAddress?.assumingMemoryBound(to: UInt64.self))
      }, "prlimit", ByteString(decimal: resource))
    return values
  }
}
