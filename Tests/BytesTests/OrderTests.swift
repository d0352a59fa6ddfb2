import Bytes
import Testing

@Suite("Order")
struct OrderTests {
  @Test("sorts every length, whatever the order was")
  func sorts() {
    for count in 0..<70 {
      let numbers = (0..<count).map { ($0 &* 7919 &+ 13) % (count / 2 + 1) }
      let sorted = numbers.sorted()
      #expect(sorted == numbers.sorted(by: { $0 < $1 }))
      #expect(zip(sorted, sorted.dropFirst()).allSatisfy { $0 <= $1 })
      #expect(sorted.reduce(0, +) == numbers.reduce(0, +))
    }
  }

  @Test("keeps the order of what is equal")
  func stable() {
    let words: [ByteString] = ["bb", "a", "cc", "d", "ee", "f", "gg"]
    #expect(
      words.sorted { $0.count < $1.count } == ["a", "d", "f", "bb", "cc", "ee", "gg"])
  }

  @Test("a literal on the right of + is appended as it stands")
  func literals() {
    let name: ByteString = "name"
    #expect("a " + name + ", b " + name + " end" == ("a name, b name end" as ByteString))
    var text: ByteString = ""
    text += "x"
    text += name
    #expect(text == "xname")
    #expect(text != "xnam" && text != "xnames" && text.hasPrefix("xn") && !text.hasPrefix("xnamed"))
  }
}
