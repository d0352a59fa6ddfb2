import Testing

@Suite("Nothing lies about unused")
struct DeadCodeTests {
  @Test("every declaration is used by the program, every constant that is checked by Swift")
  func declarations() {
    var dead = DeadCode()
    for file in Repository.swiftFiles where file.path.hasPrefix("Sources/") {
      dead.add(swift: file)
    }
    for path in Repository.files(below: "Sources/CShim/include") {
      dead.add(header: Repository.text(path) ?? "", path: path)
    }
    report(dead.problems + dead.stale)
  }

  @Test("the kernel's answers are compared by name")
  func answers() { report(Repository.swiftFiles.flatMap { Tidy.bareErrors(in: $0) }) }

  @Test("what the rule finds, and what it lets pass")
  func rule() {
    var dead = DeadCode()
    let text = """
      package struct Used { static let alone = 1 }
      func alsoAlone() -> Used { other() }
      func other() -> Used { var local = 1; return Used() }
      enum Word {
        case first, second
      }
      let word: Word = .first
      """
    dead.add(swift: SourceText(path: "Sources/A/A.swift", text: text))
    dead.add(header: "int64_t apus_call(int32_t fd);\n#define APUS_ONE 1\n", path: "h")
    #expect(
      dead.problems == [
        "Sources/A/A.swift:1: nothing uses `alone`",
        "Sources/A/A.swift:2: nothing uses `alsoAlone`",
        "Sources/A/A.swift:5: nothing uses `second`", "h:1: nothing uses `apus_call`",
        "h:2: nothing uses `APUS_ONE`",
      ])
  }

  @Test("an error by its number is found in Linux alone")
  func bareNumbers() {
    let text = "if answer == -22 { }\nif answer.failed(with: .EINVAL) { }\n"
    #expect(Tidy.bareErrors(in: SourceText(path: "Sources/Linux/A.swift", text: text)).count == 1)
    #expect(Tidy.bareErrors(in: SourceText(path: "Sources/Bytes/A.swift", text: text)) == [])
  }
}
