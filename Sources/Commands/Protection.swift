import Launch
package import Linux

/// What `main` does before a command, in rooms that it does not know.
package enum Descriptors {
  package static func reserve(_ count: Int) throws(SyscallError) {
    try PreservedDescriptors.reserve(count)
  }
}

/// Goes on in a protected copy of the executable.
package func protectExecutable() throws(CommandFailure) {
  do throws(StepFailure) { try SelfProtection.enter() } catch { throw CommandFailure(error) }
}
