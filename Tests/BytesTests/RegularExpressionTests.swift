import Bytes
import Testing

@Suite("RegularExpression")
struct RegularExpressionTests {
  private func matches(_ pattern: ByteString, _ text: ByteString) -> Bool? {
    RegularExpression(pattern)?.matches(text)
  }

  @Test("finds its pattern anywhere, between anchors only where they say")
  func anchors() {
    #expect(matches("eb", "web-1") == true)
    #expect(matches("^eb", "web-1") == false)
    #expect(matches("^web-[0-9]+$", "web-12") == true)
    #expect(matches("^web-[0-9]+$", "web-") == false)
    #expect(matches("^$", "") == true)
    #expect(matches("", "anything") == true)
  }

  @Test("repeats, counts, groups and chooses")
  func pieces() {
    #expect(matches("^(ab|c)*d?$", "abcabd") == true)
    #expect(matches("^(ab|c)*d?$", "abcad") == false)
    #expect(matches("^a{2,3}$", "a") == false)
    #expect(matches("^a{2,3}$", "aaa") == true)
    #expect(matches("^a{2,3}$", "aaaa") == false)
    #expect(matches("^(x|y{2}){2}$", "xyy") == true)
    #expect(matches("^a{3,}$", "aaaaa") == true)
    #expect(matches("^(a|)b$", "b") == true)
  }

  @Test("knows sets of bytes, their classes and escapes")
  func sets() {
    #expect(matches("^[]a-c-]+$", "]-b") == true)
    #expect(matches("^[^[:digit:]_]$", "7") == false)
    #expect(matches("^[[:alpha:]]+[[:punct:]]$", "Web.") == true)
    #expect(matches("^a\\.b$", "axb") == false)
    #expect(matches("^\\w\\d\\D$", "x1-") == true)
  }

  @Test(
    "refuses what is not well-formed",
    arguments: [
      "(", ")", "a)", "*a", "+", "a{", "a{1", "a{2,1}", "{1}", "a{300}", "[a", "[b-a]", "[[:foo:]]",
      "\\", "a\\1", "((a{255}){255}){255}",
    ] as [ByteString])
  func malformed(_ pattern: ByteString) { #expect(matches(pattern, "a") == nil) }

  @Test("an expression that other matchers need years for is read at once")
  func linear() {
    let text = ByteString([UInt8](repeating: UInt8(ascii: "a"), count: 1000))
    #expect(matches("^(a*)*(a|a)*(a{0,99})*b$", text) == false)
  }
}
