import Bytes
import Linux
package import Report

/// The host's `ps` for some processes of the host.
package enum HostProcesses {
  /// What `ps ARGUMENTS` (default `-ef`) prints of `pids`.
  static func table(_ pids: [Int32], _ arguments: [ByteString]) throws(CommandFailure) -> [UInt8] {
    try select(pids, from: try run(arguments.isEmpty ? ["-ef"] : arguments))
  }

  /// The header, and the lines whose PID column is one of `pids`.
  package static func select(_ pids: [Int32], from output: [UInt8]) throws(CommandFailure)
    -> [UInt8]
  {
    let lines = output.split(separator: 0x0a).map { ByteString($0) }
    guard let header = lines.first else { throw CommandFailure("ps printed nothing") }
    let titles = words(header)
    guard let column = titles.firstIndex(of: "PID") else {
      throw CommandFailure("ps printed no PID column: add it to its options")
    }
    var text = Array((header + "\n").bytes)
    for line in lines.dropFirst() {
      let cells = words(line)
      guard cells.count > column, let pid = cells[column].unsignedDecimal,
        pids.contains(where: { UInt64($0) == pid })
      else { continue }
      text += line.bytes
      text.append(0x0a)
    }
    return text
  }

  private static func words(_ line: ByteString) -> [ByteString] {
    line.split(on: 0x20).filter { !$0.isEmpty }
  }

  /// What it prints. PATH may be unset, since engines call us without one, and is not trusted.
  private static func run(_ arguments: [ByteString]) throws(CommandFailure) -> [UInt8] {
    let image = ExecutableImage(
      arguments: ["ps"] + arguments, environment: ProcessArguments.environment)
    let (output, end) = try CommandFailure.from {
      () throws(SyscallError) -> ([UInt8], ProcessEnd) in
      let (reading, child) = try start(image)
      defer { child.end() }
      // It reads what processes in the kernel's hands may keep from it.
      let output = try reading.handle.readAll(limit: 64 << 20, milliseconds: 10_000)
      guard let end = try child.wait(milliseconds: 10_000) else {
        throw .unmet("ps has not ended within 10 s")
      }
      return (output, end)
    }
    if end == .exited(127) { throw CommandFailure("the host has no /usr/bin/ps") }
    if end != .exited(0) {
      throw CommandFailure("ps ended with status " + ByteString(decimal: end.exitStatus))
    }
    return output
  }

  /// The child, and the end of a pipe that only the child can write to.
  private static func start(_ image: ExecutableImage) throws(SyscallError) -> (
    SharedDescriptor, ProcessHandle
  ) {
    let (reading, writing) = try makePipe()
    let own = ThisProcess.id
    switch try ThisProcess.fork() {
    case .child:
      do throws(SyscallError) {
        try ThisProcess.endWithParent(own)
        try Signals.resetAll()
        try writing.handle.duplicate(onto: 1)
        _ = image.execute("/usr/bin/ps")
        _ = image.execute("/bin/ps")
      } catch {
        // Told by the status.
      }
      ThisProcess.exit(127)
    case .parent(let child): return (reading, child)
    }
  }
}
