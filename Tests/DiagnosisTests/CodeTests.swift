import Bytes
import Diagnosis
import Foundation
import Testing

@Suite("codes of failures")
struct CodeTests {
  @Test("every code is a word of its own with three sentences and an example")
  func texts() {
    var words = Set<String>()
    for code in DiagnosisCode.allCases {
      let word = ByteString(stringLiteral: code.word).description
      #expect(words.insert(word).inserted)
      #expect(word.utf8.allSatisfy { $0 == 0x2d || $0 >= 0x61 && $0 <= 0x7a }, "\(word)")
      let (meaning, example) = code.text
      let sentences = ByteString(stringLiteral: meaning).split(on: UInt8(ascii: ".")).filter {
        $0.isEmpty || $0.hasPrefix(" ")
      }
      #expect(sentences.count >= 3, "\(word)")
      #expect(!ByteString(stringLiteral: example).isEmpty, "\(word)")
      #expect(!ByteString(stringLiteral: example).contains(0x0a), "\(word)")
    }
  }

  private static let root = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  @Test("every code that check prints has a page")
  func pages() throws {
    let directory = Self.root.appending(path: "Sources/Check")
    let pages = Set(CodePage.all.map { $0.name.description })
    #expect(pages.count == CodePage.all.count)
    var codes = Set<String>()
    for name in try FileManager.default.contentsOfDirectory(atPath: directory.path) {
      let text = try String(contentsOf: directory.appending(path: name), encoding: .utf8)
      // `"code", at:`, also behind a question mark and a colon, and `.error("code", "message"`.
      for match in text.matches(of: #/"([a-z]+(?:-[a-z]+)*)"(?: : "([a-z-]+)")?,\s*at:/#) {
        codes.insert(String(match.1))
        if let other = match.2 { codes.insert(String(other)) }
      }
      for match in text.matches(of: #/(?:\.error|\.warning|\.note)[(,]\s*"([a-z]+(?:-[a-z]+)*)"/#) {
        codes.insert(String(match.1))
      }
    }
    #expect(codes.count > 50)
    #expect(codes.subtracting(pages).sorted() == [])
  }

  /// Words of running text: no names, numbers, pointers or quotations.
  private static func words(_ text: some StringProtocol) -> [String] {
    text.split(separator: " ").map {
      $0.trimmingCharacters(in: CharacterSet(charactersIn: ",.:;()"))
    }
    .filter { $0.wholeMatch(of: #/[A-Za-z][A-Za-z-]*/#) != nil }
  }

  @Test("the example of a page is what the fault in docs/diagnosis.md says")
  func examples() throws {
    let document = try String(
      contentsOf: Self.root.appending(path: "docs/diagnosis.md"), encoding: .utf8)
    var titles: [String: [String]] = [:]
    for match in document.matches(of: #/\n\| (.*?) \| `([a-z-]+)` \|/#) {
      titles[String(match.2), default: []].append(String(match.1))
    }
    for code in DiagnosisCode.allCases {
      let word = ByteString(stringLiteral: code.word).description
      let example = Self.words(ByteString(stringLiteral: code.text.example).description)
      let said = (titles[word] ?? []).compactMap { title -> [String]? in
        guard let start = document.range(of: "### " + title + "\n") else { return nil }
        let lines = document[start.upperBound...].split(separator: "\n")
        return lines.first { $0.hasPrefix("- apus") }.map {
          Self.words($0.replacing("`", with: " "))
        }
      }
      #expect(
        said.contains { words in example.allSatisfy { words.contains($0) } },
        "\(word): \(said.map { words in example.filter { !words.contains($0) } })")
    }
  }
}
