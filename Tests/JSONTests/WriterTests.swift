import Bytes
import JSON
import Testing

@Suite("JSONWriter")
struct WriterTests {
  private func text(_ value: JSONValue, indent: ByteString? = nil) -> String {
    String(decoding: value.encoded(indent: indent), as: UTF8.self)
  }

  @Test("a tree becomes one line")
  func compact() {
    #expect(
      text(["a": [1, true, .null, "x"], "b": [:], "c": []])
        == #"{"a":[1,true,null,"x"],"b":{},"c":[]}"#)
  }

  @Test("or many, indented as asked")
  func indented() {
    #expect(
      text(["a": [1, 2], "b": ["c": [:]], "d": []], indent: "\t")
        == "{\n\t\"a\": [\n\t\t1,\n\t\t2\n\t],\n\t\"b\": {\n\t\t\"c\": {}\n\t},\n\t\"d\": []\n}")
  }

  @Test("ST-1: what would end a string or a line is escaped")
  func escapes() {
    #expect(
      text(.string("\"\\/\n\r\t\u{1}\u{1f}\u{7f}é"))
        == #""\"\\/\n\r\t\u0001\u001f\u007fé""#)
    #expect(text(["\"": 1]) == #"{"\"":1}"#)
  }

  @Test("JS-1: bytes that are not UTF-8 are replaced, so that a reader gets the rest")
  func replacement() {
    #expect(
      text(.string(ByteString([0x61, 0xff, 0xe2, 0x82, 0x62] as [UInt8])))
        == "\"a\u{fffd}\u{fffd}\u{fffd}b\"")
  }

  @Test("JS-4: both ends of 64 bits are written as digits")
  func integers() {
    #expect(
      text([.integer(UInt64.max), .integer(Int64.min)])
        == "[18446744073709551615,-9223372036854775808]")
  }

  @Test("what is written reads back as the same tree")
  func roundTrip() throws {
    let value: JSONValue = [
      "name": .string("\u{1}\u{7f}\"é😀"), "list": [0, -1, [], [:], true], "x": ["y": .null],
    ]
    #expect(try JSONValue.parse(value.encoded()) == value)
    #expect(try JSONValue.parse(value.encoded(indent: "  ")) == value)
  }

  @Test("an optional member is left out, a second value replaces the first")
  func members() {
    var object = JSONObject()
    object["a"] = nil
    object["b"] = 1
    object["b"] = 2
    #expect(text(.object(object)) == #"{"b":2}"#)
    object["b"] = nil
    #expect(text(.object(object)) == "{}")
  }
}
