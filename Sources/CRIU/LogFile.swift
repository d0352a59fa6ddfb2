package import Bytes

/// What went wrong, by the log of a CRIU that failed.
package enum CRIULog {
  /// The first error that is a cause, with the last one if that says more. CRIU begins with one that means
  /// nothing, and ends with the sentence that it failed.
  package static func cause(_ log: ByteString) -> ByteString? {
    let errors = log.split(on: 0x0a).compactMap { error(in: $0) }.filter { !isNoise($0) }
    guard let first = errors.first, let last = errors.last else { return nil }
    return first == last ? first : first + "; " + last
  }

  /// Whether it has given up: nothing comes after that but its end.
  static func saysThatItFailed(_ log: ByteString) -> Bool {
    log.split(on: 0x0a).contains {
      $0.hasSuffix(" FAILED.") || $0.hasSuffix("Killing processes because of failure on restore.")
    }
  }

  /// `(TIME)    PID: Error (FILE:LINE): TEXT`.
  private static func error(in line: ByteString) -> ByteString? {
    let marker: ByteString = "Error ("
    let bytes = line.bytes
    // The time, and perhaps a pid, come before it.
    let head = min(bytes.count, 64)
    for start in 0..<head where line.dropFirst(start).hasPrefix(marker) {
      let rest = line.dropFirst(start + marker.count)
      guard let (_, text) = rest.cut(at: UInt8(ascii: ")")) else { return nil }
      let cause = text.hasPrefix(": ") ? text.dropFirst(2) : text
      return cause.isEmpty ? nil : cause.escaped(limit: 300)
    }
    return nil
  }

  private static func isNoise(_ text: ByteString) -> Bool {
    text.hasPrefix("rlimit: Can't setup RLIMIT_NOFILE for self")
      // The helper that its main process has just left.
      || text.hasPrefix("cg: cgroupd: recv req error")
      || text.hasPrefix("Killing processes because of failure") || text.hasSuffix(" FAILED.")
      || text.hasSuffix("failed.")
      || text.hasSuffix("failed with -1")
  }
}
