import Foundation
import Testing

@Suite("What texts name is there")
struct ReferenceTests {
  static let documents =
    (Repository.files(below: "docs") + Repository.files(below: "conformance")).filter {
      $0.hasSuffix(".md")
    } + ["README.md", "SECURITY.md", "CONTRIBUTING.md", "CHANGELOG.md"]
  /// Written by programs.
  static let generated = [
    "docs/spec-conformance.md", "docs/conformance-results.md", "docs/diagnosis.md",
  ]
  /// Where a name in backquotes is one of the sources.
  static let aboutCode = ["ARCHITECTURE", "attacks", "debugging", "glossary"].map {
    "docs/\($0).md"
  }
  static let attacks = Repository.text("docs/attacks.md") ?? ""
  static let defined = References.defined(
    tables: ["requirements", "contract"].compactMap { Repository.text("Tests/\($0).tsv") },
    attacks: attacks)

  static var tests: [(path: String, titles: [String])] {
    let files = Repository.files(below: "Tests") + Repository.files(below: "conformance/engines")
    return files.filter { $0.hasSuffix(".bats") || $0.hasSuffix(".swift") }.map {
      ($0, References.titles(path: $0, text: Repository.text($0) ?? ""))
    }
  }

  @Test("ids at the head of titles are in the requirements, the contract or the attacks")
  func titles() {
    #expect(Self.tests.flatMap(\.titles).count > 1000)
    for (path, titles) in Self.tests where !path.hasPrefix("Tests/TidyTests/") {
      let unknown = titles.flatMap { References.ids(title: $0) }
        .filter { !Self.defined.contains($0) }
      report(unknown.map { "\(path): no list has \($0)" })
    }
  }

  @Test("ids in comments are there, files that they name exist")
  func comments() {
    for file in Repository.swiftFiles where !file.path.hasPrefix("Tests/TidyTests/") {
      for (index, text) in file.comments.enumerated() {
        let line = index + 1
        let unknown = References.ids(comment: text).filter { !Self.defined.contains($0) }
        report(unknown.map { "\(file.path):\(line): no list has \($0)" })
        let missing = References.paths(text).filter { !Repository.exists($0) }
        report(missing.map { "\(file.path):\(line): there is no \($0)" })
      }
    }
  }

  @Test("each attack has the tests that are listed, and they have its id")
  func attacks() {
    let titles = Dictionary(
      uniqueKeysWithValues: Self.tests.filter { $0.path.hasPrefix("Tests/") }.map {
        (String($0.path.dropFirst("Tests/".count)), $0.titles)
      })
    #expect(Attacks(Self.attacks).entries.count > 50)
    report(Attacks(Self.attacks).problems(titles: titles))
  }

  @Test("files and types that documents name exist, and lines fit a terminal")
  func documents() {
    let code = (Repository.swiftFiles.map { $0.lines.joined(separator: "\n") }).joined()
    for path in Self.documents where !Self.generated.contains(path) {
      let text = Repository.text(path) ?? ""
      report(
        References.paths(text).filter { !Repository.exists($0) }.map {
          "\(path): there is no \($0)"
        })
      if Self.aboutCode.contains(path) {
        report(
          References.types(text).filter { !code.contains($0) }.map {
            "\(path): no Swift file has `\($0)`"
          })
      }
      report(References.wideLines(path: path, text: text))
    }
  }
}

@Suite("The rules about references find what they look for")
struct ReferenceRuleTests {
  @Test(
    "ids of a title",
    arguments: [
      ("RS-1..3, T22: a", ["RS-1", "RS-2", "RS-3", "T22"]), ("14.4: a", ["14.4"]),
      ("section 2.1: a", ["section", "2.1"]), ("K3 T29: a", ["K3", "T29"]),
      ("16 rootless: a", ["16"]),
      ("T41 create: a", ["T41"]), ("create: a", []), ("64 levels, no more", []),
      ("a plan is a function: the same", []), ("config.md User: a", []),
    ] as [(String, [String])])
  func titles(title: String, ids: [String]) {
    #expect(References.ids(title: title) == ids)
  }

  @Test(
    "ids of a comment",
    arguments: [
      ("// as written (13.3).", ["13.3"]), ("// (6.2, step 10)", ["6.2", "step 10"]),
      ("// not followed (T22), or RS-4", ["T22", "RS-4"]), ("// (K3)", ["K3"]),
      ("// (MT1)", ["MT1"]),
      ("// since (Linux 5.8) mount(2), UTF-8 and (1, 3)", []),
    ] as [(String, [String])])
  func comments(comment: String, ids: [String]) {
    #expect(References.ids(comment: comment) == ids)
  }

  @Test("a comment is told from a literal")
  func literals() {
    let file = SourceText(path: "f", text: "let a = \"// (K3)\"\nlet b = 1  // (K4)\n")
    #expect(file.comments.flatMap { References.ids(comment: $0) } == ["K4"])
    #expect(file.code[1].hasPrefix("let b = 1 "))
  }

  @Test("an attack without a test, with another's, or listed twice")
  func attacks() {
    let list = "# A\n\n- **T1** a\n  Tests: `x.bats`.\n- **T2** b\n  Tests: `y.bats`.\n\n## B\n"
    let attacks = Attacks(list)
    #expect(attacks.entries.map(\.id) == ["T1", "T2"])
    #expect(attacks.problems(titles: ["x.bats": ["T1: a"], "y.bats": ["T2: b"]]) == [])
    #expect(attacks.problems(titles: ["x.bats": ["T1: a", "T2: b"]]).count == 1)
    #expect(attacks.problems(titles: ["x.bats": ["T1: a"], "y.bats": ["b"]]).count == 2)
    #expect(
      Attacks(list + "- **T1** c\n  Tests: `x.bats`.\n").problems(titles: [:]).contains(
        "an id twice"))
  }

  @Test("paths and types of a document, and lines that are too wide")
  func documents() {
    let text = "see `docs/a.md`, Tests/bats and `StepOrder`; not /usr/docs/x or `Plan`."
    #expect(References.paths(text) == ["docs/a.md", "Tests/bats"])
    #expect(References.types(text) == ["StepOrder"])
    let wide = String(repeating: "x", count: 150)
    #expect(
      References.wideLines(path: "f", text: "a\n\(wide)\n| \(wide) |") == [
        "f:2: 150 columns, at most 140"
      ])
  }
}
