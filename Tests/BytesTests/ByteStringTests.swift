import Bytes
import Testing

@Suite("ByteString: text as the kernel sees it")
struct ByteStringTests {
  @Test("what looks alike is not the same")
  func comparesBytes() {
    #expect(ByteString("\u{e9}") != ByteString("e\u{301}"))
    #expect(ByteString("/proc/\u{301}x").hasPrefix("/proc/"))
    #expect(ByteString("a\r\nb").split(on: 0x0a) == ["a\r", "b"])
  }

  @Test("a C string ends at the first NUL, and so does the text")
  func stopsAtNul() {
    #expect(ByteString([0x61, 0, 0x62] as [UInt8]) == "a")
    #expect(ByteString().isEmpty)
  }

  @Test("the first NUL is found wherever it stands, also between bytes that look like one")
  func findsNul() {
    for length in 0..<40 {
      for filler: UInt8 in [0x01, 0x61, 0x80, 0x81, 0xff] {
        let bytes = [UInt8](repeating: filler, count: length)
        #expect(ByteString(bytes + [0] + bytes).bytes.elementsEqual(bytes))
        #expect(ByteString(bytes[...]).bytes.elementsEqual(bytes))
      }
    }
  }

  @Test("a literal beside a text is what a text of the same bytes is")
  func comparesLiterals() {
    let texts: [ByteString] = ["", "a", "ab", "abc", "b", "/proc/self/fd/", "/proc/self/fd/7"]
    for text in texts {
      #expect((text == "ab") == (text == texts[2]))
      #expect((text != "") == (text != texts[0]))
      #expect(text.hasPrefix("/proc/self/fd/") == text.hasPrefix(texts[5]))
      #expect(text.hasPrefix("") && text.hasPrefix(texts[0]))
      #expect(text + "ab" == text + texts[2])
      #expect((text + "").bytes.elementsEqual(text.bytes))
      #expect((texts[0] + text).bytes.elementsEqual(text.bytes))
    }
  }

  @Test(
    "T17: only plain decimal digits are a number",
    arguments: ["", "+1", "-1", "01", "1x", " 1", "1e3", "1.0", "18446744073709551616"])
  func refusesNumbers(text: String) {
    #expect(ByteString(text).unsignedDecimal == nil)
  }

  @Test("T17: the whole range of 64 bits is a number")
  func numbers() {
    #expect(ByteString("0").unsignedDecimal == 0)
    #expect(ByteString("18446744073709551615").unsignedDecimal == .max)
    #expect(ByteString("-9223372036854775808").signedDecimal == .min)
    #expect(ByteString("-9223372036854775809").signedDecimal == nil)
    #expect(ByteString(decimal: Int64.min) == "-9223372036854775808")
  }

  @Test("messages: a control character forges no second line, and length has an end")
  func escapes() {
    #expect(ByteString("a\nb\u{1b}").escaped(limit: 10) == "a\\x0ab\\x1b")
    #expect(ByteString("abcdef").escaped(limit: 3) == "abc...")
    // Not half of a character.
    #expect(ByteString("ab\u{20ac}d").escaped(limit: 4) == "ab...")
    #expect(ByteString("ab\u{20ac}d").escaped(limit: 5) == "ab\u{20ac}...")
  }

  @Test("pieces keep what lies between separators, also nothing")
  func pieces() {
    #expect(ByteString("a,,b").split(on: 0x2c) == ["a", "", "b"])
    #expect((["a", "b"] as [ByteString]).joined(by: ", ") == "a, b")
    #expect(ByteString("k=v=w").cut(at: 0x3d)?.after == "v=w")
    #expect(ByteString("k").cut(at: 0x3d) == nil)
  }

  @Test("a text that another one begins with stays as it is", arguments: [0, 1, 7, 8, 64, 300])
  func growing(count: Int) {
    let start = ByteString([UInt8](repeating: 0x61, count: count))
    let first = start + "bc"
    var second = first
    for _ in 0..<200 { second += ByteString("de") + "f" }
    second += second
    let third = first + first
    let letters = String(repeating: "a", count: count)
    #expect(start.description == letters)
    #expect(first.description == letters + "bc")
    let half = letters + "bc" + String(repeating: "def", count: 200)
    #expect(second.description == half + half)
    #expect(third.description == letters + "bc" + letters + "bc")
    let read = unsafe second.withCString { unsafe String(cString: $0) }
    #expect(read == half + half)
  }

  @Test("the empty text is a C string, equals itself and holds nothing")
  func empty() {
    #expect(ByteString() == ByteString("a").dropFirst(1))
    #expect(ByteString().count == 0 && ByteString().isEmpty && ByteString().bytes.isEmpty)
    let read = unsafe ByteString().withCString { unsafe String(cString: $0) }
    #expect(read == "")
    #expect(ByteString() + ByteString() == "" && ByteString() != "a")
    #expect(([] as [ByteString]).joined(by: ",") == "")
  }
}
