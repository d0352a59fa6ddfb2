import Bytes
import OCISpec
import Testing

@Suite("ConfigError")
struct ConfigErrorTests {
  @Test("a message names the file, the place and the reason")
  func messages() {
    #expect(
      ConfigError("/linux/namespaces/3/type", "unknown namespace " + quoted("foo")).message
        == "config.json /linux/namespaces/3/type: unknown namespace `foo`")
    #expect(ConfigError("", "missing").message(in: "p.json") == "p.json: missing")
    #expect(
      ConfigError(offset: 6, in: Array("{}\n\n ]".utf8), "no").message
        == "config.json: line 3, column 2 (byte 6): no")
  }

  @Test("T20: quoted input is short and stays on one line")
  func quotes() {
    #expect(quoted("") == "``")
    #expect(quoted("a\n\u{1b}[0m\u{7f}\tb") == #"`a\x0a\x1b[0m\x7f\x09b`"#)
    let long = String(repeating: "a", count: 64)
    #expect(quoted(ByteString(long)) == ByteString("`\(long)`"))
    #expect(quoted(ByteString(long + "b")) == ByteString("`\(long)...`"))
  }

  @Test("T20: a cut falls between two characters")
  func cuts() {
    let start = String(repeating: "a", count: 62)
    #expect(quoted(ByteString(start + "€b")) == ByteString("`\(start)...`"))
    #expect(quoted(ByteString(start + "éb")) == ByteString("`\(start)é...`"))
    #expect(quoted(ByteString([UInt8](repeating: 0x80, count: 70))) == "`...`")
  }

  @Test("a key in a pointer is escaped, and as short as quoted input")
  func tokens() {
    #expect(pointerToken("net/ipv4~x") == "net~1ipv4~0x")
    #expect(pointerToken("a\nb") == #"a\x0ab"#)
    #expect(pointerToken(ByteString(String(repeating: "/", count: 100))).count == 64 * 2 + 3)
  }

  @Test("a pointer leads through lists and maps")
  func pointers() {
    #expect(
      refusal(of: linux(#""resources": {"rdma": {"a/b": {"hcaHandles": -1}}}"#))
        == "config.json /linux/resources/rdma/a~1b/hcaHandles: `-1` is not a whole number from 0 to 4294967295"
    )
    #expect(
      refusal(
        of: config(
          #""mounts": [{"destination": "/a"}, {"destination": "/b", "options": ["a", null]}]"#))
        == "config.json /mounts/1/options/1: expected a string, found null")
  }
}
