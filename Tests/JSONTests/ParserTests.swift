import Bytes
import Testing

@testable import JSON

@Suite("JSONParser")
struct ParserTests {
  private func refusal(of text: [UInt8]) -> JSONError? {
    do throws(JSONError) {
      _ = try JSONValue.parse(text)
      return nil
    } catch {
      return error
    }
  }

  private func refusal(of text: String) -> JSONError? { refusal(of: [UInt8](text.utf8)) }

  private func parse(_ text: String) throws(JSONError) -> JSONValue {
    try JSONValue.parse([UInt8](text.utf8))
  }

  @Test("a text becomes a tree in the order of the text")
  func tree() throws {
    #expect(
      try parse(#" {"b": [1, -2.50e+3, "x", true, false, null, {}, []], "a": {"c": "d"}} "#)
        == [
          "b": [1, .number("-2.50e+3"), "x", true, false, .null, [:], []], "a": ["c": "d"],
        ])
    #expect(try parse("1") == 1)
    #expect(try parse(#""x""#) == "x")
  }

  @Test("JS-4: a number keeps its digits")
  func numbers() throws {
    for digits in ["18446744073709551615", "-9223372036854775808", "0", "-0", "1e400", "1.0"] {
      #expect(try parse("[\(digits)]") == [.number(ByteString(digits))])
    }
  }

  @Test("JS-1: escapes and characters become UTF-8")
  func strings() throws {
    #expect(try parse(#"["\u00e9\u0041\ud83d\ude00\n\"\\\/"]"#) == [.string("éA😀\n\"\\/")])
    #expect(try parse(#"["é😀\\u0000"]"#) == [.string("é😀\\u0000")])
    #expect(try parse(#"{"k\u0065y": 1}"#) == ["key": 1])
  }

  @Test(
    "JS-1: what is not JSON is refused where it stops being it",
    arguments: [
      ("", 0, "the file is empty"),
      ("   ", 3, "the file is blank"),
      ("[1,2", 4, "the text ends before its value does: a quote or a bracket is open"),
      ("\"abc", 4, "the text ends before its value does: a quote or a bracket is open"),
      ("{\"a\":1,}", 7, "trailing comma before `}`: remove it"),
      ("[1,]", 3, "trailing comma before `]`: remove it"),
      ("[01]", 3, "a number has no leading zero in JSON"),
      ("{\"a\": 007}", 8, "a number has no leading zero in JSON"),
      ("[1 2]", 4, "missing comma before this"),
      ("[\"a\" \"b\\\"c\"]", 6, "missing comma before this"),
      ("{\"a\": [1}", 9, "`}` closes an array: `]` is expected before it"),
      ("{\"a\": 1 \"b\": 2}", 9, "missing comma before this"),
      ("{\"a\": 1]", 8, "`]` closes an object: `}` is expected before it"),
      ("[\"a\": 1]", 5, "a colon in an array: names with values stand in an object, { }"),
      ("{'a':1}", 2, "a single quote: strings have double quotes in JSON"),
      ("{\u{201c}a\u{201d}: 1}", 2, "a typographic quote: strings have double quotes in JSON"),
      ("[True]", 2, "true and false have small letters in JSON"),
      ("[tru]", 2, "a word without quotes: names and strings have them in JSON"),
      ("{a:1}", 2, "a word without quotes: names and strings have them in JSON"),
      ("a: 1", 1, "this is not JSON: the text begins with `a`, a document with `{`"),
      ("<a/>", 1, "this is not JSON: the text begins with `<`, a document with `{`"),
      ("[1]]", 4, "one bracket too many"),
      ("# no", 1, "a comment: JSON has none"),
      ("{\"a\": 1, // no\n \"b\": 2}", 10, "a comment: JSON has none"),
      ("[+1]", 2, "a number has no plus sign in JSON"),
      ("[0x10]", 3, "a number is decimal in JSON"),
      ("[512m]", 5, "a number with letters after it: it has no unit in JSON"),
      ("[.5]", 2, "a number begins with a digit in JSON"),
      ("[-]", 2, "malformed number, a digit is required after the minus sign"),
      ("{} {}", 4, "text after the end of the document"),
      ("[1] // no", 5, "a comment: JSON has none"),
      ("{\"a\" 1}", 6, "a colon is missing between a name and its value"),
      ("{\"a\": }", 7, "a value is missing after the colon"),
      ("{\"a\" = 1}", 6, "`=`: a name and its value are separated by a colon"),
      ("{\"a\": 1; \"b\": 2}", 8, "a semicolon: members and elements are separated by commas"),
      ("[,1]", 2, "a comma without a value before it"),
      ("{1: 2}", 2, "a name is expected here, in double quotes"),
      (
        "[\"a\nb\"]", 3,
        "a control character in a string: a line end is written \\n, a tab \\t"
      ),
      (
        "[\"C:\\path\"]", 5,
        "a backslash in a string that begins no escape: a backslash is written \\\\"
      ),
      ("[\"\\u12g4\"]", 6, "invalid (non-hex) character occurs after '\\u' inside string"),
    ] as [(String, Int, ByteString)])
  func syntax(text: String, offset: Int, reason: ByteString) {
    #expect(refusal(of: text) == JSONError(offset: offset, reason: reason))
  }

