import Bytes
import Diagnosis
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
}
