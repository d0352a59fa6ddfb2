import Bytes
import Testing

@Suite("the nearest word")
struct NearestTests {
  @Test(
    "a slip of the pen finds its word, and anything else finds none",
    arguments: [
      ("readOnly", "readonly"), ("arg", "args"), ("agrs", "args"), ("net", "network"),
      ("mnt", "mount"), ("ipv4", nil), ("x", nil), ("", nil), ("destinaton", "destination"),
      ("nope", nil), ("cd", nil), ("lp", "lo"), ("os", nil), ("usr", "user"), ("nfs", nil),
      ("homme", "home"), ("hoem", "home"),
    ] as [(ByteString, ByteString?)])
  func nearest(text: ByteString, word: ByteString?) {
    let words: [ByteString] = [
      "readonly", "args", "network", "mount", "destination", "user", "home",
      "id", "lo", "zos", "xfs",
    ]
    #expect(text.nearest(among: words) == word)
  }
}
