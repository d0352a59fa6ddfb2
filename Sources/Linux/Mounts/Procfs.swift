package import Bytes
import CShim

/// Procfs through a descriptor of the runtime's own instance, never through `/proc` of an attacker's tree
/// (CVE-2019-16884, CVE-2025-52881).
package enum Procfs {
  /// A new detached instance of procfs, with nothing mounted over it. With `onlyProcesses`
  /// it has no `sys` and nothing else of the machine (Linux 5.8).
  @inline(never)
  package static func openPrivate(onlyProcesses: Bool) throws(SyscallError) -> FileDescriptor {
    let context = try Mounting.openFilesystem("proc")
    if onlyProcesses { try Mounting.configure(context.handle, "subset", "pid") }
    try Mounting.create(context.handle)
    return try Mounting.mountFilesystem(
      context.handle, [.noSetUserID, .noDevices, .noExecute])
  }

  /// Procfs for what a process writes about itself and its namespaces: an instance of our own, or
  /// the visible `/proc` where the kernel refuses one.
  @inline(never)
  package static func openForSelf() throws(SyscallError) -> FileDescriptor {
    do throws(SyscallError) {
      return try openPrivate(onlyProcesses: false)
    } catch {
      return try openHost()
    }
  }

  /// The `/proc` of the host, for a process that is still outside every container.
  @inline(never)
  package static func openHost() throws(SyscallError) -> FileDescriptor {
    let proc = try Handle.currentDirectory.open("/proc", [.path, .directory])
    try verify(proc.handle, "/proc")
    return proc
  }

  /// Opens a file below a procfs handle: no link, no other mount on the way, and procfs at the end.
  @inline(never)
  package static func open(_ procfs: Handle, _ path: ByteString, _ flags: OpenFlags)
    throws(SyscallError) -> FileDescriptor
  {
    let file = try procfs.open(
      path, flags.union(.noFollow), resolve: [.beneath, .noCrossDevice, .noMagicLinks, .noSymlinks])
    try verify(file.handle, path)
    return file
  }

  private static func verify(_ file: Handle, _ subject: ByteString) throws(SyscallError) {
    if try file.filesystem().type != FilesystemStatus.proc {
      throw SyscallError("procfs", subject, .EXDEV)
    }
  }
}

extension ProcessHandle {
  /// Whether it stands still by a signal or under a tracer; false for one that is in a frozen cgroup.
  package func isStopped() throws(SyscallError) -> Bool {
    try ProcessStat.read(pid)?.isStopped ?? false
  }

  /// The file that it executes, nil if it may not be seen.
  package func executable() -> FileStatus? { executableStatus(ByteString(decimal: pid)) }

  /// Whether it executes another file than we do, as far as we may see it.
  package func hasExecuted() -> Bool {
    guard let theirs = executable(), let own = executableStatus("self") else { return false }
    return !theirs.isSameFile(as: own)
  }
}

@inline(never)
private func executableStatus(_ process: ByteString) -> FileStatus? {
  do throws(SyscallError) {
    let path = "/proc/" + process + "/exe"
    let file = try Handle.currentDirectory.open(path, .path)
    return try file.handle.status()
  } catch {
    return nil
  }
}
