import Bytes
package import Linux

/// Waits for events of a container: a kill for memory, the end of its last process.
package final class CgroupWatch {
  /// What ended the wait.
  package enum Event: Equatable, Sendable {
    case outOfMemory
    /// The last process ended, or the cgroup is gone.
    case empty
    case timeout
  }

  private let events: SharedDescriptor
  /// nil without the memory controller.
  private let memory: SharedDescriptor?
  private var kills: UInt64

  package init(_ cgroup: Cgroup) throws(CgroupError) {
    do throws(SyscallError) {
      events = try cgroup.files.open("cgroup.events", .readOnly)
      do throws(SyscallError) { memory = try cgroup.files.open("memory.events", .readOnly) } catch {
        guard error.errno == .ENOENT else { throw error }
        memory = nil
      }
      kills = 0
      kills = try readKills()
    } catch {
      throw .system("watching", path: cgroup.files.path.text, error)
    }
  }

  /// The next event within `milliseconds`.
  package func next(milliseconds: Int64) throws(SyscallError) -> Event {
    let end = Clock.monotonicNanoseconds + milliseconds * 1_000_000
    while true {
      do throws(SyscallError) {
        let now = try readKills()
        if now > kills {
          kills = now
          return .outOfMemory
        }
        try events.handle.seek(to: 0)
        let text = ByteString(try events.handle.read(upTo: 4096))
        if text.split(on: 0x0a).contains("populated 0") { return .empty }
        let left = (end - Clock.monotonicNanoseconds + 999_999) / 1_000_000
        if left <= 0 { return .timeout }
        var handles: [(Handle, Polling.Events)] = [(events.handle, .priority)]
        if let memory { handles.append((memory.handle, .priority)) }
        _ = try Polling.wait(handles, milliseconds: Int32(min(left, 60_000)))
      } catch {
        if CgroupTree.isGone(error) { return .empty }
        throw error
      }
    }
  }

  private func readKills() throws(SyscallError) -> UInt64 {
    guard let memory else { return 0 }
    try memory.handle.seek(to: 0)
    return CgroupFile.value(
      "oom_kill", CgroupFile.flat(ByteString(try memory.handle.read(upTo: 4096))))
  }
}
