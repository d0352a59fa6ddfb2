import Bytes
import Diagnosis

/// `apus explain`: the codes of errors, from the table that the errors are made with.
enum Codes {
  /// One code, or the list of all.
  static func text(_ code: CodePage?) -> ByteString {
    guard let code else { return list }
    var lines = Lines()
    lines.add(code.name)
    lines.add("")
    for line in wrapped(code.meaning) { lines.add("  ", line) }
    lines.add("")
    lines.add("  Example:")
    lines.add("    ", code.example)
    return lines.text
  }

  /// A code and its first sentence a line.
  private static var list: ByteString {
    var lines = Lines()
    let width = CodePage.all.map { $0.name.count }.max() ?? 0
    for code in CodePage.all {
      let gap = [UInt8](repeating: 0x20, count: width - code.name.count + 2)
      lines.add(code.name, ByteString(gap), code.firstSentence)
    }
    return lines.text
  }

  private static func wrapped(_ text: ByteString) -> [ByteString] {
    var lines = [ByteString]()
    var line = ByteString()
    for word in text.split(on: 0x20) {
      if line.count + 1 + word.count > 76 {
        lines.append(line)
        line = ByteString()
      }
      line += (line.isEmpty ? "" : " ") + word
    }
    return lines + [line]
  }
}

extension CodePage {
  var firstSentence: ByteString {
    let all = meaning
    for index in 0..<all.count - 1 where all[index] == UInt8(ascii: ".") && all[index + 1] == 0x20 {
      return all.prefix(index + 1)
    }
    return all
  }
}
