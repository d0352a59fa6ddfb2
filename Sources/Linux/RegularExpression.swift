package import Bytes
import CShim

/// An extended regular expression of the C library (regex(7)).
package final class RegularExpression {
  private let pattern: ByteString

  /// nil if it is not well-formed.
  package init?(_ pattern: ByteString) {
    self.pattern = pattern
    let answer = unsafe pattern.withCString { unsafe apus_regex_match($0, "") }
    if answer < 0 { return nil }
  }

  /// Whether some part of `text` matches.
  package func matches(_ text: ByteString) -> Bool {
    unsafe pattern.withCString { pattern in
      unsafe text.withCString { unsafe apus_regex_match(pattern, $0) }
    } == 1
  }
}
