import Bytes

/// The major number of a SemVer 2.0.0 version such as `1.3.0-rc.1+build.5`, nil if the text is not
/// one.
func semanticMajor(_ text: ByteString) -> UInt64? {
  let (unbuilt, build) =
    text.cut(at: UInt8(ascii: "+")).map { ($0, $1 as ByteString?) } ?? (text, nil)
  let (core, pre) =
    unbuilt.cut(at: UInt8(ascii: "-")).map { ($0, $1 as ByteString?) } ?? (unbuilt, nil)
  let numbers = core.split(on: UInt8(ascii: "."))
  guard numbers.count == 3, numbers.allSatisfy({ $0.unsignedDecimal != nil }) else { return nil }
  if let pre {
    for identifier in pre.split(on: UInt8(ascii: ".")) {
      let isNumber = identifier.bytes.allSatisfy { 0x30...0x39 ~= $0 }
      let hasLeadingZero = isNumber && identifier.count > 1 && identifier[0] == 0x30
      if !isIdentifier(identifier) || hasLeadingZero { return nil }
    }
  }
  if let build, !build.split(on: UInt8(ascii: ".")).allSatisfy(isIdentifier) { return nil }
  return numbers[0].unsignedDecimal
}

private func isIdentifier(_ text: ByteString) -> Bool {
  !text.isEmpty
    && text.bytes.allSatisfy {
      switch $0 {
      case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, UInt8(ascii: "-"): true
      default: false
      }
    }
}
