package import Linux

/// The runtime's part while a program runs in the foreground: it waits, hands signals on, and copies
/// between the caller's terminal and the container's.
package final class ForegroundRelay {
  private let child: ChildProcess
  private let signals: SharedDescriptor
  private let streams: CallerStreams
  private let isSubreaper: Bool
  private let companion: Companion?
  private var terminal: TerminalRelay?

  /// Something else that goes on meanwhile: `serve` is called when there is something to read.
  package struct Companion {
    let handle: Handle
    let serve: () -> Void

    package init(_ handle: Handle, serve: @escaping () -> Void) {
      self.handle = handle
      self.serve = serve
    }
  }

  /// `master` is the container's terminal, nil where the program has the caller's streams. Signals
  /// must have been blocked since before the child could end, or its end may be missed.
  package init(
    _ child: ChildProcess, master: SharedDescriptor?, isSubreaper: Bool = false,
    companion: Companion? = nil, streams: CallerStreams = CallerStreams()
  ) throws(SyscallError) {
    self.child = child
    self.isSubreaper = isSubreaper
    self.companion = companion
    self.streams = streams
    signals = SharedDescriptor(try Signals.descriptor(~0))
    terminal = try master.map { (master) throws(SyscallError) in
      try TerminalRelay(master, streams)
    }
  }

  /// Until the child has ended, whichever way. The caller's terminal is as it was before.
  package func run() throws(SyscallError) -> ProcessEnd {
    guard let terminal else { return try loop() }
    let saved = try terminal.makeRaw()
    do throws(SyscallError) {
      let end = try loop()
      try saved?.apply(to: streams.input)
      return end
    } catch {
      try saved?.apply(to: streams.input)
      throw error
    }
  }

  private func loop() throws(SyscallError) -> ProcessEnd {
    while true {
      var watched: [(Handle, Polling.Events)] = [(signals.handle, .input), (child.handle, .input)]
      if let companion { watched.append((companion.handle, .input)) }
      if let terminal { watched += terminal.watched }
      let events = try Polling.wait(watched, milliseconds: -1)
      if let companion, events[2].contains(.input) { companion.serve() }
      try terminal?.copy()
      if events[0].contains(.input), let end = try handleSignal() { return try finish(end) }
      if !events[1].isEmpty, let end = try child.poll() { return try finish(end) }
    }
  }

  /// What the container wrote last is still in its terminal.
  private func finish(_ end: ProcessEnd) throws(SyscallError) -> ProcessEnd {
    try terminal?.drain()
    return end
  }

  private func handleSignal() throws(SyscallError) -> ProcessEnd? {
    let signal: Signal
    do throws(SyscallError) { signal = try Signals.next(signals.handle) } catch {
      // Somebody else got it.
      if error.errno == .EAGAIN { return nil }
      throw error
    }
    switch signal {
    // The child itself is watched by its descriptor.
    case .child: return isSubreaper ? try reap() : nil
    case .windowChange: try terminal?.copySize()
    case .urgent: break
    // Ours: the reader of our standard output is gone.
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
