import Bytes

// What RFC 8259 asks of the bytes and libyajl lets pass: overlong and surrogate UTF-8, half a
// surrogate pair (which it turns into a question mark), a NUL in a string, and a vertical tab or a
// form feed between values.

/// Checks the whole text before the parser sees it.
func checkText(_ text: Span<UInt8>) throws(JSONError) {
  if text.count >= 3, text[0] == 0xef, text[1] == 0xbb, text[2] == 0xbf {
    throw JSONError(offset: 1, reason: "byte order mark: save the file without it")
  }
  // `{` between NULs, or a mark.
  if text.count >= 2, text[0] == 0 || text[1] == 0 || text[0] >= 0xfe {
    throw JSONError(offset: 1, reason: "UTF-16: save the file as UTF-8")
  }
  var index = 0
  while true {
    index = skipPlain(text, from: index)
    guard index < text.count else { return }
    if text[index] == UInt8(ascii: "\\") {
      index += try escapeLength(in: text, at: index)
    } else if text[index] < 0x80 {
      throw JSONError(offset: index + 1, reason: "control character")
    } else {
      let length = utf8Length(in: text, at: index)
      guard length > 0 else { throw JSONError(offset: index + 1, reason: "invalid UTF-8") }
      index += length
    }
  }
}

/// The index of the next byte that is a backslash, a vertical tab, a form feed or not ASCII: most
/// texts have none.
private func skipPlain(_ text: Span<UInt8>, from start: Int) -> Int {
  var index = start
  while index + 8 <= text.count {
    let word = unsafe text.bytes.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self)
    let found = word | marks(0x5c, in: word) | marks(0x0b, in: word) | marks(0x0c, in: word)
    if found & (ones << 7) != 0 { break }
    index += 8
  }
  while index < text.count, isPlain(text[index]) { index += 1 }
  return index
}

var ones: UInt64 { 0x0101_0101_0101_0101 }

/// A word with some top bit set if one of the bytes of `word` is `byte`.
@inline(__always)
func marks(_ byte: UInt64, in word: UInt64) -> UInt64 {
  // The byte becomes zero, and the lowest zero byte sets its own top bit.
  let difference = word ^ (byte &* ones)
  return (difference &- ones) & ~difference
}

private func isPlain(_ byte: UInt8) -> Bool {
  byte < 0x80 && byte != UInt8(ascii: "\\") && byte != 0x0b && byte != 0x0c
}

/// The number of bytes of the escape that starts at `index`. A malformed one is left to the parser.
private func escapeLength(in text: Span<UInt8>, at index: Int) throws(JSONError) -> Int {
  guard let unit = codeUnit(in: text, at: index) else { return 2 }
  switch unit {
  case 0:
    throw JSONError(offset: index + 1, reason: "NUL in a string")
  case 0xd800...0xdbff:
    guard let low = codeUnit(in: text, at: index + 6), 0xdc00...0xdfff ~= low else {
      throw JSONError(offset: index + 1, reason: "half a surrogate pair")
    }
    return 12
  case 0xdc00...0xdfff:
    throw JSONError(offset: index + 1, reason: "half a surrogate pair")
  default:
    return 6
  }
}

/// The value of a `\uXXXX` at `index`, nil if there is none.
private func codeUnit(in text: Span<UInt8>, at index: Int) -> UInt16? {
  guard index + 6 <= text.count, text[index] == UInt8(ascii: "\\"),
    text[index + 1] == UInt8(ascii: "u")
  else { return nil }
  var value: UInt16 = 0
  for digit in (index + 2)..<(index + 6) {
    guard let bits = hexadecimalValue(text[digit]) else { return nil }
    value = value << 4 | UInt16(bits)
  }
  return value
}

/// The number of bytes of the character at `index`, 0 if they are not UTF-8 (Unicode 16, table 3-7).
func utf8Length(in text: Span<UInt8>, at index: Int) -> Int {
  let length: Int
  var second: ClosedRange<UInt8> = 0x80...0xbf
  switch text[index] {
  case 0x00...0x7f: return 1
  case 0xc2...0xdf: length = 2
  case 0xe0: (length, second) = (3, 0xa0...0xbf)
  case 0xed: (length, second) = (3, 0x80...0x9f)
  case 0xe1...0xef: length = 3
  case 0xf0: (length, second) = (4, 0x90...0xbf)
  case 0xf1...0xf3: length = 4
  case 0xf4: (length, second) = (4, 0x80...0x8f)
  default: return 0
  }
  guard index + length <= text.count, second ~= text[index + 1] else { return 0 }
  for next in (index + 2)..<(index + length) where !(0x80...0xbf ~= text[next]) { return 0 }
  return length
}
