import Testing

@Suite("The tidy rules find what they look for")
struct RuleTests {
  let layers = LayerTable(
    document: """
      | module | may import |
      |---|---|
      | Low | nothing |
      | Linux | Low, CShim |
      | Rootfs, Hooks | Low, Linux |
      | Top | Low, Linux, Rootfs |

      | other | table |
      """)

  func problems(_ text: String, path: String = "Sources/Rootfs/File.swift") -> [String] {
    Tidy.problems(in: SourceText(path: path, text: text), layers: layers)
  }

  @Test("a table is read, and one that points upwards is found")
  func table() {
    #expect(layers.modules == ["Low", "Linux", "Rootfs", "Hooks", "Top"])
    #expect(layers.allowed["Top"] == ["Low", "Linux", "Rootfs"])
    #expect(layers.allowed["Low"] == [])
    let wrong = LayerTable(
      document: "| module | may import |\n|---|---|\n| A | B |\n| B | nothing |\n")
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

  @Test("a number from outside that is converted as if it had to fit")
  func narrowing() {
    for line in [
      "count = Int(object.text(\"n\")?.unsignedDecimal ?? 0)",
      "phase = UInt8(truncatingIfNeeded: text.unsignedDecimal ?? 0)",
      "let pid = Int32(word.signedDecimal!)",
    ] {
      #expect(problems(line + "\n").first?.contains("too large") == true)
    }
    for line in [
      "let pid = word.unsignedDecimal.flatMap { Int32(exactly: $0) }",
      "let word = text.cut(at: UInt8(ascii: \".\"))?.before.unsignedDecimal",
    ] {
      #expect(problems(line + "\n") == [])
    }
  }

  @Test("a default over an enum, and none over an errno, a number or a pair")
  func defaults() {
    func text(_ pattern: String) -> String {
      "switch x {\ncase \(pattern): f {\n  g()\n}\ndefault: break\n}\n"
    }
    for pattern in [".found", ".found(let x)", "let .found(x)", ".found where x"] {
      #expect(problems(text(pattern)).count == 1, "\(pattern)")
    }
    for pattern in [".ENOENT", "3", "(.a, .b)", "\"a\""] { #expect(problems(text(pattern)) == []) }
    let inner =
      "switch x {\ncase .a:\n  switch y {\n  case 3: f()\n  default: break\n  }\ncase .b: g()\n}\n"
    #expect(problems(inner) == [])
  }

  @Test("an errno that no call returned")
  func inventedErrno() {
    let line = "throw SyscallError(\"mknod\", path, .EEXIST)\n"
    #expect(problems(line).first?.contains("no call returned") == true)
    #expect(problems("throw StepError(call, path, .EIO)\n").count == 1)
    #expect(problems(line, path: "Sources/Linux/File.swift") == [])
    #expect(problems("throw .unmet(text, path)\n") == [])
    #expect(problems("func f() throws(SyscallError) {}\n") == [])
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
    let good = "// Example: x.\n//\n// Lives here: a.\n// Never here: b.\n// Imports: c.\n"
    #expect(Tidy.charterProblem(module: "Example", text: good) == nil)
    #expect(Tidy.charterProblem(module: "Other", text: good) != nil)
    #expect(Tidy.charterProblem(module: "Example", text: "import X\n" + good) != nil)
    #expect(Tidy.charterProblem(module: "Example", text: nil) != nil)
  }

  @Test("a command of a test that is negated, which can fail nothing")
  func negated() {
    for line in ["  ! grep x file", "! create 2>/dev/null", "\t! a || true"] {
      #expect(Tidy.shellProblems(path: "t.bats", text: "x\n\(line)\n").count == 1)
    }
    for line in [
      "  ! a || fail \"why\"", "  ! a || { fail \"why\"; return; }", "  if ! a; then", "  fails a",
      "  eventually '! a'",
    ] {
      #expect(Tidy.shellProblems(path: "t.bats", text: line + "\n") == [])
    }
  }

  @Test("a fixture without its twin")
  func twins() {
    #expect(
      Tidy.unpaired(good: ["a.json", "b.json"], golden: ["b.plan", "c.plan"]) == [
        "spec-fixtures/golden/a.plan is missing", "spec-fixtures/good/c.json is missing",
      ])
  }
}
