import Bytes
import Foundation
import Linux
import Testing

/// Exchanges the names `a` and `b` of a directory until it is stopped, as an attacker would.
final class Swapper: @unchecked Sendable {
  private let directory: SharedDescriptor
  private let lock = NSLock()
  private var isStopped = false
  private var swaps = 0
  private var error: SyscallError?
  private let ended = DispatchSemaphore(value: 0)

  init(_ directory: SharedDescriptor) {
    self.directory = directory
    Thread.detachNewThread { [self] in
      while goesOn {
        exchange("a", "t")
        replace("b", "a")
        exchange("t", "b")
        lock.withLock { if error == nil { swaps += 1 } }
      }
      ended.signal()
    }
  }

  private var goesOn: Bool { lock.withLock { !isStopped } }

  /// Whoever found no `a` may have made one meanwhile, which goes out of the way.
  private func replace(_ name: ByteString, _ newName: ByteString) {
    for attempt in 0..<1000 {
      do throws(SyscallError) { return try directory.handle.rename(name, to: newName) } catch {
        let number = lock.withLock { swaps }
        exchange(
          newName, "made-" + ByteString(decimal: number) + "-" + ByteString(decimal: attempt))
      }
    }
    exchange(name, newName)
  }

  private func exchange(_ name: ByteString, _ newName: ByteString) {
    // Nobody else renames here.
    do throws(SyscallError) { try directory.handle.rename(name, to: newName) } catch {
      lock.withLock {
        isStopped = true
        if self.error == nil { self.error = error }
      }
    }
  }

  func stop() {
    lock.withLock { isStopped = true }
    ended.wait()
    ended.signal()
  }

  /// Stops it. Nothing was tried if nothing was exchanged.
  func expectSwaps() {
    stop()
    lock.withLock {
      #expect(error?.message == nil)
      #expect(swaps > 0)
    }
  }
}
