package import Bytes
package import Linux
import OCISpec

/// A hook that failed.
package struct HookFailure: Error, Equatable, Sendable {
  /// Why it failed.
  package enum Reason: Equatable, Sendable {
    case ended(ProcessEnd)
    /// After as many seconds as its configuration allows.
    case timedOut(Int64)
    /// It could not be run at all.
    case system(SyscallError)
  }

  package let hook: PlannedHook
  package let reason: Reason
  /// The last line that the hook wrote.
  package let lastLine: ByteString
  /// How long it ran, in milliseconds.
  package let duration: Int64

  /// Whether the kernel refused to execute it.
  package var isNotExecuted: Bool { lastLine.hasPrefix("execve failed with E") }

  /// One line with the kind, the index, the command, what happened and what the hook said about it
  /// (HK-7): ``hook /hooks/prestart/0 `/bin/x` `-v`: exited with status 3 after 12 ms: no such device``.
  package var message: ByteString {
    var line = hook.title + ": "
    let after = " after " + ByteString(decimal: duration) + " ms"
    switch reason {
    // Our own words, from before it was executed: it has no status.
    case .ended(.exited(127)) where isNotExecuted: return line + lastLine
    case .ended(.exited(let status)):
      line += "exited with status " + ByteString(decimal: status) + after
    case .ended(.signaled(let signal)):
      line += "killed by signal " + ByteString(decimal: signal) + after
    case .timedOut(let seconds): line += "timed out after " + ByteString(decimal: seconds) + " s"
    // Not the kernel's text: engines would apply it to the container's program.
    case .system(let error):
      line += error.call + " of " + quoted(error.subject) + " failed with " + error.errno.symbol
    }
    return lastLine.isEmpty ? line : line + ": " + lastLine
  }
}

extension PlannedHook {
  /// ``hook /hooks/prestart/0 `/bin/x` `-v` ``, with the first of its arguments.
  package var title: ByteString {
    let shown = 6
    var text: ByteString = "hook " + pointer + " " + quoted(path)
    for argument in arguments.dropFirst().prefix(shown) { text += " " + quoted(argument) }
    if arguments.count > shown + 1 { text += " ..." }
    return text
  }
}
