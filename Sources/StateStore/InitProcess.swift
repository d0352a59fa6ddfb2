package import Bytes
package import Linux

/// Finding the init of a record among the running processes.
extension InitIdentity {
  /// The identity of a process that this one has just started.
  package static func of(_ process: ProcessHandle) throws(SyscallError) -> InitIdentity {
    let pid = process.pid
    guard let stat = try ProcessStat.read(pid) else {
      throw SyscallError("open", "/proc/" + ByteString(decimal: pid) + "/stat", .ESRCH)
    }
    return InitIdentity(
      pid: pid, startTime: stat.startTime, inode: try process.inode(),
      bootID: try currentBootID())
  }

  /// A pidfd of the process; nil if it has ended or its pid now belongs to another process.
  package func open() throws(SyscallError) -> ProcessHandle? {
    try open(in: try InitIdentity.currentBootID())
  }

  /// During the boot `bootID`. The identity is checked after the pidfd was opened, when it can no longer mean
  /// another process.
  package func open(in bootID: ByteString) throws(SyscallError) -> ProcessHandle? {
    guard bootID == self.bootID, let process = try ProcessHandle.find(pid) else { return nil }
    if let inode {
      // A number of its own: nothing has to be found out in procfs, where a look is three times as dear.
      guard try process.handle.status().inode == inode, try !process.hasEnded() else { return nil }
      return process
    }
    guard let stat = try ProcessStat.read(pid), stat.startTime == startTime, !stat.hasEnded else {
      return nil
    }
    return process
  }

  /// Whether it has been killed, and is about to end.
  package func isEnding() throws(SyscallError) -> Bool {
    guard let stat = try ProcessStat.read(pid) else { return true }
    return stat.startTime != startTime || stat.hasEnded || stat.isEnding
  }

  /// How it ended, until its parent has reaped it; nil afterwards, and while it runs.
  package func unreapedEnd() -> (end: ProcessEnd, dumpedCore: Bool)? {
    do throws(SyscallError) {
      guard try InitIdentity.currentBootID() == bootID, let stat = try ProcessStat.read(pid),
        stat.startTime == startTime, stat.hasEnded, let status = stat.waitStatus
      else { return nil }
      return ProcessEnd.of(waitStatus: status)
    } catch {
      return nil
    }
  }

  /// /proc/sys/kernel/random/boot_id (random(4)).
  package static func currentBootID() throws(SyscallError) -> ByteString {
    let file = SharedDescriptor(
      try Handle.currentDirectory.open("/proc/sys/kernel/random/boot_id", .readOnly))
    return ByteString(try file.handle.read(upTo: 64).prefix(36))
  }
}
