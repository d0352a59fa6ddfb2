package import Linux

/// The runtime's part while a container runs in the foreground: it waits, hands signals on, and copies
/// between the caller's terminal and the container's.
package final class ForegroundRelay {
  private let child: ChildProcess
  private let master: SharedDescriptor?
  private let signals: SharedDescriptor
  /// The caller's terminal as it was, to be restored.
  private var saved: TerminalState?
  private var readsInput: Bool

  /// With `master` the caller's standard input must be a terminal. Signals must have been blocked
  /// since before the child could end, or one of them is lost.
  package init(_ child: ChildProcess, master: SharedDescriptor?) throws(SyscallError) {
    self.child = child
    self.master = master
    signals = SharedDescriptor(try Signals.descriptor(~0))
    readsInput = master != nil
    if let master {
      if Terminal.isTerminal(.standardInput) {
        let state = try TerminalState(of: .standardInput)
        try state.madeRaw.apply(to: .standardInput)
        saved = state
      }
      try copySize(to: master.handle)
    }
  }

  /// Until the child has ended, whichever way.
  package func run() throws(SyscallError) -> ProcessEnd {
    do throws(SyscallError) {
      let end = try loop()
      try restore()
      return end
    } catch {
      try restore()
      throw error
    }
  }

  private func restore() throws(SyscallError) {
    if let saved { try saved.apply(to: .standardInput) }
    saved = nil
  }

  private func loop() throws(SyscallError) -> ProcessEnd {
    while true {
      var watched: [(Handle, Polling.Events)] = [(signals.handle, .input), (child.handle, .input)]
      if let master { watched.append((master.handle, .input)) }
      if readsInput { watched.append((.standardInput, .input)) }
      let events = try Polling.wait(watched, milliseconds: -1)
      if !events[0].isEmpty, let end = try handleSignal() { return end }
      if let master {
        if !events[2].isEmpty { try copyOutput(master.handle) }
        if readsInput && !events[3].isEmpty { try copyInput(master.handle) }
      }
      if !events[1].isEmpty, let end = try child.poll() {
        // What the container wrote last is still in the terminal.
        if let master { while try copyOutput(master.handle) {} }
        return end
      }
    }
  }

  private func handleSignal() throws(SyscallError) -> ProcessEnd? {
    let signal = try Signals.next(signals.handle)
    switch signal {
    case .child:
      // Children of the container's that were left to us (a subreaper), and perhaps init itself.
      do throws(SyscallError) {
        while let (pid, end) = try ThisProcess.reapAny() {
          if pid == child.pid { return end }
        }
      } catch {
        if error.errno != .ECHILD { throw error }
      }
    case .windowChange:
      if let master { try copySize(to: master.handle) }
    case .urgent: break
    default:
      do throws(SyscallError) { try child.send(signal) } catch {
        if error.errno != .ESRCH { throw error }
      }
    }
    return nil
  }

  private func copySize(to master: Handle) throws(SyscallError) {
    for stream in [Handle.standardOutput, .standardInput] where Terminal.isTerminal(stream) {
      let (rows, columns) = try Terminal.size(of: stream)
      if rows != 0 || columns != 0 {
        try Terminal.setSize(master, rows: rows, columns: columns)
      }
      return
    }
  }

  /// False when there is nothing more.
  @discardableResult
  private func copyOutput(_ master: Handle) throws(SyscallError) -> Bool {
    guard try Polling.wait([(master, .input)], milliseconds: 0)[0].contains(.input) else {
      return false
    }
    do throws(SyscallError) {
      let bytes = try master.read(upTo: 65536)
      if bytes.isEmpty { return false }
      try Handle.standardOutput.writeAll(bytes)
      return true
    } catch {
      // A master whose last peer is closed.
      if error.errno == .EIO { return false }
      throw error
    }
  }

  private func copyInput(_ master: Handle) throws(SyscallError) {
    let bytes = try Handle.standardInput.read(upTo: 65536)
    if bytes.isEmpty {
      readsInput = false
      // End of file, as a terminal says it.
      try master.writeAll([4])
    } else {
      try master.writeAll(bytes)
    }
  }
}
