import Bytes
import Linux

/// A process that does nothing. systemd makes a scope around a process that exists, and init is to be
/// cloned into its cgroup, not moved there: so this one is there before.
final class ScopeHolder {
  private let child: ProcessHandle
  private var isAlive = true
  var pid: Int32 { child.pid }

  init() throws(SyscallError) {
    let parent = ThisProcess.id
    switch try ThisProcess.clone() {
    case .parent(let child): self.child = child
    case .child:
      do throws(SyscallError) { try ThisProcess.endWithParent(parent) } catch {
        ThisProcess.exit(1)
      }
      while true { Clock.sleep(milliseconds: 60_000) }
    }
  }

  func end() {
    if !isAlive { return }
    isAlive = false
    child.end()
  }

  deinit { end() }
}
