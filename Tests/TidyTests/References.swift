import Foundation

/// What a text names of the repository: ids, files, and names of the code. Each must be there.
enum References {
  /// The first column of each list that defines ids: the requirements, the contract with engines, and
  /// the attacks, whose entries begin with `- **T1**`.
  static func defined(tables: [String], attacks: String) -> Set<String> {
    let rows = tables.flatMap { $0.components(separatedBy: "\n") }
      .compactMap { $0.components(separatedBy: "\t").first }.filter { !$0.isEmpty }
    return Set(rows).union(Attacks(attacks).entries.map(\.id))
  }

  /// The ids at the head of a test's title: `CG-4 T22: …`, `RS-1..8: …`.
  static func ids(title: String) -> [String] {
    guard let colon = title.range(of: ": ") else { return [] }
    let words = title[..<colon.lowerBound].split(whereSeparator: { $0 == " " || $0 == "," })
    return words.prefix { isID(String($0)) }.flatMap { expanded(String($0)) }
  }

  /// Ids and numbers of sections that a comment gives in parentheses, and requirements anywhere in it.
  static func ids(comment: String) -> [String] {
    let inParentheses = matches(#"\([^()]*\)"#, in: comment).flatMap {
      $0.dropFirst().dropLast().components(separatedBy: ", ")
    }
    let steps = inParentheses.filter { fits($0, #"(sections?|step) \d[\d.]*|\d+\.\d+(\.\d+)?"#) }
    let short = inParentheses.filter { fits($0, #"[A-Zk][A-Z]?\d+"#) }
    return steps + short + matches(#"\b[A-Z]{2}-\d+\b"#, in: comment)
  }

  private static func isID(_ word: String) -> Bool {
    fits(word, #"[A-Za-z]{0,3}-?\d[\d.]*|[A-Z]{2}-[A-Z0-9]+(\.\.\d+)?|[A-Z]|sections?"#)
  }

  private static func expanded(_ id: String) -> [String] {
    let parts = id.components(separatedBy: "..")
    guard parts.count == 2, let dash = parts[0].firstIndex(of: "-"), let last = Int(parts[1]),
      let first = Int(parts[0][parts[0].index(after: dash)...]), first <= last
    else { return [id] }
    return (first...last).map { "\(parts[0][..<dash])-\($0)" }
  }

  /// Files that a document or a comment names, by a path from the root of the repository.
  static func paths(_ text: String) -> [String] {
    matches(
      #"(?<![\w/.-])(Sources|Tests|docs|spec-fixtures|conformance|packaging|bench)(/[\w.-]+)+"#,
      in: text
    ).map { $0.hasSuffix(".") ? String($0.dropLast()) : $0 }
  }

  /// Types of the code that a document names in backquotes: `StepOrder`.
  static func types(_ document: String) -> [String] {
    matches(#"`[A-Z][a-z]+[A-Z]\w+`"#, in: document).map { String($0.dropFirst().dropLast()) }
  }

  /// Lines that no terminal shows in one piece. The rows of a table cannot be broken.
  static func wideLines(path: String, text: String) -> [String] {
    text.components(separatedBy: "\n").enumerated().compactMap { number, line in
      let limit = line.hasPrefix("|") ? 200 : 140
      return line.count > limit
        ? "\(path):\(number + 1): \(line.count) columns, at most \(limit)" : nil
    }
  }

  static func titles(path: String, text: String) -> [String] {
    let pattern =
      path.hasSuffix(".bats") ? #"(?m)^@test "[^"]*""# : #"@(Test|Suite)\(\s*"[^"]*""#
    return matches(pattern, in: text).map {
      String($0.drop(while: { $0 != "\"" }).dropFirst().dropLast())
    }
  }

  private static func fits(_ text: String, _ pattern: String) -> Bool {
    text.range(of: "^(\(pattern))$", options: .regularExpression) != nil
  }

  private static func matches(_ pattern: String, in text: String) -> [String] {
    guard let expression = try? NSRegularExpression(pattern: pattern) else { return [] }
    let whole = NSRange(text.startIndex..., in: text)
    return expression.matches(in: text, range: whole).compactMap {
      Range($0.range, in: text).map { String(text[$0]) }
    }
  }
}

/// The list in docs/attacks.md.
struct Attacks {
  struct Entry {
    let id: String
    /// Below Tests.
    let tests: [String]
  }

  private(set) var entries: [Entry] = []

  init(_ text: String) {
    for item in text.components(separatedBy: "\n- **").dropFirst() {
      guard let end = item.range(of: "**") else { continue }
      let listed = item.components(separatedBy: "  Tests: ").dropFirst().first ?? ""
      let names = listed.prefix(while: { $0 != "#" }).components(separatedBy: "`")
      entries.append(
        Entry(
          id: String(item[..<end.lowerBound]),
          tests: names.enumerated().filter { $0.offset % 2 == 1 }.map(\.element)))
    }
  }

  /// - Parameter titles: the titles of each file below Tests.
  func problems(titles: [String: [String]]) -> [String] {
    var found = Set(entries.map(\.id)).count == entries.count ? [] : ["an id twice"]
    for entry in entries {
      let proofs = titles.filter {
        $0.value.contains { References.ids(title: $0).contains(entry.id) }
      }
      if proofs.isEmpty { found.append("\(entry.id): no test has it in its title") }
      let difference = Set(proofs.keys).symmetricDifference(entry.tests)
      if !difference.isEmpty {
        found.append("\(entry.id): listed or titled, but not both: \(difference.sorted())")
      }
    }
    return found
  }
}
