import Foundation
import Testing

/// The repository, from this file's place in it.
private enum Repository {
  static let root = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  static func text(_ path: String) -> String? {
    try? String(contentsOf: root.appending(path: path), encoding: .utf8)
  }

  static func names(in directory: String) -> [String] {
    let names = try? FileManager.default.contentsOfDirectory(
      atPath: root.appending(path: directory).path)
    return (names ?? []).sorted()
  }

  /// Every file below `directory`, as a path from the root.
  static func files(below directory: String) -> [String] {
    let walk = FileManager.default.enumerator(atPath: root.appending(path: directory).path)
    var files: [String] = []
    while let name = walk?.nextObject() as? String {
      let type = walk?.fileAttributes?[.type] as? FileAttributeType
      if type == .typeRegular { files.append(directory + "/" + name) }
    }
    return files.sorted()
  }

  static var swiftFiles: [SourceText] {
    (files(below: "Sources") + files(below: "Tests"))
      .filter { $0.hasSuffix(".swift") }
      .map { SourceText(path: $0, text: text($0) ?? "") }
  }

  static var layers: LayerTable { LayerTable(document: text("docs/ARCHITECTURE.md") ?? "") }

  /// Targets of Swift: those directories that hold Swift files.
  static var rooms: [String] {
    names(in: "Sources").filter { room in
      names(in: "Sources/" + room).contains { $0.hasSuffix(".swift") }
    }
  }
}

@Suite("The tree is tidy")
struct TreeTests {
  @Test("imports, words, unsafe, lengths of every Swift file")
  func sources() {
    let files = Repository.swiftFiles
    #expect(files.count > 50)
    let layers = Repository.layers
    let problems = files.flatMap { Tidy.problems(in: $0, layers: layers) }
    report(problems)
  }

  @Test("the table of layers names every room and points downwards")
  func layers() {
    #expect(Set(Repository.layers.rooms) == Set(Repository.rooms))
    report(Repository.layers.upwards)
  }

  @Test("every target opens with its charter")
  func charters() {
    let problems = Repository.rooms.filter { $0 != "apus" }.compactMap {
      Tidy.charterProblem(room: $0, text: Repository.text("Sources/\($0)/\($0).swift"))
    }
    report(problems)
  }

  @Test("no file names a place that exists on one machine only")
  func machinePaths() {
    let files =
      ["Sources", "Tests", "docs", "bench", "conformance", "spec-fixtures", ".ci"]
      .flatMap { Repository.files(below: $0) } + ["Makefile", "Package.swift", "README.md"]
    let problems = files.flatMap { Tidy.machinePaths(path: $0, text: Repository.text($0) ?? "") }
    report(problems)
  }

  static let golden = Repository.names(in: "spec-fixtures/golden").filter { $0.hasSuffix(".plan") }

  @Test(
    "every good configuration has its golden plan",
    .enabled(if: !golden.isEmpty, "there are no golden plans yet"))
  func goldens() {
    let good = Repository.names(in: "spec-fixtures/good").filter { $0.hasSuffix(".json") }
    #expect(!good.isEmpty)
    report(Tidy.unpaired(good: good, golden: Self.golden))
  }

  private func report(_ problems: [String]) {
    for problem in problems { Issue.record(Comment(rawValue: problem)) }
  }
}

@Suite("The tidy rules find what they look for")
struct RuleTests {
  let layers = LayerTable(
    document: """
      | room | may import |
      |---|---|
      | Low | nothing |
      | Linux | Low, CShim |
      | Rootfs, Hooks | Low, Linux |
      | Top | everything above but Hooks |

      | other | table |
      """)

  func problems(_ text: String, path: String = "Sources/Rootfs/File.swift") -> [String] {
    Tidy.problems(in: SourceText(path: path, text: text), layers: layers)
  }

  @Test("a table is read, and one that points upwards is found")
  func table() {
    #expect(layers.rooms == ["Low", "Linux", "Rootfs", "Hooks", "Top"])
    #expect(layers.allowed["Top"] == ["Low", "Linux", "Rootfs"])
    #expect(layers.allowed["Low"] == [])
    let wrong = LayerTable(
      document: "| room | may import |\n|---|---|\n| A | B |\n| B | nothing |\n")
    #expect(wrong.upwards == ["A may import B, which does not stand above it"])
  }

  @Test(
    "an import that the table does not allow",
    arguments: [
      "import Hooks", "package import Hooks", "@testable import Hooks", "import struct Hooks.Hook",
      "import Foundation",
    ])
  func imports(_ line: String) {
    #expect(problems(line + "\n").first?.contains("Rootfs does not import") == true)
  }

  @Test("an import that the table allows")
  func allowedImports() {
    #expect(problems("import Low\npackage import Linux\n") == [])
  }

  @Test(
    "a banned word",
    arguments: [
      "let x = try? f()", "let x = try! f()", "let x = y as! Int", "let x: any Error",
      "  public func f() {}", "fatalError()", "// TO" + "DO: later", "unsafe f()",
      "@inlinable public struct X {}",
    ])
  func words(_ line: String) {
    #expect(problems(line + "\n").count == 1)
  }

  @Test(
    "the same words where they are no code",
    arguments: [
      "// try? any Error, unsafe", "let x = \"try! any Error unsafe\"", "/* as! */ let x = 1",
      "let x = #\"a \"unsafe\" b\"#", "let x = \"\"\"\n  public \" unsafe\n  \"\"\"",
      "let many = anyone", "let republic = 1",
    ])
  func prose(_ text: String) {
    #expect(problems(text + "\n") == [])
  }

  @Test("unsafe where it lives")
  func unsafeAtHome() {
    #expect(problems("unsafe f()\n", path: "Sources/Linux/File.swift") == [])
  }

  @Test("code after a literal is code again")
  func afterLiteral() {
    #expect(problems("let x = \"a \\\" b\" + unsafe f()\n").count == 1)
  }

  @Test("a file and a function that are too long")
  func lengths() {
    let lines = String(repeating: "let x = 1\n", count: 401)
    #expect(problems(lines).count == 1)
    #expect(problems(String(lines.dropLast(10))) == [])
    let body = String(repeating: "    x()\n", count: 59)
    #expect(problems("struct S {\n  func f(\n    a: Int\n  ) {\n\(body)  }\n}\n").count == 1)
    let short = String(repeating: "    x()\n", count: 58)
    #expect(problems("struct S {\n  func f() {\n\(short)  }\n  init() {\n\(short)  }\n}\n") == [])
    #expect(problems("protocol P {\n  func f()\n  func g()\n}\n\(body)") == [])
  }

  @Test("a charter that is missing or says too little")
  func charters() {
    let good = "// Room: x.\n//\n// Lives here: a.\n// Never here: b.\n// Imports: c.\n"
    #expect(Tidy.charterProblem(room: "Room", text: good) == nil)
    #expect(Tidy.charterProblem(room: "Other", text: good) != nil)
    #expect(Tidy.charterProblem(room: "Room", text: "import X\n" + good) != nil)
    #expect(Tidy.charterProblem(room: "Room", text: nil) != nil)
  }

  @Test("a path of one machine, and a fixture without its twin")
  func pathsAndTwins() {
    let strange = "/tmp/pe" + "ers"
    #expect(
      Tidy.machinePaths(path: "f", text: "a\ncd \(strange)/x\n") == ["f:2: names `\(strange)`"])
    #expect(
      Tidy.unpaired(good: ["a.json", "b.json"], golden: ["b.plan", "c.plan"]) == [
        "spec-fixtures/golden/a.plan is missing", "spec-fixtures/good/c.json is missing",
      ])
  }
}
