import Container
import Launch
package import Linux
package import Report
import Tracing

/// What `main` does before a command, in modules that it does not import.
package enum Descriptors {
  /// How many from 3 on a service manager passed in.
  package static var passedIn: Int { ListenDescriptors.count }

  /// Returns the numbers among them that no file of the caller's has.
  package static func reserve(_ count: Int) throws(SyscallError) -> [Int32] {
    try PreservedDescriptors.reserve(count)
  }
}

/// Goes on in a protected copy of the executable.
package func protectExecutable(isTraced: Bool = false) throws(CommandFailure) {
  let variables = isTraced ? [TraceFile.began(SharedSpans.now)] : []
  do throws(StepFailure) { try SelfProtection.enter(adding: variables) } catch {
    throw CommandFailure(error)
  }
}
