import Bytes

// What libyajl says of a mistake is about its own grammar. The mistakes that people make have names.

extension JSONError {
  /// The same fault in the words of whoever wrote the text.
  ///
  /// - Parameter path: the object or array that was being read.
  func named(in text: [UInt8]) -> JSONError {
    // The parser stops behind the token that it refuses, or on it.
    var at = min(offset, text.count) - 1
    while at > 0, isSpace(text[at]) { at -= 1 }
    if reason.hasPrefix("trailing garbage") {
      // A comment is refused before it is a token.
      let next = text[min(offset, text.count)...].firstIndex { !isSpace($0) }
      if let next, text[next] == UInt8(ascii: "/") || text[next] == UInt8(ascii: "#") { at = next }
    }
    guard at >= 0 else {
      return JSONError(offset: offset, reason: text.isEmpty ? "the file is empty" : reason)
    }
    let byte = text[at]
    let before = lastToken(in: text, before: at)
    if byte == UInt8(ascii: "}") || byte == UInt8(ascii: "]"), let before,
      text[before] == UInt8(ascii: ",")
    {
      let end = ByteString([byte])
      return JSONError(offset: before + 1, reason: "trailing comma before `" + end + "`: remove it")
    }
    if reason.hasPrefix("after ") {
      if byte >= 0x30, byte <= 0x39, at > 0, text[at - 1] == 0x30 {
        return JSONError(offset: at, reason: "a number has no leading zero in JSON")
      }
      return JSONError(offset: offset, reason: "missing comma before this: " + reason)
    }
    if reason.hasPrefix("invalid character inside string") {
      return JSONError(
        offset: offset, reason: reason + ": a line end or a tab is written \\n or \\t")
    }
    if let word = misspelling(in: text, at: at) { return JSONError(offset: at + 1, reason: word) }
    if reason.hasPrefix("premature EOF") {
      return JSONError(offset: offset, reason: "premature EOF: the text ends before its value does")
    }
    return self
  }

  private func isSpace(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x09 || byte == 0x0a || byte == 0x0d
  }

  private func lastToken(in text: [UInt8], before end: Int) -> Int? {
    var index = end - 1
    while index >= 0, isSpace(text[index]) { index -= 1 }
    return index >= 0 ? index : nil
  }

  /// What other languages write.
  private func misspelling(in text: [UInt8], at: Int) -> ByteString? {
    guard
      reason.hasPrefix("invalid char") || reason.hasPrefix("unallowed token")
        || reason.hasPrefix("invalid object key") || reason.hasPrefix("trailing garbage")
        || reason.hasPrefix("probable comment")
    else { return nil }
    switch text[at] {
    case UInt8(ascii: "'"): return "a single quote: strings have double quotes in JSON"
    case UInt8(ascii: "/"), UInt8(ascii: "#"): return "a comment: JSON has none"
    case UInt8(ascii: "T"), UInt8(ascii: "F"): return "true and false have small letters in JSON"
    case UInt8(ascii: "N"): return "no value of JSON: null and numbers only"
    case UInt8(ascii: "+"): return "a number has no plus sign in JSON"
    case 0x41...0x5a where at == 0 || !(0x30...0x39).contains(text[at - 1]),
      0x61...0x7a where at == 0 || !(0x30...0x39).contains(text[at - 1]):
      return "a word without quotes: names and strings have them in JSON"
    case UInt8(ascii: "}"), UInt8(ascii: "]"): return reason + ": one bracket too many"
    default: return nil
    }
  }
}
