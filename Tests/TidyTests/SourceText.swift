import Foundation

/// A Swift file, and the same text with comments and string literals blanked out, so that a rule about
/// code does not find a word in prose. Lines keep their numbers.
struct SourceText {
  let path: String
  let lines: [String]
  let code: [String]
  /// The other way round: what stands in comments.
  let comments: [String]

  init(path: String, text: String) {
    self.path = path
    self.lines = text.components(separatedBy: "\n")
    let parts = Blanking(text)
    self.code = parts.code.components(separatedBy: "\n")
    self.comments = parts.comments.components(separatedBy: "\n")
  }

  /// The target that a file below Sources belongs to.
  var module: String? {
    let parts = path.split(separator: "/")
    return parts.count > 2 && parts[0] == "Sources" ? String(parts[1]) : nil
  }

  var imports: [(line: Int, module: String)] {
    code.enumerated().compactMap { number, line in
      let words = line.split(separator: " ")
      guard let index = words.firstIndex(of: "import"), index + 1 < words.count,
        words[..<index].allSatisfy({
          ["package", "internal", "private", "fileprivate"].contains($0) || $0.hasPrefix("@")
        })
      else { return nil }
      let kinds: Set<Substring> = ["func", "struct", "class", "enum", "typealias", "let", "var"]
      let name =
        kinds.contains(words[index + 1]) && index + 2 < words.count
        ? words[index + 2] : words[index + 1]
      return (number + 1, String(name.prefix(while: { $0 != "." })))
    }
  }

  /// The lines of a `default` beside cases that are written with a dot in front: those of an enum. A case that is added
  /// to it would go there unseen. A name in capitals is an errno, of which there are others.
  var defaultsOfEnums: [Int] {
    code.indices.filter { line in
      guard code[line].trimmingCharacters(in: .whitespaces).hasPrefix("default:") else {
        return false
      }
      let indent = code[line].prefix(while: { $0 == " " })
      for above in code[..<line].reversed() {
        let column = above.prefix(while: { $0 == " " })
        let isWord = { (word: String) in above.dropFirst(column.count).hasPrefix(word) }
        if column == indent,
          above.range(of: #"^ *case (let )?\.[a-z]"#, options: .regularExpression) != nil
        {
          return true
        }
        if column.count < indent.count
          || column == indent && !isWord("case ") && !isWord("default") && above.contains("switch ")
        {
          return false
        }
      }
      return false
    }.map { $0 + 1 }
  }

  /// Functions and initializers with the number of lines they take, from the declaration to the closing
  /// brace, which the formatter puts in the declaration's column.
  var functions: [(line: Int, length: Int)] {
    code.indices.compactMap { start in
      let line = code[start]
      let words = line.split(whereSeparator: { " (<?!".contains($0) })
      guard words.contains(where: { ["func", "init", "deinit", "subscript"].contains($0) }),
        !line.contains(".init"), !line.contains("self.init")
      else { return nil }
      let indent = line.prefix(while: { $0 == " " })
      var end = start
      while end < code.count {
        let here = code[end].trimmingCharacters(in: .whitespaces)
        // One line, or a requirement of a protocol: nothing to measure.
        if end == start, here.hasSuffix("}") { return nil }
        if end > start, here.isEmpty || code[end].prefix(while: { $0 == " " }).count < indent.count
        {
          return nil
        }
        if here.hasSuffix("{") { break }
        end += 1
      }
      guard let close = code[end...].firstIndex(where: { $0.hasPrefix(indent + "}") }) else {
        return nil
      }
      return (start + 1, close - start + 1)
    }
  }
}

/// A text twice: what is no code replaced by spaces, and what is no comment.
private struct Blanking {
  private(set) var code = ""
  private(set) var comments = ""

  init(_ text: String) {
    var rest = Substring(text)
    while let character = rest.first {
      if rest.hasPrefix("//") {
        take(rest.prefix(while: { $0 != "\n" }), of: &rest, isComment: true)
      } else if rest.hasPrefix("/*") {
        take(Self.blockComment(rest), of: &rest, isComment: true)
      } else if character == "\""
        || character == "#" && rest.dropFirst(Self.hashes(rest)).first == "\""
      {
        take(Self.literal(rest), of: &rest, isComment: false)
      } else {
        code.append(character)
        comments += Self.blank(rest.prefix(1))
        rest.removeFirst()
      }
    }
  }

  private mutating func take(_ part: Substring, of rest: inout Substring, isComment: Bool) {
    code += Self.blank(part)
    comments += isComment ? String(part) : Self.blank(part)
    rest = rest[part.endIndex...]
  }

  private static func blank(_ part: Substring) -> String {
    String(part.map { $0 == "\n" ? "\n" : " " })
  }

  private static func hashes(_ text: Substring) -> Int {
    text.prefix(while: { $0 == "#" }).count
  }

  private static func blockComment(_ text: Substring) -> Substring {
    guard let end = text.range(of: "*/") else { return text }
    return text[..<end.upperBound]
  }

  private static func literal(_ text: Substring) -> Substring {
    let count = hashes(text)
    let body = text.dropFirst(count)
    let mark = body.hasPrefix("\"\"\"") ? "\"\"\"" : "\""
    let close = mark + String(repeating: "#", count: count)
    let escape = "\\" + String(repeating: "#", count: count)
    var at = text.index(text.startIndex, offsetBy: count + mark.count)
    while at < text.endIndex {
      if text[at...].hasPrefix(escape) {
        at = text.index(at, offsetBy: escape.count + 1, limitedBy: text.endIndex) ?? text.endIndex
      } else if text[at...].hasPrefix(close) {
        return text[..<text.index(at, offsetBy: close.count)]
      } else {
        at = text.index(after: at)
      }
    }
    return text
  }
}
