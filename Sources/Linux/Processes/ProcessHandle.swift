import Bytes
import CShim

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

/// A process, held by its pidfd: never by a number that another process may have by now.
package final class ProcessHandle: Sendable {
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
  package static func open(_ pid: Int32) throws(SyscallError) -> ProcessHandle {
    let fd = try check(apus_pidfd_open(pid), "pidfd_open", ByteString(decimal: pid))
    return ProcessHandle(pid: pid, descriptor: FileDescriptor(owning: Int32(fd)))
  }

  /// The same; nil where no process has the number. It may be that of a thread by now: EINVAL before
  /// Linux 6.15, ENOENT since.
  package static func find(_ pid: Int32) throws(SyscallError) -> ProcessHandle? {
    do throws(SyscallError) { return try open(pid) } catch {
      switch error.errno {
      case .ESRCH, .EINVAL, .ENOENT: return nil
      default: throw error
      }
    }
  }

  /// The process that a received pidfd is of.
  @inline(never)
  package static func adopt(_ pidfd: SharedDescriptor) throws(SyscallError) -> ProcessHandle {
    let copy = try pidfd.handle.duplicated()
    // Asked first, for the ioctl's number may mean anything to a device.
    if try copy.handle.filesystem().type == FilesystemStatus.pidfs {
      let number = apus_pidfd_number(copy.handle.raw)
      if number > 0 { return ProcessHandle(pid: Int32(number), descriptor: copy) }
    }
    return try readNumber(of: copy)
  }

  /// Before Linux 6.13 (proc_pid_fdinfo(5)).
  private static func readNumber(of copy: consuming FileDescriptor) throws(SyscallError)
    -> ProcessHandle
  {
    let path: ByteString = "/proc/self/fdinfo/" + ByteString(decimal: copy.handle.raw)
    let info = try Handle.currentDirectory.open(path, .readOnly)
    for line in ByteString(try info.handle.readAll(limit: 4096)).split(on: UInt8(ascii: "\n")) {
      guard line.hasPrefix("Pid:\t"), let pid = line.dropFirst(5).unsignedDecimal,
        let pid = Int32(exactly: pid), pid > 0
      else { continue }
      return ProcessHandle(pid: pid, descriptor: copy)
    }
    throw SyscallError("pidfd", path, .ESRCH)
  }

  /// The inode number of its pidfds: no other process has it before the machine is booted again. nil before
  /// Linux 6.9, where all have the same.
  @inline(never)
  package func inode() throws(SyscallError) -> UInt64? {
    if try handle.filesystem().type != FilesystemStatus.pidfs { return nil }
    return try handle.status().inode
  }

  /// Whether all its threads have ended, also while nobody has reaped it.
  @inline(never)
  package func hasEnded() throws(SyscallError) -> Bool {
    var (number, events, result) = (handle.raw, Int16(APUS_POLLIN), Int16(0))
    try checkRetrying("poll", ByteString(decimal: pid)) {
      unsafe apus_poll(&number, &events, &result, 1, 0)
    }
    return result != 0
  }

  /// pidfd_send_signal(2). ESRCH if the process has been reaped.
  @inline(never)
  package func send(_ signal: Signal) throws(SyscallError) {
    try check(
      apus_pidfd_send_signal(handle.raw, signal.rawValue), "pidfd_send_signal",
      ByteString(decimal: pid))
  }

  /// In milliseconds: how long a killed process may take to go. One that sleeps in the kernel, as on a
  /// file server that is gone, may never.
  private static var timeout: Int32 { 10_000 }

  /// Kills and reaps.
  @inline(never)
  package func end() {
    do throws(SyscallError) {
      try send(.kill)
      _ = try wait(milliseconds: ProcessHandle.timeout)
    } catch {
      // Ended, perhaps reaped: who did that before us did what we want.
    }
  }

  /// A copy of its descriptor `number`, nil if it has none; needs the rights of a debugger
  /// (pidfd_getfd(2)).
  @inline(never)
  package func descriptor(_ number: Int32) throws(SyscallError) -> SharedDescriptor? {
    let answer = apus_pidfd_getfd(handle.raw, number)
    if answer.failed(with: .EBADF) { return nil }
    return SharedDescriptor(
      FileDescriptor(
        owning: Int32(try check(answer, "pidfd_getfd", ByteString(decimal: number)))))
  }

  /// Waits for the end without a timeout, and reaps. EINTR if a signal ends the command.
  @inline(never)
  package func wait() throws(SyscallError) -> ProcessEnd {
    while true {
      let events = try Polling.wait([(handle, .input)], milliseconds: -1)
      if !events[0].isEmpty, let end = try pollEnded() { return end }
    }
  }

  /// Waits for the end for a while, nil if it did not come, and reaps.
  @inline(never)
  package func wait(milliseconds: Int32) throws(SyscallError) -> ProcessEnd? {
    let events = try Polling.wait([(handle, .input)], milliseconds: milliseconds)
    return events[0].isEmpty ? nil : try pollEnded()
  }

  /// The end if it has come; reaps then.
  @inline(never)
  package func poll() throws(SyscallError) -> ProcessEnd? {
    var code: Int32 = 0
    var status: Int32 = 0
    try checkRetrying("waitid", ByteString(decimal: pid)) {
      unsafe apus_wait_pidfd(handle.raw, APUS_WNOHANG, &code, &status)
    }
    // CLD_KILLED and CLD_DUMPED carry a signal.
    if code == 0 { return nil }
    return code == APUS_CLD_EXITED ? .exited(status) : .signaled(status)
  }

  /// The end of a process whose descriptor says that it has ended. While a process of the container traces it
  /// nobody can reap it, and to wait for that would be to wait for the container: procfs has its status.
  /// A tracer has a second where that may not be read.
  @inline(never)
  package func pollEnded() throws(SyscallError) -> ProcessEnd? {
    for _ in 0..<100 {
      if let end = try poll() { return end }
      if let stat = try ProcessStat.read(pid), stat.hasEnded, let status = stat.waitStatus {
        return ProcessEnd.of(waitStatus: status).end
      }
      Clock.sleep(milliseconds: 10)
    }
    throw .unmet(
      "process " + ByteString(decimal: pid) + " has ended, and another process traces it: how it "
        + "ended is not known")
  }

  /// Kills the process and the group that it leads. Call it before the process is reaped: until then
  /// no other process can have the pid.
  package func killGroup() throws(SyscallError) {
    let answer = apus_kill(-pid, Signal.kill.rawValue)
    // The child may not have made its group yet.
    if !answer.failed(with: .ESRCH) {
      try check(answer, "kill", ByteString(decimal: -pid))
    }
    try send(.kill)
  }
}
