import Testing

@Suite("every code of a failure is provoked by a test")
struct CodeCoverageTests {
  /// The words of the table in Sources/Diagnosis/DiagnosisCode.swift.
  static func codes(in source: String) -> [String] {
    source.split(separator: "\n").compactMap { line in
      let parts = line.split(separator: "\"", omittingEmptySubsequences: false)
      guard line.contains("    case ."), parts.count == 3 else { return nil }
      return String(parts[1])
    }
  }

  /// Those that a table of faults has a case for.
  static func faults(in table: String) -> Set<String> {
    Set(
      table.split(separator: "\n").compactMap { line in
        let words = line.split(separator: " ")
        return words.count > 1 && words[0] == "fault" ? String(words[1]) : nil
      })
  }

  @Test("conformance/faults has a fault for every code, and for no other")
  func everyCode() {
    let codes = Self.codes(in: Repository.text("Sources/Diagnosis/DiagnosisCode.swift") ?? "")
    #expect(codes.count > 70)
    let faults = Self.faults(in: Repository.text("conformance/faults/cases.bash") ?? "")
    #expect(Set(codes).subtracting(faults) == [])
    #expect(faults.subtracting(codes) == [])
  }

  @Test("a code without a fault is found")
  func missing() {
    #expect(Self.codes(in: "    case .a: \"a-b\"\n    case .c: \"d\"\n  case e\n") == ["a-b", "d"])
    #expect(Self.faults(in: "fault a-b 'title' x\n# fault d\n") == ["a-b"])
  }
}
