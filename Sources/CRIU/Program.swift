package import Bytes
import Linux

/// The criu of this machine.
package struct CRIUProgram: Sendable {
  package let path: ByteString
  package let version: CRIUVersion

  /// The first one that a container is dumped with: earlier ones know nothing of namespaces by path.
  package static let oldest = CRIUVersion(number: 3_15_00)

  private static var places: [ByteString] {
    ["/usr/sbin/criu", "/usr/local/sbin/criu", "/usr/bin/criu", "/usr/local/bin/criu"]
  }

  /// Where it is; `explicit` without a slash is a name that engines send by default.
  package static func path(_ explicit: ByteString?) -> ByteString? {
    let explicit = explicit.flatMap { $0.contains(UInt8(ascii: "/")) ? [$0] : nil }
    return (explicit ?? places).first { isExecutable($0) }
  }

  private static func isExecutable(_ path: ByteString) -> Bool {
    do throws(SyscallError) {
      try Handle.currentDirectory.checkAccess(path, .execute)
      return try Handle.currentDirectory.status(behindEntry: path).kind == .regular
    } catch {
      return false
    }
  }

  /// Asks the program at `path` what it is.
  package static func ask(_ path: ByteString) throws(CRIUError) -> CRIUProgram {
    let answer = try CRIUClient.start(path, streams: []).perform(
      CRIURequest(.version), .brief(askTimeout))
    guard let version = answer.version else { throw .malformed("an answer without a version") }
    return CRIUProgram(path: path, version: version)
  }

  /// What it and the kernel can do together, of `features`.
  package func has(_ features: CRIUFeatures) throws(CRIUError) -> CRIUFeatures {
    try CRIUClient.start(path, streams: []).perform(
      CRIURequest(.featureCheck, features: features), .brief(CRIUProgram.askTimeout)
    ).features
  }

  /// In milliseconds, of questions that it answers from what it knows.
  private static var askTimeout: Int32 { 10_000 }
}
