/// How much of a foreign text a message shows.
package enum Excerpt: Int, Sendable {
  /// A name, a value, a word of a list.
  case word = 64
  /// A path, an argument, a subject of a system call.
  case path = 200
  /// What a tool or the kernel said, a cause, a hint.
  case sentence = 600
  /// A whole line of a log.
  case line = 4096
}

extension ByteString {
  /// For messages: control characters as `\xNN`, so that no input forges a log line or moves a
  /// terminal's cursor, and not more than `excerpt` of it. No character of UTF-8 is cut in two.
  @inline(__always)
  package func escaped(_ excerpt: Excerpt) -> ByteString {
    escaped(limit: excerpt.rawValue)
  }

  @inline(__always)
  package func escaped() -> ByteString { escaped(limit: Excerpt.word.rawValue) }

  @inline(never)
  package func escaped(limit: Int) -> ByteString {
    var end = Swift.min(count, limit)
    // Continuation bytes look like 10xxxxxx.
    while end < count, end > 0, self[end] & 0xc0 == 0x80 { end -= 1 }
    var result = [UInt8]()
    result.reserveCapacity(end + 4)
    for byte in bytes.prefix(end) {
      if byte >= 0x20 && byte != 0x7f {
        result.append(byte)
      } else {
        result += [
          UInt8(ascii: "\\"), UInt8(ascii: "x"), hexadecimalDigit(byte >> 4),
          hexadecimalDigit(byte & 15),
        ]
      }
    }
    if end < count { result += [0x2e, 0x2e, 0x2e] }
    return ByteString(result)
  }
}

/// `text` in backquotes for a message, on one line.
@inline(never)
package func quoted(_ text: ByteString, _ excerpt: Excerpt) -> ByteString {
  "`" + text.escaped(excerpt) + "`"
}

// Without a default argument, which would be a call by itself.
@inline(never)
package func quoted(_ text: ByteString) -> ByteString { quoted(text, .word) }
