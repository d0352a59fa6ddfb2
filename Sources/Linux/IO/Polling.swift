import Bytes
import CShim

/// Waiting for several descriptors at once (poll(2)), fifteen at most. Every wait of the runtime for
/// something that may never happen goes through this.
package enum Polling {
  /// `revents` and `events` of poll(2).
  package struct Events: OptionSet, Sendable {
    package let rawValue: Int16
    package init(rawValue: Int16) { self.rawValue = rawValue }
    package static let input = Events(rawValue: Int16(APUS_POLLIN))
    package static let priority = Events(rawValue: Int16(APUS_POLLPRI))
    package static let output = Events(rawValue: Int16(APUS_POLLOUT))
    package static let error = Events(rawValue: Int16(APUS_POLLERR))
    package static let hangUp = Events(rawValue: Int16(APUS_POLLHUP))
  }

  /// What happened to each of `handles`; all empty when `milliseconds` passed (-1: no timeout).
  /// A wait that the kernel interrupted counts as one in which nothing happened. EINTR means that the
  /// command is to end (`Interruption`).
  @inline(never)
  package static func wait(_ handles: [(Handle, Events)], milliseconds: Int32) throws(SyscallError)
    -> [Events]
  {
    var numbers = handles.map { $0.0.raw }
    var events = handles.map { $0.1.rawValue }
    let interruption = milliseconds == 0 ? nil : Interruption.watched
    if let interruption {
      numbers.append(interruption.raw)
      events.append(Events.input.rawValue)
    }
    var results = [Int16](repeating: 0, count: numbers.count)
    var answer = unsafe numbers.withUnsafeBufferPointer { numbers in
      unsafe events.withUnsafeBufferPointer { events in
        unsafe results.withUnsafeMutableBufferPointer {
          unsafe apus_poll(
            UnsafeMutablePointer(mutating: numbers.baseAddress),
            UnsafeMutablePointer(mutating: events.baseAddress), $0.baseAddress,
            UInt32(numbers.count), milliseconds)
        }
      }
    }
    if answer.failed(with: .EINTR) { answer = 0 }
    try check(answer, "poll")
    if interruption != nil, results.removeLast() != 0 { throw try Interruption.take() }
    return results.map { Events(rawValue: $0) }
  }

  /// A sleep that ends early if a signal ends the command.
  package static func pause(milliseconds: Int32) throws(SyscallError) {
    _ = try wait([], milliseconds: milliseconds)
  }
}
