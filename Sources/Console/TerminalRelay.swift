import Linux

/// Copies between the caller's standard streams and a container's terminal, and never waits: while one
/// side does not read, signals and the other direction go on. What one side has not taken yet is kept,
/// and nothing more is read for it until then.
struct TerminalRelay {
  private let master: SharedDescriptor
  /// Kept open so that the master does not hang up while no process in the container has the terminal open:
  /// a program may open it again.
  private let peer: SharedDescriptor
  private let streams: CallerStreams
  private let input: CallerStream
  private let output: CallerStream
  private let inputIsTerminal: Bool
  /// The settings of the caller's terminal from before it was made raw.
  private var saved: TerminalState?
  private var toContainer = [UInt8]()
  private var toCaller = [UInt8]()
  private var readsInput = true
  private var endsLine = true
  /// The terminal is another job's now.
  private var isInBackground = false
  private var writesOutput = true
  /// The caller's input has ended, and the program has written since the end was typed.
  private var owesEnd = false
  private var repeats = 0

  private static let chunk = 4096
  /// How often the end is typed to a program that keeps writing.
  private static let mostRepeats = 64

  init(_ master: SharedDescriptor, _ streams: CallerStreams) throws(SyscallError) {
    self.master = master
    self.streams = streams
    input = CallerStream(streams.input, .readOnly)
    output = CallerStream(streams.output, .writeOnly)
    inputIsTerminal = Terminal.isTerminal(streams.input)
    peer = SharedDescriptor(try Terminal.peer(of: master.handle))
    try master.handle.setNonBlocking()
    try streams.prepare(master.handle)
  }

  /// At the start, and whenever we go on after a stop: has the caller's terminal pass every byte on.
  /// A background job does not touch the terminal until the shell continues it in the foreground.
  mutating func takeTerminal() throws(SyscallError) {
    guard inputIsTerminal else { return }
    isInBackground = !Terminal.isInForeground(streams.input)
    if isInBackground { return }
    try copySize()
    // Without a terminal on the other end nothing of the container's processing is missed here.
    do throws(SyscallError) {
      let state = try TerminalState(of: streams.input)
      if saved == nil { saved = state }
      try state.madeRaw.apply(to: streams.input)
    } catch {
      // Hung up: the next read shows it.
    }
  }

  /// The caller's terminal is as it was before.
  mutating func returnTerminal() {
    guard let saved, Terminal.isInForeground(streams.input) else { return }
    // One that was hung up has no settings any more.
    do throws(SyscallError) { try saved.apply(to: streams.input) } catch {}
    self.saved = nil
  }

  /// The container's terminal gets the size of the caller's.
  func copySize() throws(SyscallError) { try streams.copySize(to: master.handle) }

  /// Whatever could be copied next: each direction reads when it has nothing left to write.
  var watched: [(Handle, Polling.Events)] {
    var events: Polling.Events = toCaller.isEmpty ? .input : []
    if !toContainer.isEmpty { events.insert(.output) }
    var all = [(master.handle, events)]
    if readsInput && !isInBackground && toContainer.isEmpty { all.append((input.handle, .input)) }
    if let pending { all.append(pending) }
    return all
  }

  /// In milliseconds, how long nothing may happen before `repeatEnd`; nil where that is of no use.
  var quiet: Int32? { owesEnd && toContainer.isEmpty && toCaller.isEmpty ? 200 : nil }

  /// A shell throws away what was typed before it set up its terminal, an end of file too: it is typed
  /// again once the program has said something and waits.
  mutating func repeatEnd() {
    owesEnd = false
    repeats += 1
    toContainer = [4]
  }

  /// Where the caller must read before anything goes on; nil if everything was written.
  var pending: (Handle, Polling.Events)? {
    toCaller.isEmpty ? nil : (output.handle, .output)
  }

  mutating func copy() throws(SyscallError) {
    try readCaller()
    try writeContainer()
    _ = try readContainer()
    _ = writeCaller()
  }

  private mutating func readCaller() throws(SyscallError) {
    guard readsInput, !isInBackground, toContainer.isEmpty else { return }
    do throws(SyscallError) {
      guard let bytes = try input.read(upTo: TerminalRelay.chunk) else { return }
      toContainer = bytes
    } catch {
      // Refused to a background job whose shell has gone.
      if error.errno == .EIO && inputIsTerminal {
        isInBackground = true
        return
      }
      // As at the end of a file.
      toContainer = []
    }
    if let last = toContainer.last {
      endsLine = last == UInt8(ascii: "\n")
    } else {
      readsInput = false
      // End of file, as one types it: the first one ends a line that has begun.
      toContainer = endsLine ? [4] : [4, 4]
    }
  }

  private mutating func writeContainer() throws(SyscallError) {
    guard !toContainer.isEmpty else { return }
    toContainer.removeFirst(try master.handle.writeSome(toContainer[...]))
  }

  /// Whether there was anything, and room for it.
  mutating func readContainer() throws(SyscallError) -> Bool {
    guard toCaller.isEmpty else { return false }
    do throws(SyscallError) {
      toCaller = try master.handle.read(upTo: TerminalRelay.chunk)
      if !readsInput, !toCaller.isEmpty { owesEnd = repeats < TerminalRelay.mostRepeats }
      return !toCaller.isEmpty
    } catch {
      if error.errno != .EAGAIN && error.errno != .EIO { throw error }
      return false
    }
  }

  /// Whether anything went.
  mutating func writeCaller() -> Bool {
    if toCaller.isEmpty { return false }
    guard writesOutput else {
      toCaller = []
      return true
    }
    do throws(SyscallError) {
      let count = try output.write(toCaller)
      toCaller.removeFirst(count)
      return count > 0
    } catch {
      // There is no reader any more; the program continues without one.
      writesOutput = false
      toCaller = []
      return true
    }
  }
}
