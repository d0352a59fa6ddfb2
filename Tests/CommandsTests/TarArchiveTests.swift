import Bytes
import Report
import Testing

@Suite("An archive of a report")
struct TarArchiveTests {
  private func field(_ bytes: [UInt8], _ range: Range<Int>) -> ByteString {
    ByteString(bytes[range].prefix { $0 != 0 })
  }

  @Test(
    "a file is a header with its checksum, its bytes in whole blocks, and two empty blocks end it")
  func layout() {
    var archive = TarArchive()
    archive.add("a.txt", Array("hello\n".utf8))
    let bytes = archive.bytes
    #expect(bytes.count == 4 * 512)
    #expect(field(bytes, 0..<100) == "apus-report/a.txt")
    #expect(field(bytes, 100..<108) == "0000600")
    #expect(field(bytes, 124..<136) == "00000000006")
    #expect(field(bytes, 136..<148) == "00000000000")
    #expect(bytes[156] == UInt8(ascii: "0"))
    #expect(field(bytes, 257..<263) == "ustar")
    var header = bytes[0..<512]
    for index in 148..<156 { header[index] = 0x20 }
    let sum = header.reduce(0) { $0 + Int($1) }
    #expect(Int("\(field(bytes, 148..<154))", radix: 8) == sum)
    #expect(Array(bytes[512..<518]) == Array("hello\n".utf8))
    #expect(bytes[518...].allSatisfy { $0 == 0 })
  }

  @Test("a file of whole blocks has no padding, and the same content gives the same bytes")
  func blocks() {
    var archive = TarArchive()
    archive.add("a", [UInt8](repeating: 7, count: 1024))
    let once = archive.bytes
    #expect(once.count == 512 + 1024 + 1024)
    #expect(archive.bytes == once)
  }

  @Test(
    "no name leads out of the archive's own directory",
    arguments: [
      "/etc/passwd", "../../x", "..", ".", "", "a/../../b", "a\nb\u{1b}[2J", ".hidden",
      "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    ])
  func names(_ name: String) {
    var archive = TarArchive()
    archive.add(ByteString(name), [1])
    let path = field(archive.bytes, 0..<100)
    #expect(path.hasPrefix("apus-report/"))
    let rest = path.dropFirst(12)
    #expect(!rest.isEmpty && !rest.contains(UInt8(ascii: "/")) && !rest.hasPrefix("."))
    #expect(rest.bytes.allSatisfy { $0 > 0x20 && $0 < 0x7f })
    #expect(path.count < 100)
  }
}
