import Bytes
import Linux

/// The lock of one container, an flock(2) on its directory: held by every command that changes
/// something, from the look at the status to the last change, and never while a command waits for
/// the container's program.
///
/// It lies on an open file of its own, and is given up by name: a child that still holds a copy of
/// the descriptor does not hold the lock.
package final class StateLock: Sendable {
  /// How long a command waits for another, in milliseconds: longer than `delete` takes to kill.
  package static let timeout: Int64 = 15_000

  private let file: SharedDescriptor

  init(on directory: Handle, of id: ContainerID, milliseconds: Int64) throws(StateError) {
    do throws(SyscallError) {
      file = SharedDescriptor(try directory.open(".", [.directory]))
    } catch {
      throw error.errno == .ENOENT ? .doesNotExist : .system(error)
    }
    let deadline = Clock.monotonicNanoseconds + milliseconds * 1_000_000
    var pause: Int32 = 1
    while true {
      do throws(SyscallError) {
        try file.handle.lock(.exclusive, wait: false)
        return
      } catch {
        if error.errno != .EAGAIN { throw .system(error) }
      }
      if Clock.monotonicNanoseconds >= deadline { throw .busy(id) }
      do throws(SyscallError) { try Polling.pause(milliseconds: pause) } catch {
        throw .system(error)
      }
      pause = min(pause * 2, 50)
    }
  }

  /// Releases the lock before the descriptor is closed.
  package func release() {
    // Unlocking a held flock cannot fail, and a closed file has none.
    do throws(SyscallError) { try file.handle.lock(.unlock, wait: false) } catch {}
  }

  /// For a child after clone: it shares the open file, and would keep the lock if the parent were killed.
  package func closeInChild() { file.closeInChild() }

  deinit { release() }

  /// Whether the lock is held now.
  static func isHeld(on directory: Handle) throws(StateError) -> Bool {
    do throws(SyscallError) {
      let probe = try directory.open(".", [.directory])
      do throws(SyscallError) {
        try probe.handle.lock(.shared, wait: false)
        return false
      } catch {
        if error.errno == .EAGAIN { return true }
        throw error
      }
    } catch {
      if error.errno == .ENOENT { return false }
      throw .system(error)
    }
  }
}
