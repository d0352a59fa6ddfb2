import Foundation

/// Declarations whose name stands nowhere else below Sources, so that nothing of the program can use them:
/// what only a test calls is found too. A name that two declarations share is not; that would ask for a
/// compiler.
struct DeadCode {
  /// Of C, all that CShim declares for Swift.
  struct Declaration: Hashable {
    var place: String
    var name: String
  }

  /// Used by tests alone, each with what for.
  static let forTests: [String: String] = [
    "accept": "servers of the tests' sockets",
    "isInBoundingSet": "reads back what dropFromBoundingSet did",
    "restoreText": "the golden text of a restore",
    "libraryToken": "holds our numbers of architectures against libseccomp's",
  ]

  private var declarations: [Declaration] = []
  private var uses: [String: Int] = [:]

  mutating func add(swift file: SourceText) {
    for (number, line) in file.code.enumerated() {
      for word in Self.words(line) { uses[word, default: 0] += 1 }
      for name in Self.declared(line) {
        declarations.append(Declaration(place: "\(file.path):\(number + 1)", name: name))
      }
    }
  }

  mutating func add(header text: String, path: String) {
    for (number, line) in text.components(separatedBy: "\n").enumerated() {
      for pattern in [#"\b(apus_\w+)\("#, #"^#define (APUS_\w+) "#]
      where line.contains("(") || line.hasPrefix("#") {
        for name in Self.matches(line, pattern) {
          declarations.append(Declaration(place: "\(path):\(number + 1)", name: name))
          uses[name, default: 0] += 1
        }
      }
    }
  }

  var problems: [String] {
    declarations.filter { uses[$0.name] == 1 && Self.forTests[$0.name] == nil }
      .map { "\($0.place): nothing uses `\($0.name)`" }
  }

  /// Exceptions that are none any more.
  var stale: [String] {
    Self.forTests.keys.filter { uses[$0, default: 0] != 1 }.sorted().map {
      "DeadCode.forTests: `\($0)` is no declaration that tests alone use"
    }
  }

  /// The names that a line of Swift declares, but for local ones: the compiler warns of those.
  static func declared(_ line: String) -> [String] {
    let keywords: Set<String> = [
      "func", "struct", "enum", "class", "protocol", "typealias", "let", "var", "case",
    ]
    guard words(line).contains(where: { keywords.contains($0) }) else { return [] }
    let named = matches(
      line,
      #"\b(?:func|struct|enum|class|protocol|typealias|static let|static var)\s+`?([A-Za-z_]\w*)"#
    )
    let members = matches(
      line, #"^ {2,4}(?:package |private |fileprivate |\w+\(set\) )*(?:let|var)\s+`?([A-Za-z_]\w*)"#
    )
    let cases = matches(
      line, #"^\s*case ([a-z]\w*(?:\([^)]*\))?(?:, [a-z]\w*(?:\([^)]*\))?)*)\s*$"#
    )
    .flatMap { matches($0, #"(?:^|, )([a-z]\w*)"#) }
    return named + members + cases
  }

  private static func words(_ line: String) -> [String] {
    line.split(whereSeparator: { !$0.isLetter && !$0.isNumber && $0 != "_" }).map { String($0) }
  }

  private static func matches(_ line: String, _ pattern: String) -> [String] {
    guard let expression = try? NSRegularExpression(pattern: pattern) else { return [] }
    let range = NSRange(line.startIndex..., in: line)
    return expression.matches(in: line, range: range).compactMap {
      Range($0.range(at: 1), in: line).map { String(line[$0]) }
    }
  }
}

extension Tidy {
  /// Numbers of the kernel where a name would say what they are.
  static func bareErrors(in file: SourceText) -> [String] {
    guard file.path.hasPrefix("Sources/Linux/") else { return [] }
    return file.code.enumerated().flatMap { number, line in
      line.range(of: #"[!=]= ?-\d"#, options: .regularExpression) == nil
        ? [] : ["\(file.path):\(number + 1): an answer is compared with a number: `failed(with:)`"]
    }
  }
}
