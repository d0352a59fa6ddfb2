import Bytes
import CShim

/// The signals with which a person, a terminal or a service manager ends a command.
///
/// While a command has something to undo they are blocked, and end its next wait with EINTR: every
/// wait of the runtime goes through `Polling`, so none is left out.
package enum Interruption {
  /// A signalfd for `enders`, -1 before `begin` and in a child.
  nonisolated(unsafe) private static var source: Int32 = -1
  nonisolated(unsafe) private static var isArmed = false
  nonisolated(unsafe) private static var blockedBefore: UInt64 = 0
  nonisolated(unsafe) private static var received: Signal?

  /// SIGHUP, SIGINT, SIGQUIT and SIGTERM.
  private static var enders: UInt64 { 1 << 0 | 1 << 1 | 1 << 2 | 1 << 14 }

  /// SIGTSTP, SIGTTIN and SIGTTOU: stopping and going on later undoes nothing.
  private static var stoppers: UInt64 { 1 << 19 | 1 << 20 | 1 << 21 }

  /// What ended a wait; nil if nothing did.
  package static var signal: Signal? { unsafe received }

  /// From here on no signal ends this process before it has undone what it did; those that ask for an
  /// end are seen by the next wait. A signal that the caller ignores (nohup(1), a shell's `&`) stays
  /// ignored: blocking it would make the kernel queue it for the signalfd.
  @inline(never)
  package static func begin() throws(SyscallError) {
    if unsafe source < 0 {
      unsafe blockedBefore = try Signals.block(~stoppers)
      let wanted = enders & ~apus_signals_ignored(enders)
      unsafe source = Int32(try check(apus_signalfd(wanted), "signalfd"))
    }
    unsafe isArmed = true
  }

  /// What is done stays done, or is being undone: signals wait from here on.
  package static func disarm() { unsafe isArmed = false }

  /// Signals do what they did before `begin`, those that came since at once.
  package static func end() throws(SyscallError) {
    disarm()
    if unsafe source >= 0 { try Signals.setMask(unsafe blockedBefore) }
  }

  /// Performs `body`, in which a signal may end waits, though the command itself goes on after it.
  package static func allowing(_ body: () -> Void) {
    let before = unsafe (isArmed, received)
    rearm()
    body()
    unsafe (isArmed, received) = before
  }

  /// After a signal that ended a wait: the next one ends the next.
  package static func rearm() { unsafe isArmed = unsafe source >= 0 }

  /// A child is ended by its parent. The descriptor is closed with all others.
  static func leaveToParent() { unsafe source = -1 }

  /// What a wait has to look at beside its own descriptors.
  static var watched: Handle? {
    unsafe isArmed && source >= 0 ? Handle(raw: unsafe source) : nil
  }

  /// Takes the signal that arrived; the error that ends the wait.
  static func take() throws(SyscallError) -> SyscallError {
    unsafe received = try Signals.next(Handle(raw: unsafe source))
    disarm()
    return SyscallError("wait", "", .EINTR)
  }
}
