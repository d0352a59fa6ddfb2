import Testing

@testable import JSON

@Suite("JSONCut")
struct CutTests {
  private func cut(_ text: String) -> (value: String, rest: String)? {
    guard let cut = JSONCut([UInt8](text.utf8), ["a", "bc"]) else { return nil }
    return (String(decoding: cut.value, as: UTF8.self), String(decoding: cut.rest, as: UTF8.self))
  }

  @Test(
    "a value is found behind others, and null left in its place",
    arguments: [
      "1", "-2.5e3", "true", "null", #""""#, #""x""#, #""}\"{[\\""#, "{}", "[]",
      #"{"a": {"bc": "]"}}"#,
      #"[[{"x": [1, 2, {}]}, "\\\"["], "[[[", 12345678901234567890]"#,
      #"{"0123456789": "0123456789abcdefghijklmnop", "€": "€€€€€€€€\u20ac"}"#,
    ])
  func found(value: String) throws {
    let others = [
      "", #""x": 1, "#, #""z": {"a": {"bc": 7}}, "#, #""y":[{"a":{"bc":8}},"\"a\":{\"bc\":9}"], "#,
      #""long": "0123456789abcdef\\", "€": "}", "#,
    ]
    let spaces = ["", " ", "\n\t\r   \n       "]
    for before in others + [#""bc": {"a": {"bc": 6}}, "#] {
      for inner in others {
        for space in spaces {
          let (start, end) = (
            "\(space){\(before)\"a\"\(space):\(space){\(inner)\"bc\":\(space)",
            "\(space), \"z\": [{}]}\(space)}\(space)"
          )
          let found = try #require(cut(start + value + end))
          #expect(found.value == value)
          #expect(found.rest == start + "null" + end)
        }
      }
    }
  }

  @Test(
    "what is not there, or is named with escapes, is not found",
    arguments: [
      "", " ", "{", "{}", "[]", "7", #"{"a"}"#, #"{"a": }"#, #"{"a": 1}"#, #"{"a": {}}"#,
      #"{"bc": 1}"#,
      #"{"a": [{"bc": 1}]}"#, #"{"a": {"b": 1, "bcd": 2, "": 3}}"#, #"{"a": {"b\u0063": 1}}"#,
      #"{"a" {"bc": 1}}"#, #"{"a": {"bc"#, #"{"a": {"bc""#, #"{"a": {"bc":"#, #"{"a": {"bc": "x"#,
      #"{"a": {"bc": {"x": 1"#, #"{"a": {"bc": "x\"#, #"{"x": "a, "a": {"bc": 1}}"#,
    ])
  func absent(text: String) {
    #expect(cut(text)?.value == nil)
  }
}
