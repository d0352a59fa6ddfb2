import Bytes
import Commands
import Linux
import Report
import Testing

@Suite("log records")
struct LogRecordTests {
  @Test("a JSON record is one line with level, msg and time")
  func json() {
    let record = LogRecord(.error, "mount `a\"b`: \\", time: 1_795_226_219)
    #expect(
      text(record, .json)
        == #"{"level":"error","msg":"mount `a\"b`: \\","time":"2026-11-21T01:56:59Z"}"# + "\n")
  }

  @Test("a text record is a line of logfmt")
  func logfmt() {
    let record = LogRecord(.warning, "a \"b\" \\ c", time: 0)
    #expect(
      text(record, .text)
        == #"time="1970-01-01T00:00:00Z" level=warning msg="a \"b\" \\ c""# + "\n")
  }

  @Test("EN-6: no message makes a second line", arguments: [LogFormat.json, .text])
  func oneLine(format: LogFormat) {
    let record = LogRecord(.error, "a\nlevel=error\r\u{1b}[2J\u{7f}", time: 0)
    #expect(record.message == "a\\x0alevel=error\\x0d\\x1b[2J\\x7f")
    #expect(record.encoded(format).filter { $0 < 0x20 } == [0x0a])
  }

  @Test("a message fits in one read of its reader")
  func long() {
    let record = LogRecord(.error, ByteString([UInt8](repeating: 0x61, count: 100_000)), time: 0)
    #expect(record.encoded(.json).count < 8191)
    #expect(record.message.hasSuffix("a..."))
  }

  @Test("bytes that are no text do not break the document")
  func brokenText() {
    let record = LogRecord(.error, ByteString([0x61, 0xff, 0xc3]), time: 0)
    #expect(text(record, .json).hasPrefix("{\"level\":\"error\",\"msg\":\"a\u{fffd}\u{fffd}\","))
  }

  @Test("a record for the system's log carries priority and identifier")
  func datagram() {
    #expect(
      String(decoding: LogRecord(.error, "m", time: 0).datagram("web"), as: UTF8.self)
        == "<11>web: m")
    #expect(
      String(decoding: LogRecord(.debug, "m", time: 0).datagram(""), as: UTF8.self) == "<15>: m")
  }

  private func text(_ record: LogRecord, _ format: LogFormat) -> String {
    String(decoding: record.encoded(format), as: UTF8.self)
  }
}

@Suite("the log file", .serialized)
struct LogFileTests {
  @Test("EN-6: nothing on success, one error line for a failure, appended")
  func lines() throws {
    let path = temporary("lines")
    defer { remove(path) }
    let log = try Log(options(path))
    log.debug("debug")
    log.warning("warning")
    #expect(try content(path).isEmpty)
    log.fail("first")
    try Log(options(path)).fail("second")
    let lines = try content(path).split(separator: "\n")
    #expect(lines.count == 2)
    #expect(lines[0].hasPrefix("{\"level\":\"error\",\"msg\":\"first\",\"time\":\""))
    #expect(lines[1].contains("second"))
  }

  @Test("a warning is written once the command has succeeded, and not beside an error")
  func warnings() throws {
    let path = temporary("warnings")
    defer { remove(path) }
    let log = try Log(options(path))
    log.warning("w")
    log.showWarnings()
    log.showWarnings()
    #expect(try content(path).split(separator: "\n").count == 1)
    #expect(try content(path).hasPrefix("{\"level\":\"warning\",\"msg\":\"w\""))
    let failing = try Log(options(path))
    failing.warning("v")
    failing.fail("e")
    #expect(try content(path).split(separator: "\n").count == 2)
  }

  @Test(
    "--log-level lets more through",
    arguments: [(LogLevel.error, 1), (.warning, 2), (.debug, 3)])
  func levels(level: LogLevel, count: Int) throws {
    let path = temporary("levels")
    defer { remove(path) }
    var options = options(path)
    options.logLevel = level
    let log = try Log(options)
    log.debug("d")
    log.warning("w")
    log.fail("e")
    #expect(try content(path).split(separator: "\n").count == count)
  }

  @Test("the log may be a link, and a directory or a fifo without a reader is refused")
  func refused() throws {
    let link = temporary("link")
    defer { remove(link) }
    try Handle.currentDirectory.makeSymlink(link, to: "/dev/null")
    let fifo = temporary("fifo")
    defer { remove(fifo) }
    try Handle.currentDirectory.makeNode(fifo, .fifo, mode: 0o600)
    for path: ByteString in [fifo, "/tmp", "/nonexistent/log"] {
      let failure = try #require(refusal(path))
      #expect(failure.exitStatus == 1)
      // Engines would take the text of the error for a word about the container's program.
      #expect(!failure.message.description.contains("no such file"))
      #expect(!failure.message.description.contains("directory"))
    }
    #expect(refusal("/dev/null") == nil)
    #expect(refusal(link) == nil)
  }

  @Test("CVE-2024-21626: the log keeps clear of descriptors that the container is promised")
  func reserved() throws {
    let path = temporary("reserved")
    defer { remove(path) }
    let free = Handle(raw: 503)
    #expect(!free.isOpen)
    let log = try Log(options(path), reserved: 500)
    #expect(free.isOpen)
    log.debug("keeps the log alive")
  }

  private func refusal(_ path: ByteString) -> CommandFailure? {
    do throws(CommandFailure) {
      _ = try Log(options(path))
      return nil
    } catch {
      return error
    }
  }

  private func options(_ path: ByteString) -> GlobalOptions {
    var options = GlobalOptions()
    options.log = .file(path)
    options.logFormat = .json
    return options
  }

  private func temporary(_ name: ByteString) -> ByteString {
    "/tmp/apus-log-test-" + ByteString(decimal: ThisProcess.id) + "-" + name
  }

  private func remove(_ path: ByteString) {
    #expect(throws: Never.self) { try Handle.currentDirectory.unlink(path) }
  }

  private func content(_ path: ByteString) throws -> String {
    let file = try Handle.currentDirectory.open(path, .readOnly)
    return String(decoding: try file.handle.readAll(limit: 65536), as: UTF8.self)
  }
}
