package import Bytes

/// A command line as people type it, taken apart as a shell would.
package enum CommandWords {
  /// Blanks part words; quotes and a backslash keep them together. No variable is put in.
  package static func split(_ line: ByteString) -> [ByteString] {
    var words = [ByteString]()
    var word = [UInt8]()
    var isWord = false
    var quote: UInt8?
    var isEscaped = false
    for byte in line.bytes {
      if isEscaped {
        word.append(byte)
        isEscaped = false
      } else if byte == UInt8(ascii: "\\"), quote != UInt8(ascii: "'") {
        isEscaped = true
        isWord = true
      } else if let open = quote {
        if byte == open { quote = nil } else { word.append(byte) }
      } else if byte == UInt8(ascii: "'") || byte == UInt8(ascii: "\"") {
        quote = byte
        isWord = true
      } else if byte == 0x20 || byte == 0x09 || byte == 0x0a {
        if isWord { words.append(ByteString(word)) }
        word = []
        isWord = false
      } else {
        word.append(byte)
        isWord = true
      }
    }
    if isWord { words.append(ByteString(word)) }
    return words
  }

  /// `word` as a shell takes it for one word.
  package static func quoted(_ word: ByteString) -> ByteString {
    let plain = word.bytes.allSatisfy {
      (0x30...0x39).contains($0) || (0x41...0x5a).contains($0) || (0x61...0x7a).contains($0)
        || ByteString("_-./=:,@%+").contains($0)
    }
    if plain, !word.isEmpty { return word }
    return "'" + word.split(on: UInt8(ascii: "'")).joined(by: "'\\''") + "'"
  }

  /// The arguments that execute `line`: with a shell, if only a shell understands it.
  package static func arguments(_ line: ByteString) -> [ByteString] {
    needShell(line) ? ["/bin/sh", "-c", line] : split(line)
  }

  /// The shell's own commands, of which no program does the same.
  package static var builtins: [ByteString] {
    [
      "cd", "export", "source", ".", "alias", "set", "exec", "umask", "eval", "if", "for", "while",
    ]
  }

  /// Whether `line` has an operator outside of quotes, or begins with what is no program.
  private static func needShell(_ line: ByteString) -> Bool {
    var quote: UInt8?
    var isEscaped = false
    for byte in line.bytes {
      if isEscaped {
        isEscaped = false
      } else if byte == UInt8(ascii: "\\"), quote != UInt8(ascii: "'") {
        isEscaped = true
      } else if let open = quote {
        if byte == open { quote = nil }
      } else if byte == UInt8(ascii: "'") || byte == UInt8(ascii: "\"") {
        quote = byte
      } else if ByteString("&|;<>$`").contains(byte) {
        return true
      }
    }
    guard let first = split(line).first else { return false }
    if builtins.contains(first) { return true }
    // `NAME=value program`.
    guard let name = first.cut(at: UInt8(ascii: "="))?.before else { return false }
    return !name.isEmpty && !name.contains(UInt8(ascii: "/"))
  }
}

extension ByteString {
  /// As a string of JSON, on one line and no longer than can be read.
  package var inJSON: ByteString {
    var text: [UInt8] = [UInt8(ascii: "\"")]
    for byte in prefix(120).bytes {
      if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") {
        text.append(UInt8(ascii: "\\"))
      }
      if byte >= 0x20 { text.append(byte) } else { text += byte == 0x0a ? "\\n".utf8 : "\\t".utf8 }
    }
    return ByteString(text) + (count > 120 ? "…\"" : "\"")
  }

  /// A list of strings in JSON, the first of them.
  package static func listInJSON(_ words: [ByteString]) -> ByteString {
    let list = words.prefix(12).map { $0.inJSON }.joined(by: ", ")
    return "[" + list + (words.count > 12 ? ", …]" : "]")
  }
}
