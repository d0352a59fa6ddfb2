package import Bytes

/// Why something could not be done: the kernel refused a call, or we refuse to go on.
///
/// The functions of `Linux` make only errors of the kind `system`; an errno is always one that a call
/// returned. The modules above it add the other two.
package struct StepError: Error, Sendable, Equatable {
  package enum Kind: UInt8, Sendable {
    /// A call failed with an errno.
    case system
    /// What was found is not what was checked, or leads where it must not: an attack or a race.
    case violation
    /// A condition that we need does not hold.
    case unmet
  }

  package let kind: Kind
  /// The call that failed, or the whole reason.
  package let call: ByteString
  /// What it is about: a path, a name.
  package let subject: ByteString
  /// The kernel's answer; 0, which is no error's number, unless the kind is `system`.
  package let errno: Errno

  private init(_ kind: Kind, _ call: ByteString, _ subject: ByteString, _ errno: Errno) {
    self.kind = kind
    self.call = call
    self.subject = subject
    self.errno = errno
  }

  /// A call that failed; of use only to those that have the kernel's answer.
  package init(_ call: ByteString, _ subject: ByteString, _ errno: Errno) {
    self.init(.system, call, subject, errno)
  }

  /// - Parameters:
  ///   - what: the whole reason, as it is shown, with the path in it.
  ///   - path: what it is about.
  package static func violation(_ what: ByteString, _ path: ByteString = "") -> StepError {
    StepError(.violation, what, path, Errno(rawValue: 0))
  }

  /// - Parameters:
  ///   - condition: what does not hold, as it is shown.
  ///   - subject: what it is about.
  package static func unmet(_ condition: ByteString, _ subject: ByteString = "") -> StepError {
    StepError(.unmet, condition, subject, Errno(rawValue: 0))
  }

  /// What the kernel answered, nil where it was not asked.
  package var answer: Errno? { kind == .system ? errno : nil }

  /// One line: ``fsmount `proc`: not permitted (EPERM)``, or the reason.
  package var message: ByteString {
    if kind != .system { return call }
    var line = call
    if !subject.isEmpty { line += " `" + subject.escaped(.path) + "`" }
    line += ": " + errno.text
    if errno.symbol.isEmpty {
      return line + " " + ByteString(decimal: errno.rawValue)
    }
    return line + " (" + errno.symbol + ")"
  }
}

extension StepError {
  /// The same error with what it is about in the caller's words.
  package func about(_ subject: ByteString) -> StepError {
    StepError(kind, call, subject, errno)
  }

  /// The same answer of the kernel, with what it was asked for in the caller's words; the reason of
  /// another kind stays.
  package func during(_ call: ByteString) -> StepError {
    kind == .system ? StepError(kind, call, subject, errno) : self
  }
}

/// What functions throw that only pass the kernel's answers on.
package typealias SyscallError = StepError
