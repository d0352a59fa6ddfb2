package import Bytes
package import Linux

/// A step of a plan that failed: which, for which property, and what the kernel said. Init sends it to
/// the parent in one message.
package struct StepFailure: Error, Sendable, Equatable {
  /// The step with its subject: ``mount `proc` on `/proc` ``.
  package var step: ByteString
  /// Where in `config.json` it comes from; empty for a step that no property asked for.
  package var pointer: ByteString
  /// What went wrong, a line.
  package var reason: ByteString
  /// What kind of error it was, nil where only its line is known.
  package var kind: StepError.Kind?
  /// What the kernel answered, where it was the kernel that refused.
  package var errno: Errno?
  /// What the error is about: a path, a name.
  package var subject: ByteString = ""

  package init(step: ByteString, pointer: ByteString, reason: ByteString) {
    self.step = step
    self.pointer = pointer
    self.reason = reason
  }

  package init(step: ByteString, pointer: ByteString = "", _ error: StepError) {
    self.init(step: step, pointer: pointer, reason: error.message)
    kind = error.kind
    errno = error.answer
    subject = error.subject
  }

  /// execve of `program` failed.
  init(refused program: ByteString, _ errno: Errno) {
    self.init(
      step: "", pointer: "",
      reason: ProgramError(SyscallError("execve", program, errno)).message)
  }

  /// One line: ``mount `proc` on `/proc`: fsmount: not permitted (EPERM) [/mounts/0]``.
  package var message: ByteString {
    var line = step.isEmpty ? reason : step + ": " + reason
    if !pointer.isEmpty { line += " [" + pointer + "]" }
    return line
  }
}

extension StepFailure {
  /// The fields, each ended by a NUL, which none of them holds.
  var record: [UInt8] {
    var bytes = [UInt8]()
    let number = errno.map { ByteString(decimal: $0.rawValue) } ?? ""
    // A failed hook's last line may be long; a message has room for 4096 bytes in all.
    for (field, limit) in [
      (step, 1200), (pointer, 500), (reason, 1200), (number, 8), (subject, 500),
      (kind.map { ByteString(decimal: UInt64($0.rawValue)) } ?? "", 1),
    ] {
      bytes += field.bytes.prefix(limit)
      bytes.append(0)
    }
    return bytes
  }

  init(record: some Collection<UInt8>) {
    let fields = record.split(separator: 0, omittingEmptySubsequences: false).map {
      ByteString($0)
    }
    self.init(
      step: fields.count > 0 ? fields[0] : "", pointer: fields.count > 1 ? fields[1] : "",
      reason: fields.count > 2 ? fields[2] : "")
    guard fields.count > 4 else { return }
    errno = fields[3].unsignedDecimal.flatMap { Int32(exactly: $0) }.map { Errno(rawValue: $0) }
    subject = fields[4]
    guard fields.count > 5 else { return }
    kind = fields[5].unsignedDecimal.flatMap { UInt8(exactly: $0) }.flatMap {
      StepError.Kind(rawValue: $0)
    }
  }
}
