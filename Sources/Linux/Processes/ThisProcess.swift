import Bytes
import CShim

/// What a process does to itself.
package enum ThisProcess {
  /// exit_group(2): without atexit handlers or flushing.
  @inline(never)
  package static func exit(_ status: Int32) -> Never { apus_exit(status) }

  package static var id: Int32 { Int32(truncatingIfNeeded: apus_getpid()) }
  package static var parentID: Int32 { Int32(truncatingIfNeeded: apus_getppid()) }

  /// Reaps a child, its own or adopted; nil if none has ended.
  @inline(never)
  package static func reapAny() throws(SyscallError) -> (pid: Int32, end: ProcessEnd)? {
    var status: Int32 = 0
    let pid = try checkRetrying("wait4") { unsafe apus_wait_any(APUS_WNOHANG, &status) }
    if pid == 0 { return nil }
    // wait(2): the low seven bits are a signal, the next byte is a status.
    let signal = status & 0x7f
    return (Int32(pid), signal == 0 ? .exited(status >> 8 & 0xff) : .signaled(signal))
  }

  /// setsid(2). EPERM for a process group leader.
  @inline(never)
  package static func makeSession() throws(SyscallError) { try check(apus_setsid(), "setsid") }

  /// Makes this process the leader of a new process group (setpgid(2)).
  @inline(never)
  package static func makeProcessGroup() throws(SyscallError) {
    try check(apus_setpgid(0, 0), "setpgid")
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

  /// For a child of `parent`, right after the clone: it does not outlive the parent. A change of user ends this.
  package static func endWithParent(_ parent: Int32) throws(SyscallError) {
    try setParentDeathSignal(.kill)
    // It may have ended before. One in another pid namespace has no number here.
    if parentID != parent, parentID != 0 { exit(1) }
  }

  /// Whether orphaned descendants become children of this process (PR_SET_CHILD_SUBREAPER).
  @inline(never)
  package static func setChildSubreaper(_ on: Bool) throws(SyscallError) {
    try control(APUS_PR_SET_CHILD_SUBREAPER, on ? 1 : 0)
  }

  /// Makes `file` what `/proc/PID/exe` leads to, without an execve: this program's segments are mapped
  /// anew from it, so `file` must have the same content, through another mount. The executable can be
  /// replaced once nothing maps the old one (prctl(2), PR_SET_MM_MAP).
  ///
  /// Throws EPERM without CAP_CHECKPOINT_RESTORE, and EINVAL of a kernel without CONFIG_CHECKPOINT_RESTORE;
  /// `/proc/PID/exe` is the old file then.
  package static func replaceExecutable(_ file: Handle) throws(SyscallError) {
    try check(apus_replace_executable(file.raw), "prctl", "PR_SET_MM_MAP")
  }

  /// PR_SET_NO_NEW_PRIVS; it cannot be undone.
  @inline(never)
  package static func setNoNewPrivileges() throws(SyscallError) {
    try control(APUS_PR_SET_NO_NEW_PRIVS, 1)
  }

  #if DEBUG
    /// What ps(1) shows, 15 bytes of it (PR_SET_NAME).
    package static func setName(_ name: StaticString) throws(SyscallError) {
      let start = unsafe UInt(bitPattern: name.utf8Start)
      try control(APUS_PR_SET_NAME, UInt64(start))
    }
  #endif

  /// prctl(2).
  @discardableResult
  @inline(never)
  package static func control(
    _ option: Int32, _ a: UInt64 = 0, _ b: UInt64 = 0, _ c: UInt64 = 0
  ) throws(SyscallError) -> Int64 {
    try check(apus_prctl(option, a, b, c, 0), "prctl", ByteString(decimal: option))
  }

  /// umask(2); gives the old mask.
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
}
