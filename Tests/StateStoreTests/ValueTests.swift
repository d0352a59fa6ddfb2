import Bytes
import Linux
import StateStore
import Testing

@Suite("the line of a process")
struct ProcessStatTests {
  private static let rest: ByteString =
    "1 10 10 0 -1 4194560 100 0 0 0 5 6 0 0 20 0 1 0 8675309 1000000 200 18446744073709551615"

  private func stat(_ line: ByteString) -> ProcessStat? { ProcessStat([UInt8](line.bytes)) }

  @Test("ST-4: state and start time")
  func plain() {
    let stat = self.stat("10 (sleep) S " + ProcessStatTests.rest)
    #expect(stat?.state == UInt8(ascii: "S"))
    #expect(stat?.startTime == 8_675_309)
    #expect(stat?.hasEnded == false)
    #expect(stat?.processorTicks == 11)
  }

  @Test(
    "a name cannot forge the fields",
    arguments: [
      "a) S 1 1 1", "((", ") ) (x", "a b c", "", "S 1 2 3 4 5 6 7 8 9 1 1 1 1 1 1 1 1 1 1",
    ])
  func forged(name: String) {
    let stat = self.stat("10 (" + ByteString(name) + ") R " + ProcessStatTests.rest)
    #expect(stat?.state == UInt8(ascii: "R"))
    #expect(stat?.startTime == 8_675_309)
  }

  @Test("a zombie has ended", arguments: ["Z", "X"])
  func ended(state: String) {
    #expect(
      stat("10 (x) " + ByteString(state) + " " + ProcessStatTests.rest)?.hasEnded == true)
  }

  @Test("one that exits, or to which SIGKILL is on its way, is ending")
  func ending() {
    let rest = ProcessStatTests.rest
    #expect(stat("10 (x) S " + rest)?.isEnding == false)
    #expect(stat("10 (x) S " + rest + " 0 0 0 0 0 1024 0 0")?.isEnding == false)
    #expect(stat("10 (x) S " + rest + " 0 0 0 0 0 256 0 0")?.isEnding == true)
    #expect(stat("10 (x) S 1 10 10 0 -1 4194564" + rest.dropFirst(21))?.isEnding == true)
  }

  @Test("one that a signal or a tracer has stopped", arguments: ["T", "t", "S", "D"])
  func stopped(state: String) {
    let found = stat("10 (x) T 1) " + ByteString(state) + " " + ProcessStatTests.rest)
    #expect(found?.isStopped == (state.lowercased() == "t"))
  }

  @Test("anything else is no process", arguments: ["", "10", "10 (x) S", "10 (x) S 1 2 3 x"])
  func malformed(line: String) {
    #expect(stat(ByteString(line)) == nil)
  }
}

@Suite("ST-7: moments as RFC 3339")
struct TimestampTests {
  @Test("nanoseconds without the zeroes at their end")
  func fractions() {
    #expect(Timestamp.text(seconds: 1_795_226_219) == "2026-11-21T01:56:59Z")
    #expect(
      Timestamp.text(seconds: 1_795_226_219, nanoseconds: 250_000_000)
        == "2026-11-21T01:56:59.25Z")
    #expect(
      Timestamp.text(seconds: 1_795_226_219, nanoseconds: 7) == "2026-11-21T01:56:59.000000007Z")
    #expect(
      Timestamp.text(seconds: 1_795_226_219, nanoseconds: 999_999_999)
        == "2026-11-21T01:56:59.999999999Z")
  }

  @Test("ST-7: leap days, centuries and the ends of years")
  func dates() {
    #expect(Timestamp.text(seconds: 0) == "1970-01-01T00:00:00Z")
    #expect(Timestamp.text(seconds: 951_782_400) == "2000-02-29T00:00:00Z")
    #expect(Timestamp.text(seconds: 951_868_799) == "2000-02-29T23:59:59Z")
    #expect(Timestamp.text(seconds: 951_868_800) == "2000-03-01T00:00:00Z")
    #expect(Timestamp.text(seconds: 4_107_542_400) == "2100-03-01T00:00:00Z")
    #expect(Timestamp.text(seconds: 4_107_542_399) == "2100-02-28T23:59:59Z")
    #expect(Timestamp.text(seconds: 1_735_689_599) == "2024-12-31T23:59:59Z")
    #expect(Timestamp.text(seconds: -5) == "1970-01-01T00:00:00Z")
  }
}
