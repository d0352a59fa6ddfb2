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

extension ByteString {
  /// How many columns of a terminal it takes: a wide character, as those of East Asia are, takes two, a
  /// combining one none.
  package var columns: Int {
    var columns = 0
    for index in 0..<count where self[index] & 0xc0 != 0x80 {
      // The first three bytes of UTF-8 are ordered as the characters are.
      let head = (index..<index + 3).reduce(UInt32(0)) {
        $0 << 8 | ($1 < count ? UInt32(self[$1]) : 0)
      }
      switch head {
      case 0xcc8000...0xcdafff, 0xe2808b...0xe2808f, 0xefb880...0xefb88f: break
      case 0xe18480...0xe1859f, 0xe2ba80...0xea938f, 0xeab080...0xed9ea3, 0xefa480...0xefabbf,
        0xefb8b0...0xefb9af, 0xefbc80...0xefbda0, 0xf09f8c...0xf09fab, 0xf0a080...0xf0bfbf:
        columns += 2
      default: columns += 1
      }
    }
    return columns
  }

  /// Every `byte` replaced by `text`.
  package func replacing(_ byte: UInt8, with text: ByteString) -> ByteString {
    split(on: byte).joined(by: text)
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
