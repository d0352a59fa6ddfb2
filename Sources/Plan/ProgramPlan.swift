package import Bytes
package import Identity
package import OCISpec

/// The program of a container, and where and how it is executed.
package struct ProgramPlan: Equatable, Sendable {
  package var arguments: [ByteString]
  package var environment: EnvironmentPlan
  /// Absolute, in the container.
  package var workingDirectory: ByteString
  /// nil for a program without a terminal.
  package var terminal: TerminalPlan?

  /// In characters; nil leaves the size that a new terminal has.
  package struct TerminalPlan: Equatable, Sendable {
    package var size: Size?
    package struct Size: Equatable, Sendable {
      package var rows: UInt16
      package var columns: UInt16
    }
  }

  /// `pointer` is where the process object stands: `/process`, or nothing for a file of its own.
  package static func make(_ process: OCISpec.Process, pointer: ByteString) throws(ConfigError)
    -> ProgramPlan
  {
    guard !process.args.isEmpty, !process.args[0].isEmpty else {
      throw ConfigError(pointer + "/args", "names no program")
    }
    guard process.cwd.hasPrefix("/") else {
      throw ConfigError(
        pointer + "/cwd",
        process.cwd.isEmpty
          ? "Cwd property must not be empty"
          : quoted(process.cwd) + " must be an absolute path")
    }
    return ProgramPlan(
      arguments: process.args,
      environment: try EnvironmentPlan.make(process.env, pointer: pointer + "/env"),
      workingDirectory: process.cwd,
      terminal: process.terminal ? try terminal(process.consoleSize, pointer: pointer) : nil)
  }

  private static func terminal(_ size: OCISpec.Process.ConsoleSize?, pointer: ByteString)
    throws(ConfigError) -> TerminalPlan
  {
    guard let size, size.height != 0 || size.width != 0 else { return TerminalPlan(size: nil) }
    guard let rows = UInt16(exactly: size.height), let columns = UInt16(exactly: size.width) else {
      throw ConfigError(pointer + "/consoleSize", "a terminal has at most 65535 rows and columns")
    }
    return TerminalPlan(size: .init(rows: rows, columns: columns))
  }
}
