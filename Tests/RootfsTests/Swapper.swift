import Bytes
import Foundation
import Linux

/// Exchanges the names `a` and `b` of a directory until it is stopped, as an attacker would.
final class Swapper: @unchecked Sendable {
  private let directory: SharedDescriptor
  private let lock = NSLock()
  private var isStopped = false
  private let ended = DispatchSemaphore(value: 0)

  init(_ directory: SharedDescriptor) {
    self.directory = directory
    Thread.detachNewThread { [self] in
      while goesOn {
        exchange("a", "t")
        exchange("b", "a")
        exchange("t", "b")
      }
      ended.signal()
    }
  }

  private var goesOn: Bool { lock.withLock { !isStopped } }

  private func exchange(_ name: ByteString, _ newName: ByteString) {
    // Nobody else renames here.
    do throws(SyscallError) { try directory.handle.rename(name, to: newName) } catch {
      lock.withLock { isStopped = true }
    }
  }

  func stop() {
    lock.withLock { isStopped = true }
    ended.wait()
  }
}
