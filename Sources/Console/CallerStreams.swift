import Bytes
package import Linux

/// Where a foreground command reads and writes: the standard streams, except in tests.
package struct CallerStreams: Sendable {
  package var input = Handle.standardInput
  package var output = Handle.standardOutput

  package init() {}

  /// Both ends are terminals: the caller's is made raw, and every byte of the container's passes
  /// through it as through a wire, as full-screen programs need it.
  var areTerminals: Bool { Terminal.isTerminal(input) && Terminal.isTerminal(output) }

  /// Gives the container's terminal what the caller's has, before a program sees it: the size, and
  /// where the output is read by a script (or by a terminal with output processing of its own) no
  /// carriage return before each line feed.
  package func prepare(_ master: Handle) throws(SyscallError) {
    try copySize(to: master)
    if !areTerminals { try TerminalState(of: master).keepingNewlines.apply(to: master) }
  }

  /// Keeps the size that the terminal has where the caller has no terminal, or one without a size.
  func copySize(to master: Handle) throws(SyscallError) {
    let ends = [input, output, .standardError]
    guard let terminal = ends.first(where: { Terminal.isTerminal($0) }) else { return }
    let size: (rows: UInt16, columns: UInt16)
    // It may have been hung up since.
    do throws(SyscallError) { size = try Terminal.size(of: terminal) } catch { return }
    if size.rows != 0 && size.columns != 0 {
      try Terminal.setSize(master, rows: size.rows, columns: size.columns)
    }
  }
}

/// One of the caller's streams, used without ever blocking.
///
/// O_NONBLOCK belongs to the open file, which the caller and its shell share: so a terminal or a pipe is
/// opened again, for the relay alone. Where that is refused, poll(2) says how little can be written.
struct CallerStream {
  private let caller: Handle
  private let own: SharedDescriptor?
  /// How much one write may be where the file is the caller's own.
  private let limit: Int

  init(_ caller: Handle, _ access: OpenFlags) {
    self.caller = caller
    let isTerminal = Terminal.isTerminal(caller)
    own = CallerStream.reopen(caller, access, isTerminal: isTerminal)
    // A pipe that takes anything takes PIPE_BUF, a terminal one byte.
    limit = own == nil && isTerminal ? 1 : 4096
  }

  /// Not a pipe to read from: one that is opened after its writers have gone does not say so to poll.
  private static func reopen(_ caller: Handle, _ access: OpenFlags, isTerminal: Bool)
    -> SharedDescriptor?
  {
    do throws(SyscallError) {
      let kind = try caller.status().kind
      guard isTerminal || (kind == .fifo && access == .writeOnly) else { return nil }
      return SharedDescriptor(
        try Handle.currentDirectory.open(
          caller.descriptorPath,
          access.union([.nonBlocking, .noControllingTerminal])))
    } catch {
      return nil
    }
  }

  var handle: Handle { own?.handle ?? caller }

  /// Readiness, the end of the file or an error: what read and write tell apart.
  private func has(_ events: Polling.Events) throws(SyscallError) -> Bool {
    try !Polling.wait([(handle, events)], milliseconds: 0)[0].isEmpty
  }

  /// nil where there is nothing to read now; empty at the end.
  func read(upTo count: Int) throws(SyscallError) -> [UInt8]? {
    guard try has(.input) else { return nil }
    do throws(SyscallError) { return try handle.read(upTo: count) } catch {
      // Another reader was faster.
      if error.errno == .EAGAIN { return nil }
      throw error
    }
  }

  /// As many of `bytes` as go without waiting.
  func write(_ bytes: [UInt8]) throws(SyscallError) -> Int {
    guard try has(.output) else { return 0 }
    return try handle.writeSome(bytes.prefix(limit))
  }
}
