package import Linux

/// Where a foreground command reads and writes: the standard streams but in tests.
package struct CallerStreams: Sendable {
  package var input = Handle.standardInput
  package var output = Handle.standardOutput

  package init() {}
}

/// Copies between the caller's standard streams and a container's terminal, and never waits: while one
/// side does not read, signals and the other direction go on.
struct TerminalRelay {
  private let master: SharedDescriptor
  /// Held so that the master does not hang up while nobody in the container has the terminal open:
  /// a program may open it again.
  private let peer: SharedDescriptor
  private let streams: CallerStreams
  private var toContainer = [UInt8]()
  private var toCaller = [UInt8]()
  private var readsInput = true
  private var writesOutput = true

  /// What a pipe takes without waiting once it takes anything (PIPE_BUF).
  private static let chunk = 4096

  init(_ master: SharedDescriptor, _ streams: CallerStreams) throws(SyscallError) {
    self.master = master
    self.streams = streams
    peer = SharedDescriptor(try Terminal.peer(of: master.handle))
    try master.handle.setNonBlocking()
    try copySize()
  }

  /// Has the caller's terminal pass every byte on; gives its settings before, nil if it is none.
  func makeRaw() throws(SyscallError) -> TerminalState? {
    guard Terminal.isTerminal(streams.input) else { return nil }
    let state = try TerminalState(of: streams.input)
    try state.madeRaw.apply(to: streams.input)
    return state
  }

  /// The container's terminal gets the size of the caller's.
  func copySize() throws(SyscallError) {
    let ends = [streams.input, streams.output, .standardError]
    guard let terminal = ends.first(where: { Terminal.isTerminal($0) }) else { return }
    let (rows, columns) = try Terminal.size(of: terminal)
    if rows != 0 && columns != 0 {
      try Terminal.setSize(master.handle, rows: rows, columns: columns)
    }
  }

  /// Whatever could be copied next: each direction reads when it has nothing left to write.
  var watched: [(Handle, Polling.Events)] {
    var events: Polling.Events = toCaller.isEmpty ? .input : []
    if !toContainer.isEmpty { events.insert(.output) }
    var all = [(master.handle, events)]
    if readsInput && toContainer.isEmpty { all.append((streams.input, .input)) }
    if !toCaller.isEmpty { all.append((streams.output, .output)) }
    return all
  }

  mutating func copy() throws(SyscallError) {
    try readCaller()
    try writeContainer()
    try readContainer()
    try writeCaller()
  }

  /// The rest of what the container wrote; it has ended, so that no more comes.
  mutating func drain() throws(SyscallError) {
    writeAllToCaller()
    // No more than a terminal holds: others may have it open and go on writing.
    for _ in 0..<32 {
      try readContainer()
      if toCaller.isEmpty { return }
      writeAllToCaller()
    }
  }

  /// Readiness, the end of the file or an error: what read and write tell apart.
  private func hasEvent(_ handle: Handle, _ events: Polling.Events) throws(SyscallError) -> Bool {
    try !Polling.wait([(handle, events)], milliseconds: 0)[0].isEmpty
  }

  private mutating func readCaller() throws(SyscallError) {
    guard readsInput, toContainer.isEmpty, try hasEvent(streams.input, .input) else { return }
    do throws(SyscallError) {
      toContainer = try streams.input.read(upTo: TerminalRelay.chunk)
    } catch {
      // A terminal that was taken away, or on which we are in the background.
      toContainer = []
    }
    if toContainer.isEmpty {
      readsInput = false
      // End of file, as one types it.
      toContainer = [4]
    }
  }

  private mutating func writeContainer() throws(SyscallError) {
    guard !toContainer.isEmpty else { return }
    toContainer.removeFirst(try master.handle.writeSome(toContainer[...]))
  }

  private mutating func readContainer() throws(SyscallError) {
    guard toCaller.isEmpty, try hasEvent(master.handle, .input) else { return }
    do throws(SyscallError) {
      toCaller = try master.handle.read(upTo: TerminalRelay.chunk)
    } catch {
      if error.errno != .EAGAIN && error.errno != .EIO { throw error }
    }
  }

  private mutating func writeCaller() throws(SyscallError) {
    if toCaller.isEmpty { return }
    if writesOutput, try !hasEvent(streams.output, .output) { return }
    writeAllToCaller()
  }

  private mutating func writeAllToCaller() {
    if writesOutput {
      do throws(SyscallError) { try streams.output.writeAll(toCaller) } catch {
        // Nobody reads any more; the program goes on without.
        writesOutput = false
      }
    }
    toCaller = []
  }
}
