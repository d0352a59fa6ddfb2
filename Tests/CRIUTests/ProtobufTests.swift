import Bytes
import CRIU
import Testing

@Suite("the messages of CRIU")
struct ProtobufTests {
  @Test("a number takes seven bits a byte, and a negative one ten bytes")
  func numbers() {
    var writer = ProtobufWriter()
    writer.add(1, 300 as UInt64)
    writer.add(16, true)
    #expect(writer.bytes == [0x08, 0xac, 0x02, 0x80, 0x01, 0x01])
    var negative = ProtobufWriter()
    negative.add(2, -1 as Int32)
    #expect(negative.bytes == [0x10] + [UInt8](repeating: 0xff, count: 9) + [0x01])
  }

  @Test("what is written is read again, and fields of other types are stepped over")
  func roundTrip() throws {
    var inner = ProtobufWriter()
    inner.add(1, "null" as ByteString)
    var writer = ProtobufWriter()
    writer.add(5, inner)
    writer.add(7, UInt64.max)
    // Field 8 of 64 bits, field 9 of 32.
    var reader = ProtobufReader(
      writer.bytes + [0x41, 1, 2, 3, 4, 5, 6, 7, 8, 0x4d, 1, 2, 3, 4])
    var values = [(UInt32, ProtobufReader.Value)]()
    while let next = try reader.next() { values.append(next) }
    #expect(values.map { $0.0 } == [5, 7, 8, 9])
    #expect(values.map { $0.1 } == [.bytes(inner.bytes), .number(.max), .fixed, .fixed])
  }

  @Test(
    "what is no message is refused",
    arguments: [
      ([0x80], "a number that is cut short"), ([0x0a, 5, 1], "a field that exceeds its message"),
      ([0x00], "a field without a number"), ([0x0b], "an unknown wire type"),
      ([0x08] + [UInt8](repeating: 0xff, count: 10), "a number above 64 bits"),
      (
        [0x0a] + [UInt8](repeating: 0xff, count: 9) + [0x01], "a field that exceeds its message"
      ),
    ] as [([UInt8], ByteString)])
  func refusals(bytes: [UInt8], reason: ByteString) {
    let error = #expect(throws: ProtobufError.self) {
      var reader = ProtobufReader(bytes)
      while try reader.next() != nil {}
    }
    #expect(error?.reason == reason)
  }

  @Test("an answer is read whatever else is in it")
  func response() throws {
    // type NOTIFY; notify {script "post-restore", pid 77}; status 5 of a newer CRIU.
    let script = [UInt8]("post-restore".utf8)
    let response = try CRIUResponse(
      [0x08, 6, 0x10, 1, 0x2a, UInt8(script.count + 4), 0x0a, UInt8(script.count)] + script
        + [0x10, 77, 0x58, 5])
    #expect(response.notification == .postRestore(pid: 77))
    #expect(response.succeeded)
    let failed = try CRIUResponse([0x08, 1, 0x10, 0, 0x38, 22, 0x4a, 2, 0x6e, 0x6f])
    #expect(failed.errno == 22)
    #expect(failed.message == "no")
  }

  @Test("a version is one number, and a build from git is after it")
  func version() throws {
    let release = try CRIUResponse([0x08, 10, 0x10, 1, 0x52, 6, 0x08, 4, 0x10, 2, 0x20, 1])
    #expect(release.version?.number == 40201)
    #expect(release.version?.text == "4.2.1")
    let git = try CRIUResponse([0x08, 10, 0x52, 7, 0x08, 4, 0x10, 2, 0x1a, 1, 0x67])
    #expect(git.version?.number == 40300)
  }

  @Test("a request has the numbers of rpc.proto")
  func request() {
    var options = CRIUOptions(images: 5)
    options.flags = [.leaveRunning]
    let bytes = CRIURequest(.dump, options).encoded
    #expect(Array(bytes.prefix(3)) == [0x08, 1, 0x12])
    #expect(Array(bytes.dropFirst(4).prefix(2)) == [0x08, 5])
    // leave_running, the last of them.
    #expect(Array(bytes.suffix(2)) == [0x18, 1])
    #expect(CRIURequest(.notify).encoded == [0x08, 6, 0x18, 1])
  }

  @Test(
    "a way to treat cgroups is sent by its number, and only the unified hierarchy with it",
    arguments: [
      (nil, 0), ("ignore", 0), ("soft", 3), ("full", 4), ("strict", 5),
    ] as [(ByteString?, UInt64)])
  func cgroupModes(word: ByteString?, number: UInt64) throws {
    var options = CRIUOptions(images: 5)
    options.cgroupMode = CRIUCgroupMode(word)
    let fields = try Self.fields(options)
    #expect(fields[34] == .number(number))
    // manage_cgroups goes with every mode but the first.
    #expect(fields[24] == (number == 0 ? nil : .number(1)))
    #expect(fields[43] == .bytes([]))
  }

  @Test(
    "a flag is sent by the number of its field",
    arguments: [
      ("leave-running", 3), ("ext-unix-sk", 4), ("tcp-established", 5), ("shell-job", 7),
      ("file-locks", 8), ("auto-dedup", 16), ("link-remap", 18), ("tcp-skip-in-flight", 46),
      ("lazy-pages", 48), ("tcp-close", 52),
    ] as [(ByteString, UInt32)])
  func flags(name: ByteString, field: UInt32) throws {
    var options = CRIUOptions(images: 5)
    let without = try Self.fields(options)
    options.flags = CRIUFlags.named(name)
    let with = try Self.fields(options)
    #expect(with[field] == .number(1))
    #expect(with.count == without.count + 1)
  }

  @Test(
    "a network lock is sent by its number",
    arguments: [("iptables", 1), ("nftables", 2), ("skip", 3)] as [(ByteString, UInt64)])
  func networkLocks(word: ByteString, number: UInt64) throws {
    var options = CRIUOptions(images: 5)
    #expect(try Self.fields(options)[64] == nil)
    options.networkLock = CRIUNetworkLock(word)
    #expect(try Self.fields(options)[64] == .number(number))
  }

  /// What `criu_opts` of a request has, by its fields.
  private static func fields(_ options: CRIUOptions) throws -> [UInt32: ProtobufReader.Value] {
    var request = ProtobufReader(CRIURequest(.dump, options).encoded)
    var fields = [UInt32: ProtobufReader.Value]()
    while let (field, value) = try request.next() {
      guard field == 2, case .bytes(let message) = value else { continue }
      var reader = ProtobufReader(message)
      while let (field, value) = try reader.next() { fields[field] = value }
    }
    return fields
  }
}
