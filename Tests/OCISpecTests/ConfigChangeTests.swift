import Bytes
import JSON
import OCISpec
import Testing

@Suite("One value of a document changed")
struct ConfigChangeTests {
  private func changed(_ document: ByteString, _ changes: ByteString...) throws -> ByteString {
    var tree = try JSONValue.parse(Array(document.bytes))
    for text in changes { try #require(ConfigChange(text)).apply(to: &tree) }
    return ByteString(tree.encoded())
  }

  @Test("a value is JSON, or else a string")
  func values() throws {
    #expect(try changed("{}", "/a=1") == #"{"a":1}"#)
    #expect(try changed("{}", "/a=true", "/b=x=y", "/c=") == #"{"a":true,"b":"x=y","c":""}"#)
    #expect(try changed("{}", #"/a={"b":[1]}"#) == #"{"a":{"b":[1]}}"#)
    #expect(try changed("{}", #"/a="1""#) == #"{"a":"1"}"#)
  }

  @Test(
    "what is missing on the way is made, lists are appended to, names may have slashes and tildes")
  func ways() throws {
    #expect(try changed("{}", "/a/b/c=1") == #"{"a":{"b":{"c":1}}}"#)
    #expect(try changed("{}", "/a/-=1", "/a/-=2", "/a/0=3") == #"{"a":[3,2]}"#)
    #expect(try changed("{}", "/a/-/b=1") == #"{"a":[{"b":1}]}"#)
    #expect(try changed(#"{"a":null}"#, "/a/b=1") == #"{"a":{"b":1}}"#)
    #expect(try changed("{}", "/x~1y~0z~01=1") == #"{"x/y~z~1":1}"#)
    #expect(try changed(#"{"a":[1,2]}"#, "/a/2=3") == #"{"a":[1,2,3]}"#)
  }

  @Test(
    "what has no such place is refused with the place that has none",
    arguments: [
      ("/a/0/b=1", "/a/0"), ("/a/7=1", "/a"), ("/a/x=1", "/a"), ("/b/c/d=1", "/b"),
      ("/a/-1=1", "/a"), ("/a/18446744073709551615=1", "/a"),
    ])
  func refusals(_ text: String, _ pointer: String) throws {
    var tree = try JSONValue.parse(Array(#"{"a":[1,2],"b":"x"}"#.utf8))
    let change = try #require(ConfigChange(ByteString(text)))
    let error = #expect(throws: ConfigError.self) { try change.apply(to: &tree) }
    #expect(error?.pointer == ByteString(pointer))
  }

  @Test(
    "half a document and no pointer are no change",
    arguments: ["a=1", "/a", "", "=", "/a={", "/a=[1", "/a=\"x"])
  func unusable(_ text: String) { #expect(ConfigChange(ByteString(text)) == nil) }
}
