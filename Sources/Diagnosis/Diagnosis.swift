// Diagnosis: why something failed, found out afterwards.
//
// Lives here: the codes of failures and what each says; the look at a file, a path or a program that
// could not be used; the words for it.
// Never here: a call that changes anything; a call on the way to success; a rule of the plan.
// Imports: Bytes, Linux.

package import Bytes

/// What was found out about a failure, beside what the kernel said.
package struct Diagnosis: Equatable, Sendable {
  package var code: DiagnosisCode
  /// The true cause, which ends the line; empty if the line says it already.
  package var cause: ByteString
  /// What to do about it; empty if that goes without saying.
  package var hint: ByteString

  package init(_ code: DiagnosisCode, _ cause: ByteString = "", hint: ByteString = "") {
    self.code = code
    self.cause = cause
    self.hint = hint
  }

  /// Of a hook, of which only this matters: whether its file is there.
  package var codeOfHook: DiagnosisCode {
    let absent: [DiagnosisCode] = [
      .execAbsent, .execDanglingLink, .execOneString, .execOtherPrefix, .execEmptyRoot,
    ]
    return absent.contains(code) ? .hookAbsent : .hookMode
  }
}
