import Bytes

// libyajl describes a mistake by its own grammar. The mistakes that people make have names.

extension JSONError {
  /// The same fault in the words of whoever wrote the text.
  func named(in text: [UInt8]) -> JSONError {
    guard let first = text.firstIndex(where: { !isSpace($0) }) else {
      return JSONError(
        offset: text.count, reason: text.isEmpty ? "the file is empty" : "the file is blank")
    }
    // The parser stops behind the token that it refuses, or on it.
    var at = min(offset, text.count) - 1
    while at > 0, isSpace(text[at]) { at -= 1 }
    if has("trailing garbage") || has("probable comment") {
      // A comment is refused before it is a token.
      let next = text[min(offset, text.count)...].firstIndex { !isSpace($0) }
      if let next, text[next] == UInt8(ascii: "/") || text[next] == UInt8(ascii: "#") { at = next }
      if at > 0, text[at] == UInt8(ascii: "/"), text[at - 1] == UInt8(ascii: "/") { at -= 1 }
    }
    if at < 0 { at = first }
    if has("premature EOF") {
      return JSONError(
        offset: offset, reason: "the text ends before its value does: a quote or a bracket is open")
    }
    if has("after ") || has("invalid string") {
      at = start(ofTokenEndingAt: at, in: text)
      // The value of the member itself: what is refused comes next.
      if has("after key"), lastToken(in: text, before: at).map({ text[$0] }) == UInt8(ascii: ":") {
        at = text[min(offset, text.count)...].firstIndex { !isSpace($0) } ?? at
      }
    }
    let comma = lastToken(in: text, before: at)
    if isClosing(text[at]), let comma, text[comma] == UInt8(ascii: ",") {
      return JSONError(
        offset: comma + 1, reason: "trailing comma before `" + shown(text[at]) + "`: remove it")
    }
    return JSONError(offset: at + 1, reason: words(text, at, first))
  }

  private func has(_ prefix: ByteString) -> Bool { reason.hasPrefix(prefix) }

  private func words(_ text: [UInt8], _ at: Int, _ first: Int) -> ByteString {
    let byte = text[at]
    if has("after ") { return afterValue(text, at) }
    if has("invalid character inside string") {
      return "a control character in a string: a line end is written \\n, a tab \\t"
    }
    if has("inside a string") {
      return "a backslash in a string that begins no escape: a backslash is written \\\\"
    }
    if has("object key and value") { return "a colon is missing between a name and its value" }
    if has("malformed number") || has("invalid (non-hex)") { return reason }
    if at == first, isLetter(byte) || byte == UInt8(ascii: "<") || byte == UInt8(ascii: "-") {
      return "this is not JSON: the text begins with `" + shown(byte) + "`, a document with `{`"
    }
    if let word = misspelling(text, at) { return word }
    if has("trailing garbage") { return "text after the end of the document" }
    if has("invalid object key") { return "a name is expected here, in double quotes" }
    return "unexpected `" + shown(byte) + "`"
  }

  /// Where a comma or the end is expected.
  private func afterValue(_ text: [UInt8], _ at: Int) -> ByteString {
    let isArray = has("after array")
    switch text[at] {
    case UInt8(ascii: "}") where isArray: return "`}` closes an array: `]` is expected before it"
    case UInt8(ascii: "]") where !isArray: return "`]` closes an object: `}` is expected before it"
    case UInt8(ascii: ":"):
      return isArray
        ? "a colon in an array: names with values stand in an object, { }"
        : "a second colon: a comma or a quote is missing before it"
    case 0x30...0x39 where at > 0 && text[at - 1] == 0x30:
      return "a number has no leading zero in JSON"
    default: return "missing comma before this"
    }
  }

  /// What other languages write.
  private func misspelling(_ text: [UInt8], _ at: Int) -> ByteString? {
    let isAfterDigit = at > 0 && (0x30...0x39).contains(text[at - 1])
    switch text[at] {
    case UInt8(ascii: "'"), UInt8(ascii: "`"):
      return "a single quote: strings have double quotes in JSON"
    case 0xe2: return "a typographic quote: strings have double quotes in JSON"
    case UInt8(ascii: "/"), UInt8(ascii: "#"): return "a comment: JSON has none"
    case UInt8(ascii: "+"): return "a number has no plus sign in JSON"
    case UInt8(ascii: "."): return "a number begins with a digit in JSON"
    case UInt8(ascii: ";"): return "a semicolon: members and elements are separated by commas"
    case UInt8(ascii: "="): return "`=`: a name and its value are separated by a colon"
    case UInt8(ascii: ","): return "a comma without a value before it"
    case UInt8(ascii: ":"): return "a colon without a name before it"
    case UInt8(ascii: "}"), UInt8(ascii: "]"):
      let before = lastToken(in: text, before: at)
      return before.map { text[$0] } == UInt8(ascii: ":")
        ? "a value is missing after the colon" : "one bracket too many"
    case UInt8(ascii: "T"), UInt8(ascii: "F"): return "true and false have small letters in JSON"
    case UInt8(ascii: "N"): return "no value of JSON: null and numbers only"
    case UInt8(ascii: "x") where isAfterDigit: return "a number is decimal in JSON"
    case let byte where isLetter(byte) && isAfterDigit:
      return "a number with letters after it: it has no unit in JSON"
    case let byte where isLetter(byte):
      return "a word without quotes: names and strings have them in JSON"
    default: return nil
    }
  }

  /// Of a string the parser is behind the end.
  private func start(ofTokenEndingAt end: Int, in text: [UInt8]) -> Int {
    var index = end
    if text[index] == UInt8(ascii: "\"") {
      index -= 1
      while index > 0, text[index] != UInt8(ascii: "\"") || text[index - 1] == UInt8(ascii: "\\") {
        index -= 1
      }
      return max(index, 0)
    }
    // Of `01` the parser takes the 0 for a number by itself.
    while index > 0, isLetter(text[index]), isLetter(text[index - 1]) { index -= 1 }
    // Or in the middle of a string.
    let isInString = isLetter(text[index]) && index > 0 && text[index - 1] == UInt8(ascii: "\"")
    return isInString ? index - 1 : index
  }

  private func isLetter(_ byte: UInt8) -> Bool {
    (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
  }

  private func isClosing(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "}") || byte == UInt8(ascii: "]")
  }

  private func isSpace(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x09 || byte == 0x0a || byte == 0x0d
  }

  private func shown(_ byte: UInt8) -> ByteString { ByteString([byte]) }

  private func lastToken(in text: [UInt8], before end: Int) -> Int? {
    var index = end - 1
    while index >= 0, isSpace(text[index]) { index -= 1 }
    return index >= 0 ? index : nil
  }
}
