package import Bytes
package import Linux

/// The init of a record, looked for among the living.
extension InitIdentity {
  /// Who the process `pid`, just started by us, is.
  package static func of(_ pid: Int32) throws(SyscallError) -> InitIdentity {
    guard let stat = try stat(of: pid) else {
      throw SyscallError("open", "/proc/" + ByteString(decimal: pid) + "/stat", .ESRCH)
    }
    return InitIdentity(pid: pid, startTime: stat.startTime, bootID: try currentBootID())
  }

  /// The process by a descriptor, nil if it has ended or its number belongs to another one now.
  ///
  /// The number is looked at after the descriptor was taken: what the descriptor means cannot change
  /// any more.
  package func open() throws(SyscallError) -> ProcessHandle? {
    guard try InitIdentity.currentBootID() == bootID else { return nil }
    do throws(SyscallError) {
      let process = try ProcessHandle.open(pid)
      guard let stat = try InitIdentity.stat(of: pid), stat.startTime == startTime, !stat.hasEnded
      else { return nil }
      return process
    } catch {
      if error.errno == .ESRCH || error.errno == .EINVAL { return nil }
      throw error
    }
  }

  /// Whether it runs, at this moment; for who sends it nothing. During the boot `bootID`.
  package func isRunning(in bootID: ByteString) throws(SyscallError) -> Bool {
    guard bootID == self.bootID, let stat = try InitIdentity.stat(of: pid) else { return false }
    return stat.startTime == startTime && !stat.hasEnded
  }

  /// How it ended, as long as its parent has not asked; nil afterwards, and while it runs.
  package func unreapedEnd() -> (end: ProcessEnd, dumpedCore: Bool)? {
    do throws(SyscallError) {
      guard try InitIdentity.currentBootID() == bootID, let stat = try InitIdentity.stat(of: pid),
        stat.startTime == startTime, stat.hasEnded, let status = stat.waitStatus
      else { return nil }
      // Others read 0 for it, which means nothing then.
      guard Credentials.effectiveUserID == 0 || status != 0 else { return nil }
      return ProcessEnd.of(waitStatus: status)
    } catch {
      return nil
    }
  }

  private static func stat(of pid: Int32) throws(SyscallError) -> ProcessStat? {
    do throws(SyscallError) {
      let file = SharedDescriptor(
        try Handle.currentDirectory.open(
          "/proc/" + ByteString(decimal: pid) + "/stat", .readOnly))
      return ProcessStat(ByteString(try file.handle.read(upTo: 4096)))
    } catch {
      if error.errno == .ENOENT || error.errno == .ESRCH { return nil }
      throw error
    }
  }

  /// /proc/sys/kernel/random/boot_id (random(4)).
  package static func currentBootID() throws(SyscallError) -> ByteString {
    let file = SharedDescriptor(
      try Handle.currentDirectory.open("/proc/sys/kernel/random/boot_id", .readOnly))
    return ByteString(try file.handle.read(upTo: 64).prefix(36))
  }
}
