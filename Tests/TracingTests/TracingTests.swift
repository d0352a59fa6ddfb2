import Bytes
import Linux
import Testing

@testable import Tracing

@Suite("Tracing: spans, their file and its summary")
struct TracingTests {
  private func span(_ side: Span.Side, _ name: ByteString, _ start: Int64, _ end: Int64) -> Span {
    Span(side, name, start: start, end: end)
  }

  @Test("what lies within another span counts once, whoever did it")
  func ownTimes() {
    let spans = [
      span(.command, "run", 0, 100), span(.inner, "sync", 10, 50), span(.host, "serve", 20, 30),
      span(.hook, "hook", 22, 28), span(.inner, "next", 50, 60),
      // Begins within one span and ends after it.
      span(.host, "start", 70, 80), span(.inner, "execute", 75, 90),
    ]
    #expect(TraceSummary.ownTimes(spans) == [30, 30, 4, 6, 10, 5, 15])
  }

  @Test("the program of the container is no part of the whole, and equal steps are one row")
  func rows() {
    let summary = TraceSummary([
      span(.command, "apus run c", 0, 1000), span(.host, "a", 0, 100), span(.inner, "b", 100, 300),
      span(.inner, "b", 300, 400), span(.program, "p", 500, 1000),
    ])
    #expect(summary.total == 500)
    #expect(summary.program == 500)
    #expect(summary.rows.map { $0.name } == ["b", "outside of the steps", "a"])
    #expect(summary.rows.map { $0.nanoseconds } == [300, 100, 100])
    #expect(summary.rows[0].count == 2)
  }

  @Test("a TRACEPARENT is taken as W3C spells it")
  func traceParents() {
    let trace = ByteString([UInt8](repeating: UInt8(ascii: "a"), count: 32))
    let id: ByteString = "00f067aa0ba902b7"
    let good = TraceParent("00-" + trace + "-" + id + "-01")
    #expect(good == TraceParent(trace: trace, span: id))
    #expect(good?.text == "00-" + trace + "-" + id + "-01")
    // A later version may have more parts.
    #expect(TraceParent("01-" + trace + "-" + id + "-00-more") != nil)
    for bad: ByteString in [
      "", "-", "00", "00-" + trace + "-" + id, "0-" + trace + "-" + id + "-01",
      "00-" + trace + "-" + id + "-1", "00-" + trace + "-0000000000000000-01",
      "00-" + trace + "-" + id + "-01-x", "ff-" + trace + "-" + id + "-01",
    ] {
      #expect(TraceParent(bad) == nil)
    }
  }

  @Test("a hook gets TRACEPARENT once, and nothing of the runtime's")
  func environments() {
    let parent = TraceParent(trace: "t", span: "s")
    #expect(
      HookTrace.adding(parent, to: ["A=1", "TRACEPARENT=x", "APUS_TRACE_BEGAN=5"], own: false)
        == ["A=1", "TRACEPARENT=00-t-s-01"])
    #expect(HookTrace.adding(parent, to: ["TRACEPARENT=x"], own: true) == ["TRACEPARENT=x"])
    #expect(HookTrace.adding(parent, to: ["A=1"], own: true) == ["A=1", "TRACEPARENT=00-t-s-01"])
  }

  @Test("both forms are read as they were written")
  func forms() throws {
    let text: ByteString = """
      {"traceEvents":[{"ph":"M","name":"thread_name"},
      {"ph":"X","name":"b","cat":"init","ts":2.007,"dur":1.5,"args":{"pointer":"/mounts/0","error":"EINVAL"}},
      {"ph":"X","name":"a","cat":"command","ts":1,"dur":9}]}
      """
    let spans = try TraceReader.read(Array(text.bytes))
    #expect(spans.map { $0.name } == ["a", "b"])
    #expect(spans.map { $0.start } == [1000, 2007])
    #expect(spans[1].end == 3507)
    #expect(spans[1].pointer == "/mounts/0" && spans[1].error == "EINVAL")
    let line: ByteString =
      "{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[{\"name\":\"n\",\"startTimeUnixNano\":\"5\",\"endTimeUnixNano\":\"7\",\"attributes\":[{\"key\":\"apus.side\",\"value\":{\"stringValue\":\"hook\"}}]}]}]}]}\n"
    let lines = try TraceReader.read(Array((line + line).bytes))
    #expect(lines.count == 2)
    #expect(lines[0].side == .hook && lines[0].duration == 2)
  }

  @Test("a file may say of its times what it likes")
  func extremes() throws {
    let ends: [Int64] = [0, 1, 500, 1000, .max / 1000, .max - 1, .max]
    for side in [Span.Side.command, .host, .program] {
      for end in ends {
        for other in ends {
          let spans = [
            span(side, "a", 0, end), span(.host, "b", 0, other), span(.host, "b", other, .max),
            span(.host, "c", .max - 1, .max),
          ]
          #expect(!TraceSummary(spans).text(width: nil).isEmpty)
          #expect(!TraceSummary.timeline(spans, width: nil).isEmpty)
        }
      }
    }
    // Longer than the only command, which is the whole.
    let summary = TraceSummary([span(.command, "a", 0, 10), span(.host, "b", 20, 2000)])
    #expect("\(summary.text(width: nil))".contains("100.0"))
  }
}
