import Testing

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

  @Test("no test in bash has a command that is negated to no effect")
  func negated() {
    let files = (Repository.files(below: "Tests") + Repository.files(below: "conformance")).filter {
      $0.hasSuffix(".bats") || $0.hasSuffix(".bash")
    }
    #expect(files.count > 40)
    report(
      files.flatMap { Tidy.shellProblems(path: $0, text: Repository.text($0) ?? "") })
  }

  @Test("the table of layers names every module and points downwards")
  func layers() {
    #expect(Set(Repository.layers.modules) == Set(Repository.modules))
    report(Repository.layers.upwards)
  }

  @Test("every target opens with its charter")
  func charters() {
    let problems = Repository.modules.filter { $0 != "apus" }.compactMap {
      Tidy.charterProblem(module: $0, text: Repository.text("Sources/\($0)/\($0).swift"))
    }
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

  @Test("what is refused is in two tables, and the fuzzer's corpus in one")
  func tables() {
    #expect(Repository.names(in: "spec-fixtures/bad") == ["decode", "plan"])
    #expect(!Repository.names(in: "Tests/Fuzz").contains { $0.count == 40 })
  }
}
