import Bytes
import Linux

extension HookRunner {
  /// Waits for the hook and collects what it writes, for as long as it may take. It is gone after any
  /// other end of the wait.
  func supervise(
    _ child: ProcessHandle, _ hook: PlannedHook, grace: Int64?, reading: Handle,
    _ output: inout HookOutput
  ) throws(SyscallError) -> ProcessEnd? {
    do throws(SyscallError) {
      if let end = try awaitEnd(of: child, hook, grace: grace, reading: reading, &output) {
        return end
      }
    } catch {
      // The first error counts.
      do throws(SyscallError) { try child.killGroup() } catch {}
      child.end()
      throw error
    }
    try child.killGroup()
    child.end()
    try output.drain(reading)
    return nil
  }

  /// nil when its time ran out. The first signal leaves it `grace` seconds; without them it ends the wait.
  ///
  /// A hook may leave a daemon behind that holds the pipe, so the end of the hook counts and not the
  /// end of its output.
  private func awaitEnd(
    of child: ProcessHandle, _ hook: PlannedHook, grace: Int64?, reading: Handle,
    _ output: inout HookOutput
  ) throws(SyscallError) -> ProcessEnd? {
    let deadline = hook.timeout.map { Deadline(seconds: $0) }
    var interruption: (error: SyscallError, graceEnd: Deadline)?
    var isOpen = true
    while true {
      var remaining = deadline?.millisecondsLeft() ?? -1
      if remaining == 0 { return nil }
      if let interruption {
        let left = interruption.graceEnd.millisecondsLeft()
        if left == 0 { throw interruption.error }
        remaining = remaining < 0 ? left : min(left, remaining)
      }
      var handles: [(Handle, Polling.Events)] = [(child.handle, .input)]
      if isOpen { handles.append((reading, .input)) }
      let events: [Polling.Events]
      do throws(SyscallError) {
        events = try Polling.wait(handles, milliseconds: remaining)
      } catch {
        guard error.errno == .EINTR, let grace, interruption == nil else { throw error }
        interruption = (error, Deadline(seconds: grace))
        Interruption.rearm()
        continue
      }
      if !events[0].isEmpty {
        let end = try child.wait()
        try output.drain(reading)
        return end
      }
      if isOpen, !events[1].isEmpty { isOpen = try output.readSome(reading) }
    }
  }
}

/// A moment that comes at most `Int32.max` milliseconds at a time nearer.
private struct Deadline {
  private let nanoseconds: Int64

  init(seconds: Int64) {
    let (span, over) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    let (moment, late) = Clock.monotonicNanoseconds.addingReportingOverflow(span)
    nanoseconds = over || late ? .max : moment
  }

  /// 0 once it has passed, rounded up before.
  func millisecondsLeft() -> Int32 {
    let left = nanoseconds - Clock.monotonicNanoseconds
    return left <= 0 ? 0 : Int32(min(left / 1_000_000 + 1, Int64(Int32.max)))
  }
}

/// The end of what a hook wrote, whatever it wrote in all.
struct HookOutput {
  static let kept = 2048
  private var tail = [UInt8]()

  mutating func append(_ bytes: [UInt8]) {
    tail += bytes
    if tail.count > HookOutput.kept { tail.removeFirst(tail.count - HookOutput.kept) }
  }

  /// False at the end of the output.
  mutating func readSome(_ pipe: Handle) throws(SyscallError) -> Bool {
    let bytes = try pipe.read(upTo: 4096)
    append(bytes)
    return !bytes.isEmpty
  }

  /// Takes what is in the pipe now: no more than it holds, since a daemon may go on writing.
  mutating func drain(_ pipe: Handle) throws(SyscallError) {
    for _ in 0..<16 {
      let events = try Polling.wait([(pipe, .input)], milliseconds: 0)
      guard events[0].contains(.input), try readSome(pipe) else { return }
    }
  }

  /// The last line with anything in it, fit for a message.
  var lastLine: ByteString {
    let lines = tail.split { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }
    for line in lines.reversed() {
      let text = line.filter { $0 != 0 }
      if text.contains(where: { $0 > 0x20 }) { return ByteString(text).escaped(.sentence) }
    }
    return ByteString()
  }
}
