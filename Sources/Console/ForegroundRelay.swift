package import Linux

/// What the runtime does while a program runs in the foreground: it waits, forwards signals, and copies
/// between the caller's terminal and the container's.
package final class ForegroundRelay {
  private let child: ProcessHandle
  private let signals: SharedDescriptor
  private let streams: CallerStreams
  private let isSubreaper: Bool
  private let extraSource: ExtraSource?
  private var terminal: TerminalRelay?

  /// Something else that goes on meanwhile: `serve` is called when what it waits for has come, and must
  /// not wait itself.
  package struct ExtraSource {
    let watched: () -> (Handle, Polling.Events)
    let serve: () -> Void

    package init(watched: @escaping () -> (Handle, Polling.Events), serve: @escaping () -> Void) {
      self.watched = watched
      self.serve = serve
    }
  }

  /// `master` is the container's terminal, nil where the program has the caller's streams. Signals
  /// must have been blocked since before the child could end, or its end may be missed.
  package init(
    _ child: ProcessHandle, master: SharedDescriptor?, isSubreaper: Bool = false,
    extraSource: ExtraSource? = nil, streams: CallerStreams = CallerStreams()
  ) throws(SyscallError) {
    self.child = child
    self.isSubreaper = isSubreaper
    self.extraSource = extraSource
    self.streams = streams
    signals = SharedDescriptor(try Signals.descriptor(~0))
    terminal = try master.map { (master) throws(SyscallError) in
      try TerminalRelay(master, streams)
    }
  }

  /// Until the child has ended, whichever way. The caller's terminal is as it was before.
  package func run() throws(SyscallError) -> ProcessEnd {
    defer { terminal?.returnTerminal() }
    try terminal?.takeTerminal()
    return try loop()
  }

  private func loop() throws(SyscallError) -> ProcessEnd {
    while true {
      var watched: [(Handle, Polling.Events)] = [(signals.handle, .input), (child.handle, .input)]
      if let extraSource { watched.append(extraSource.watched()) }
      if let terminal { watched += terminal.watched }
      let quiet = terminal?.quiet
      let events = try Polling.wait(watched, milliseconds: quiet ?? -1)
      if quiet != nil, events.allSatisfy({ $0.isEmpty }) { terminal?.repeatEnd() }
      if let extraSource, !events[2].isEmpty { extraSource.serve() }
      try terminal?.copy()
      if events[0].contains(.input), let end = try handleSignal() { return try finish(end) }
      if !events[1].isEmpty, let end = try child.pollEnded() { return try finish(end) }
    }
  }

  /// What the container wrote last is still in its terminal, and goes to the caller for as long as the
  /// caller takes it: a pager may sit there for hours. A terminal that is stopped (Ctrl-S) gets half a
  /// minute, as serial lines do, and one second if the container was killed; a signal ends every wait.
  private func finish(_ end: ProcessEnd) throws(SyscallError) -> ProcessEnd {
    extraSource?.serve()
    guard terminal != nil else { return end }
    var timeout: Int32 = Terminal.isTerminal(streams.output) ? 30_000 : -1
    if case .signaled = end { timeout = 1_000 }
    var reads = 0
    while true {
      // No more than a terminal holds: others may have it open and go on writing.
      var hasRead = false
      if reads < 64 { hasRead = try terminal?.readContainer() == true }
      if hasRead { reads += 1 }
      let hasWritten = terminal?.writeCaller() == true
      if hasRead || hasWritten { continue }
      guard let pending = terminal?.pending else { return end }
      let events = try Polling.wait([(signals.handle, .input), pending], milliseconds: timeout)
      if events[0].isEmpty && events[1].isEmpty { return end }
      if events[0].contains(.input), try isAskedToEnd() { return end }
    }
  }

  private func isAskedToEnd() throws(SyscallError) -> Bool {
    let signal = try nextSignal()
    return signal == .hangUp || signal == .interrupt || signal == .quit || signal == .terminate
  }

  /// nil if another reader got it.
  private func nextSignal() throws(SyscallError) -> Signal? {
    do throws(SyscallError) { return try Signals.next(signals.handle) } catch {
      if error.errno == .EAGAIN { return nil }
      throw error
    }
  }

  private func handleSignal() throws(SyscallError) -> ProcessEnd? {
    guard let signal = try nextSignal() else { return nil }
    if signal == .goOn { try terminal?.takeTerminal() }
    switch signal {
    // The child itself is watched by its descriptor.
    case .child: return isSubreaper ? try reap() : nil
    case .windowChange: try terminal?.copySize()
    case .urgent: break
    // SIGPIPE is the runtime's own: the reader of its standard output is gone.
    case .pipe where terminal != nil: break
    default:
      do throws(SyscallError) { try child.send(signal) } catch {
        if error.errno != .ESRCH { throw error }
      }
    }
    return nil
  }

  /// Children of the container's that were left to us, a subreaper, and perhaps its init.
  private func reap() throws(SyscallError) -> ProcessEnd? {
    do throws(SyscallError) {
      while let (pid, end) = try ThisProcess.reapAny() {
        if pid == child.pid { return end }
      }
    } catch {
      if error.errno != .ECHILD { throw error }
    }
    return nil
  }
}
