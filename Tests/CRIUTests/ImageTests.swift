import Bytes
import CRIU
import Testing

@Suite("what criu leaves in files")
struct ImageTests {
  static let magic: [UInt8] = [0x19, 0x43, 0x56, 0x54, 0x28, 0x39, 0x56, 0x55]

  @Test("the mounts of an image are read with their places and names")
  func mounts() throws {
    var entry = ProtobufWriter()
    entry.add(2, 52 as UInt64)
    entry.add(4, 49 as UInt64)
    entry.add(7, "/proc/keys" as ByteString)
    entry.add(18, "/dev/null" as ByteString)
    let size = [UInt8(entry.bytes.count), 0, 0, 0]
    let mounts = try CRIUMount.read(Self.magic + size + entry.bytes)
    #expect(mounts.count == 1)
    #expect(mounts.first?.mountPoint == "/proc/keys" && mounts.first?.external == "/dev/null")
    #expect(mounts.first?.id == 52 && mounts.first?.parent == 49)
  }

  @Test(
    "what is no image of mounts, or is cut short, is refused",
    arguments: [
      [], [1, 2, 3, 4, 5, 6, 7, 8], magic + [1], magic + [9, 0, 0, 0, 8],
      magic + [0xff, 0xff, 0xff, 0xff], magic + [2, 0, 0, 0, 0x3a, 9],
    ] as [[UInt8]])
  func refusals(image: [UInt8]) {
    #expect(throws: ProtobufError.self) { try CRIUMount.read(image) }
  }

  @Test("the cause of a failure is the first error that means something")
  func cause() {
    let log: ByteString = """
      (00.05) Error (criu/util.c:1534): rlimit: Can't setup RLIMIT_NOFILE for self: Operation not permitted
      (00.25)      7: Error (criu/files-reg.c:1790): Can't lookup mount=27 for fd=2 path=/x
      (00.26) Error (criu/cr-dump.c:1545): Dump files (pid: 22368) failed with -1
      (00.31) Error (criu/cr-dump.c:1975): Dumping FAILED.
      """
    #expect(CRIULog.cause(log) == "Can't lookup mount=27 for fd=2 path=/x")
    #expect(CRIULog.cause("(00.1) Warn  (x.c:1): harmless") == nil)
  }
}
