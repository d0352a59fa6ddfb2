import Bytes
import Diagnosis
import Testing

@Suite("what the first bytes of a program say")
struct ProgramFileTests {
  @Test(
    "a script's first line is read as the kernel reads it",
    arguments: [
      ("#!/bin/sh\necho", .script(interpreter: "/bin/sh", argument: "")),
      (
        "#! /usr/bin/env  python3 -u \nx",
        .script(interpreter: "/usr/bin/env", argument: "python3 -u")
      ),
      ("#!/bin/sh", .script(interpreter: "/bin/sh", argument: "")),
      ("#!/bin/sh\r\n", .faultyScript(.carriageReturn(interpreter: "/bin/sh\r"))),
      ("\u{feff}#!/bin/sh\n", .faultyScript(.byteOrderMark)),
      (" #!/bin/sh\n", .faultyScript(.notFirst)), ("!/bin/sh\n", .faultyScript(.notFirst)),
      ("# hello\n#!/bin/sh\n", .faultyScript(.notFirst)),
      ("#!\n", .faultyScript(.noInterpreter)), ("#!   \necho", .faultyScript(.noInterpreter)),
      ("echo hi\n", .text), ("", .empty), ("\u{1}\u{2}", .other),
      ("\u{0}\u{0}\u{0}\u{0}", .zeros),
      ("MZ\u{1}", .foreign(.init(title: "a program for Windows", hint: "build it for Linux"))),
      ("#!/" + String(repeating: "a", count: 300) + "\n", .faultyScript(.tooLong)),
    ] as [(String, ProgramFile)])
  func scripts(text: String, expected: ProgramFile) {
    #expect(ProgramFile(Array(text.utf8)) == expected)
  }

  /// A header with as many program headers as `table` has.
  private func elf(machine: UInt8, table: [(kind: UInt8, offset: UInt8, length: UInt8)] = [])
    -> [UInt8]
  {
    var bytes = [UInt8](repeating: 0, count: 64 + 56 * table.count)
    bytes.replaceSubrange(0..<6, with: [0x7f, 0x45, 0x4c, 0x46, 2, 1])
    bytes[18] = machine
    bytes[32] = 64
    bytes[54] = 56
    bytes[56] = UInt8(table.count)
    for (index, entry) in table.enumerated() {
      bytes[64 + 56 * index] = entry.kind
      bytes[64 + 56 * index + 8] = entry.offset
      bytes[64 + 56 * index + 32] = entry.length
    }
    return bytes
  }

  @Test("an ELF header tells its machine, its loader and how long the file must be")
  func headers() {
    let own: UInt8 = ELFHeader.ownMachine == "x86_64" ? 62 : 183
    let header = ELFHeader(elf(machine: own, table: [(3, 100, 20), (1, 0, 250)]))
    #expect(!header.isForeign)
    #expect(header.loader == 100..<120)
    #expect(header.size == 250)
    #expect(!header.isTruncated)
    let foreign = ELFHeader(elf(machine: 243))
    #expect(foreign.isForeign)
    #expect(foreign.machineName == "riscv64")
    #expect(foreign.loader == nil)
    #expect(ELFHeader([0x7f, 0x45, 0x4c, 0x46, 2, 1]).isTruncated)
  }

  @Test("a hostile header is read without a crash")
  func hostile() {
    var bytes = elf(machine: 62, table: [(3, 1, 1)])
    for index in 16..<bytes.count { bytes[index] = 0xff }
    let header = ELFHeader(bytes)
    #expect(header.size > 0)
    for count in 0..<bytes.count { _ = ProgramFile(Array(bytes.prefix(count))) }
  }
}