  @Test(
    "JS-1: bytes that readers take in different ways are refused",
    arguments: [
      ([0xef, 0xbb, 0xbf, 0x31], 1, "byte order mark: save the file without it"),
      ([0xff, 0xfe, 0x7b, 0x00], 1, "UTF-16: save the file as UTF-8"),
      ([0x7b, 0x00, 0x7d, 0x00], 1, "UTF-16: save the file as UTF-8"),
      ([0x22, 0xc0, 0x80, 0x22], 2, "invalid UTF-8"),
      ([0x22, 0xff, 0x22], 2, "invalid UTF-8"),
      ([0x22, 0xe0, 0x80, 0x80, 0x22], 2, "invalid UTF-8"),
      ([0x22, 0xed, 0xa0, 0x80, 0x22], 2, "invalid UTF-8"),
      ([0x22, 0xf4, 0x90, 0x80, 0x80, 0x22], 2, "invalid UTF-8"),
      ([0x22, 0x41, 0xe2, 0x82, 0x22], 3, "invalid UTF-8"),
      ([UInt8](#"["abcdefgh\u0000"]"#.utf8), 11, "NUL in a string"),
      ([UInt8](#"{"a\u0000": 1}"#.utf8), 4, "NUL in a string"),
      ([0x5b, 0x0b, 0x5d], 2, "control character"),
      ([UInt8]("{\"a\":      \u{0c}1}".utf8), 12, "control character"),
      ([UInt8](#"["\ud800"]"#.utf8), 3, "half a surrogate pair"),
      ([UInt8](#"["\ud800\u0041"]"#.utf8), 3, "half a surrogate pair"),
      ([UInt8](#"["\udc00\ud800"]"#.utf8), 3, "half a surrogate pair"),
    ] as [([UInt8], Int, ByteString)])
  func bytes(text: [UInt8], offset: Int, reason: ByteString) {
    #expect(refusal(of: text) == JSONError(offset: offset, reason: reason))
  }

  @Test("a NUL byte is refused in a string and beside one")
  func rawNul() {
    #expect(refusal(of: [0x22, 0x41, 0, 0x22]) != nil)
    #expect(refusal(of: [0x5b, 0, 0x5d]) != nil)
  }

  @Test(
    "JS-2 T36: a name that occurs twice is refused at any level",
    arguments: [
      (#"{"a": 1, "a": 1}"#, 10, "a"), (#"{"a": 1, "\u0061": 2}"#, 21, "a"),
      (#"[{"x": {"": 1, "": 2}}]"#, 16, ""),
      (#"{"x": [{}, {"b": {"c": 1}, "d": 1, "b": 3}]}"#, 36, "b"),
    ] as [(String, Int, ByteString)])
  func duplicates(text: String, offset: Int, name: ByteString) {
    #expect(
      refusal(of: text)
        == JSONError(offset: offset, reason: "duplicate name in an object: `" + name + "`"))
  }

  @Test("JS-2 T36: a name that occurs twice is found among many", arguments: [16, 17, 400])
  func duplicateAmongMany(count: Int) {
    let members = (0..<count).map { "\"name\($0)\": 1" }
    #expect(refusal(of: "{\(members.joined(separator: ","))}") == nil)
    #expect(
      refusal(of: "{\((members + ["\"name7\": 2"]).joined(separator: ","))}")?.reason
        == "duplicate name in an object: `name7`")
  }

  @Test("JS-2: names are compared as bytes, not as characters")
  func distinctNames() throws {
    #expect(try parse("{\"\u{e9}\": 1, \"e\u{301}\": 2, \"E\": 3, \"e\": 4}") != [:])
  }

  @Test("T35: depth is bounded at 64 levels, and a bomb stops there")
  func depth() {
    func nested(_ depth: Int) -> String {
      String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    }
    #expect(refusal(of: nested(64)) == nil)
    #expect(
      refusal(of: nested(65)) == JSONError(offset: 65, reason: "nested deeper than 64 levels"))
    #expect(
      refusal(of: nested(200_000)) == JSONError(offset: 65, reason: "nested deeper than 64 levels"))
  }

  @Test("T35: values and names are counted together")
  func nodes() {
    func array(_ count: Int) -> String {
      "[" + String(repeating: "1,", count: count - 1) + "1]"
    }
    #expect(refusal(of: array(199_999)) == nil)
    #expect(refusal(of: array(200_000))?.reason == "more than 200000 values")
    let members = (0..<100_000).map { "\"\($0)\":1" }.joined(separator: ",")
    #expect(refusal(of: "{\(members)}")?.reason == "more than 200000 values")
  }

  @Test("T20: a string, a name and a number have at most 1 MiB")
  func lengths() {
    let longest = String(repeating: "a", count: 1 << 20)
    #expect(refusal(of: "[\"\(longest)\"]") == nil)
    #expect(refusal(of: "[\"\(longest)a\"]")?.reason == "string longer than 1 MiB")
    #expect(refusal(of: "{\"\(longest)a\": 1}")?.reason == "string longer than 1 MiB")
    let digits = String(repeating: "1", count: 1 << 20)
    #expect(refusal(of: "[\(digits)1]")?.reason == "number longer than 1 MiB")
  }

  @Test("T35: a text has at most 32 MiB")
  func size() {
    let spaces = [UInt8](repeating: 0x20, count: (32 << 20) - 1)
    #expect(refusal(of: [0x31] + spaces) == nil)
    #expect(refusal(of: [0x31] + spaces + [0x20])?.reason == "larger than 32 MiB")
  }

  @Test("JS-3 JS-5: a member is found by its exact name, and null is absent")
  func members() throws {
    guard case .object(let object) = try parse(#"{"uid": 1, "UID": 2, "gid": null}"#) else {
      Issue.record("not an object")
      return
    }
    #expect(object.value(of: "uid") == 1)
    #expect(object.value(of: "Uid") == nil)
    #expect(object.value(of: "gid") == nil)
    #expect(object["gid"] == .null)
  }
}
