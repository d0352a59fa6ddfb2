import Bytes
import CRIU
import Cgroups
import Linux
import Plan
import Report
import Seccomp

// `checkpoint --check`: what criu cannot dump, by what the processes have open now.
extension ControlExecutor {
  func checkDumpable(_ request: ImageRequest) throws(CommandFailure) {
    guard let plan = dump.plan else { return }
    if plan.exec.seccomp?.usesNotify == true {
      obstacles.append("a seccomp filter that notifies cannot be dumped [/linux/seccomp]")
    }
    let process = try initProcess
    var pids = [process.pid]
    if let cgroup {
      let listed: [Int32] = try CommandFailure.from { () throws(CgroupError) in
        try cgroup.processes()
      }
      if !listed.isEmpty { pids = listed }
    }
    for pid in pids {
      do throws(SyscallError) { try lookAt(pid, request) } catch {
        // It has ended.
        if error.errno != .ENOENT && error.errno != .ESRCH { throw CommandFailure(error) }
      }
    }
  }

  private func lookAt(_ pid: Int32, _ request: ImageRequest) throws(SyscallError) {
    let base = "/proc/" + ByteString(decimal: pid)
    let host = Handle.currentDirectory
    let info = SharedDescriptor(try host.open(base + "/mountinfo", .readOnly))
    let mounts = MountInfo.parse(try info.handle.readKernelFile()[...])
    let directory = SharedDescriptor(try host.open(base + "/fd", [.directory]))
    for entry in try directory.handle.entries() {
      let target = try directory.handle.readLink(entry.name)
      guard let reason = try obstacle(target, base + "/fdinfo/" + entry.name, mounts, request)
      else { continue }
      obstacles.append(
        "descriptor " + entry.name + " of process " + ByteString(decimal: pid) + ", "
          + quoted(target, .path) + ": " + reason)
    }
  }

  private func obstacle(
    _ target: ByteString, _ info: ByteString, _ mounts: [MountInfo], _ request: ImageRequest
  ) throws(SyscallError) -> ByteString? {
    if target.hasPrefix("anon_inode:[io_uring]") { return "criu has no io_uring" }
    if target.hasPrefix("anon_inode:bpf") { return "criu does not dump it" }
    guard target.hasPrefix("/") else { return nil }
    let file = SharedDescriptor(try Handle.currentDirectory.open(info, .readOnly))
    let text = ByteString(try file.handle.readKernelFile())
    for line in text.split(on: 0x0a) where line.hasPrefix("mnt_id:\t") {
      let id = line.dropFirst(8).unsignedDecimal
      if mounts.contains(where: { $0.id == id }) { return nil }
      if target.hasPrefix("/dev/pts/") {
        return request.flags.contains(.shellJob) ? nil : "a terminal of the host: --shell-job"
      }
      return "a file of the host: let it be a pipe, or a file of a mount"
    }
    return nil
  }
}
