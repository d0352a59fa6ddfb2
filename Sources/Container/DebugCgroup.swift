import Bytes
import Cgroups
import Linux
import Plan
package import Report

/// Ends what is in a cgroup when the runtime is killed: a process of the host, which waits for that.
final class CgroupGuard {
  private let child: ProcessHandle

  init(_ cgroup: Cgroup) throws(SyscallError) {
    let parent = try ProcessHandle.open(ThisProcess.id)
    switch try ThisProcess.fork() {
    case .parent(let child): self.child = child
    case .child:
      do throws(SyscallError) {
        // Not in reach of the caller's terminal, and holding none of its pipes.
        try ThisProcess.makeSession()
        try DescriptorRange.close(from: 0, through: 2)
        _ = try Polling.wait([(parent.handle, .input)], milliseconds: -1)
      } catch {}
      do throws(CgroupError) {
        try cgroup.kill()
        try cgroup.destroy()
      } catch {}
      ThisProcess.exit(0)
    }
  }

  func end() { child.end() }
}

extension HostExecutor {
  var isDebug: Bool {
    if case .process(let new) = launched { new.plan.debug != nil } else { false }
  }

  /// Below the container's cgroup, whose limits hold for the tools too; beside it where it takes no
  /// process that runs.
  func makeDebugCgroup() throws(CommandFailure) {
    guard case .process(let new) = launched, let cgroup else { return }
    let name = "apus-debug-" + ByteString(decimal: ThisProcess.id)
    do throws(CgroupError) {
      let plan = try cgroup.guest(
        named: name, deviceProgram: new.plan.debug?.deviceProgram, host: context.host)
      guard let made = try Cgroup.create(plan, host: context.host) else { return }
      debugCgroup = made
      try made.filterDevices(plan)
      cloneTarget = try made.openDirectory("")
    } catch {
      throw CommandFailure(error)
    }
    if let debugCgroup {
      debugGuard = try attempt(SyscallError.self, CgroupGuard(debugCgroup))
    }
  }

  /// After the program: nothing of it is left.
  package func endDebug() throws(CommandFailure) {
    if let debugCgroup {
      do throws(CgroupError) {
        try debugCgroup.kill()
        try debugCgroup.destroy()
      } catch {
        throw CommandFailure(error)
      }
    }
    debugGuard?.end()
  }
}
