import Bytes
import Seccomp
import Testing

@Suite("records of the kernel's log about killed processes")
struct AuditRecordTests {
  @Test("the call is named by its number and architecture")
  func name() throws {
    let line: ByteString =
      "<5>[16445.539688] audit: type=1326 audit(1795857273.619:1183): auid=4294967295 uid=0 gid=0"
      + " ses=4294967295 pid=11750 comm=\"true\" exe=\"/bin/busybox\" sig=31 arch=c000003e"
      + " syscall=83 compat=0 ip=0x49641b code=0x80000000"
    let record = try #require(AuditRecord(line))
    #expect(record.pid == 11750)
    #expect(record.seconds == 1_795_857_273)
    #expect(record.name == "mkdir")
    var unknown = record
    unknown.call = 100_000
    #expect(unknown.name == "number 100000")
  }

  @Test(
    "other lines, and what a program may have put into one, are none",
    arguments: [
      "", "type=1326", "audit: type=1300 audit(1.2:3): pid=1 sig=31 arch=c000003e syscall=83",
      "audit: type=1326 audit(1.2:3): pid=1 sig=0 arch=c000003e syscall=83",
      "audit: type=1326 audit(1.2:3): pid=1 sig=31 arch=c000003ecc syscall=83",
      "audit: type=1326 audit(x:3): pid=1 sig=31 arch=c000003e syscall=83",
      "audit: type=1326 audit(1.2:3): pid=99999999999 sig=31 arch=c000003e syscall=83",
    ])
  func others(line: String) { #expect(AuditRecord(ByteString(line)) == nil) }
}
