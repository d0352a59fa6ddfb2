import Bytes
import CShim

/// The settings of a terminal, to be restored as they were (termios(3)).
package struct TerminalState: Sendable {
  private var raw: apus_termios

  package init(of terminal: Handle) throws(SyscallError) {
    raw = apus_termios()
    try unsafe check(apus_terminal_get(terminal.raw, &raw), "tcgetattr")
  }

  /// Sets the terminal's attributes at once (termios(3), TCSANOW).
  @inline(never)
  package func apply(to terminal: Handle) throws(SyscallError) {
    var raw = self.raw
    try unsafe check(apus_terminal_set(terminal.raw, &raw), "tcsetattr")
  }

  /// The same terminal, passing every byte on as it comes (cfmakeraw(3)).
  package var madeRaw: TerminalState {
    var copy = self
    unsafe apus_terminal_make_raw(&copy.raw)
    return copy
  }

  /// The same terminal, with a line feed written as it is, without a carriage return before it.
  package var keepingNewlines: TerminalState {
    var copy = self
    unsafe apus_terminal_keep_newlines(&copy.raw)
    return copy
  }
}

/// Pseudoterminals (pty(7), ioctl_tty(2)).
package enum Terminal {
  /// Unlocks the peer of a pseudoterminal master (ioctl_tty(2), TIOCSPTLCK).
  @inline(never)
  package static func unlock(_ master: Handle) throws(SyscallError) {
    try check(apus_terminal_unlock(master.raw), "ioctl", "TIOCSPTLCK")
  }

  /// The other end of `master`, opened without a path that somebody could have put there
  /// (TIOCGPTPEER; CVE-2025-52565).
  @inline(never)
  package static func peer(of master: Handle) throws(SyscallError) -> FileDescriptor {
    let flags = UInt32(APUS_O_RDWR | APUS_O_NOCTTY | APUS_O_CLOEXEC)
    return FileDescriptor(
      owning: Int32(try check(apus_terminal_peer(master.raw, flags), "ioctl", "TIOCGPTPEER")))
  }

  /// Sets the window size in characters (TIOCSWINSZ). ENOTTY if it is not a terminal.
  @inline(never)
  package static func setSize(_ terminal: Handle, rows: UInt16, columns: UInt16)
    throws(SyscallError)
  {
    try check(apus_terminal_set_size(terminal.raw, rows, columns), "ioctl", "TIOCSWINSZ")
  }

  /// The window size in characters (TIOCGWINSZ). ENOTTY if it is not a terminal.
  @inline(never)
  package static func size(of terminal: Handle) throws(SyscallError) -> (
    rows: UInt16, columns: UInt16
  ) {
    var rows: UInt16 = 0
    var columns: UInt16 = 0
    try unsafe check(apus_terminal_size(terminal.raw, &rows, &columns), "ioctl", "TIOCGWINSZ")
    return (rows, columns)
  }

  /// Makes it the controlling terminal of our session.
  @inline(never)
  package static func makeControlling(_ terminal: Handle) throws(SyscallError) {
    try check(apus_terminal_control(terminal.raw), "ioctl", "TIOCSCTTY")
  }

  /// Whether our process group may read it and change its settings: false for a background job of the
  /// terminal's session. A terminal of another session has no foreground job of ours.
  @inline(never)
  package static func isInForeground(_ terminal: Handle) -> Bool {
    apus_terminal_foreground(terminal.raw) != 0
  }

  /// Whether it is a terminal (isatty(3)).
  @inline(never)
  package static func isTerminal(_ handle: Handle) -> Bool {
    var state = apus_termios()
    return unsafe apus_terminal_get(handle.raw, &state) == 0
  }
}
