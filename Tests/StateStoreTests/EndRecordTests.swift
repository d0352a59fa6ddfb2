import Bytes
import JSON
import StateStore
import TestSupport
import Testing

@Suite("what is kept of failures and ends")
struct EndRecordTests {
  static func record(_ id: ByteString, _ command: ByteString = "run") -> EndRecord {
    var record = EndRecord(id: id, command: command, time: "2026-11-28T09:00:00.5Z")
    record.created = "2026-11-28T08:59:00Z"
    record.bundle = "/b"
    var failure = EndRecord.Failure("exec: \"/x\": no such file or directory")
    (failure.code, failure.step, failure.pointer) = ("exec-absent", "execute", "/process/args")
    (failure.errno, failure.cause, failure.hint) = ("ENOENT", "it is not there", "install it")
    (failure.line, failure.column) = (3, 7)
    record.failure = failure
    var end = EndRecord.End()
    end.status = .signaled(31, name: "SIGSYS", dumpedCore: true)
    (end.refusedCall, end.started, end.ended) = ("mkdir", "2026-11-28T08:59:01Z", "x")
    (end.milliseconds, end.peakMemory) = (2, 4096)
    end.limits = [
      EndRecord.Limit(cgroup: "/a", file: "memory.max", value: 1 << 20, times: 1),
      EndRecord.Limit(cgroup: "", file: "pids.max", value: nil, times: 3),
    ]
    record.end = end
    return record
  }

  private func store(_ body: (StateRoot, FailureStore) throws -> Void) throws {
    let temporary = try TemporaryDirectory()
    let root = StateRoot(
      explicit: temporary.path + "/root", runtimeDirectory: nil, isRealRoot: true)
    try body(root, #require(FailureStore.open(in: root, creating: true)))
  }

  @Test("every member reads back from the store")
  func roundTrip() throws {
    try store { _, store in
      let record = EndRecordTests.record("c")
      store.add(record)
      #expect(store.records(of: "c") == [record])
      #expect(store.records(of: "d").isEmpty)
      var exited = EndRecordTests.record("d")
      exited.failure = nil
      exited.end?.status = .exited(3)
      store.add(exited)
      var unknown = exited
      unknown.end?.status = .unknown
      store.add(unknown)
      #expect(store.records(of: "d") == [exited, unknown])
    }
  }

  @Test("a record of long texts is shortened until it fits")
  func bounded() throws {
    try store { _, store in
      let id = ByteString([UInt8](repeating: UInt8(ascii: "i"), count: 255))
      var record = EndRecordTests.record(id)
      // Each of these is six bytes in JSON.
      let long = ByteString([UInt8](repeating: 0x22, count: 9000))
      record.failure?.message = long
      record.failure?.hint = long
      record.failure?.cause = long
      record.failure?.step = long
      record.bundle = long
      store.add(record)
      let found = store.records(of: id)
      #expect(found.count == 1)
      #expect(found.first?.failure?.code == "exec-absent")
      #expect(found.first?.failure?.message.hasPrefix("\"\"\"") == true)
    }
  }

  @Test("only the newest records stay, and of a failing exec only the last")
  func pruned() throws {
    try store { _, store in
      for _ in 0..<5 { store.add(EndRecordTests.record("c", "exec")) }
      #expect(store.records(of: "c").count == 1)
      store.add(EndRecordTests.record("c"))
      #expect(store.records(of: "c").count == 2)
      for number in 0..<FailureStore.capacity {
        store.add(EndRecordTests.record("n" + ByteString(decimal: number)))
      }
      #expect(store.records(of: "c").isEmpty)
      #expect(store.records(of: "n0").count == 1)
    }
  }

  @Test("without a state root there is nothing, and reading makes none")
  func absent() throws {
    let temporary = try TemporaryDirectory()
    let root = StateRoot(
      explicit: temporary.path + "/root", runtimeDirectory: nil, isRealRoot: true)
    #expect(FailureStore.open(in: root) == nil)
    #expect(try temporary.names() == [])
  }
}
