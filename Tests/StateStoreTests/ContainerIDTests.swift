import Bytes
import StateStore
import Testing

@Suite("the grammar of ids")
struct ContainerIDTests {
  @Test(
    "OP-3: letters, digits and four signs",
    arguments: ["a", "0", "_", "-x", "+", "buildah-buildah123", "a.b", "A_b+c-d.e", "a.."])
  func accepted(text: String) throws {
    #expect(try ContainerID(ByteString(text)).text == ByteString(text))
  }

  @Test(
    "OP-3: nothing that is a path, hidden, or not plain text",
    arguments: [
      ".", "..", ".hidden", "a/b", "/", "a b", "a\n", "a\u{e9}", "a\u{301}", "a:b", "a@b", "~",
    ])
  func refused(text: String) {
    #expect(message(ByteString(text)).hasPrefix("invalid container ID format: `"))
  }

  @Test("OP-3: at most 255 bytes, as a name on disk")
  func length() throws {
    let longest = [UInt8](repeating: UInt8(ascii: "a"), count: 255)
    #expect(try ContainerID(ByteString(longest)).text.count == 255)
    #expect(message(ByteString(longest + [0x61])).hasPrefix("invalid container ID format"))
  }

  @Test("OP-1: an empty id has its own phrase")
  func empty() {
    #expect(message("") == "container id cannot be empty")
  }

  @Test("a refused id makes no second line")
  func oneLine() {
    #expect(
      message("a\nlevel=error").hasPrefix("invalid container ID format: `a\\x0alevel=error`: "))
  }

  private func message(_ text: ByteString) -> ByteString {
    do throws(StateError) {
      _ = try ContainerID(text)
      return "accepted"
    } catch {
      return error.message
    }
  }
}
