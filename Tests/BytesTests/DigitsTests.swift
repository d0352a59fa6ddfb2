import Bytes
import Testing

@Suite("Numbers as digits and as bytes")
struct DigitsTests {
  @Test("hexadecimal, with zeros in front where a width is asked for")
  func hexadecimal() {
    #expect(ByteString(hexadecimal: 0) == "0")
    #expect(ByteString(hexadecimal: 0xbeef) == "beef")
    #expect(ByteString(hexadecimal: 0xbeef, width: 16) == "000000000000beef")
    #expect(ByteString(hexadecimal: .max) == "ffffffffffffffff")
    #expect(
      [0x30, 0x39, 0x61, 0x46, 0x67, 0x2f].map(hexadecimalValue) == [0, 9, 10, 15, nil, nil])
  }

  @Test("octal, with the zero that such numbers begin with")
  func octal() {
    #expect(ByteString(octal: 0o22) == "022")
    #expect(ByteString(octal: 0o755) == "0755")
    #expect(ByteString(octal: 0) == "0")
    #expect(ByteString(octal: 0o1777) == "01777")
  }

  @Test("bytes of a number, the lowest first, and back")
  func littleEndian() {
    #expect([UInt8](littleEndian: UInt32(0x0102_0304)) == [4, 3, 2, 1])
    #expect([UInt8](littleEndian: Int16(-2)) == [0xfe, 0xff])
    #expect([4, 3, 2, 1].littleEndianNumber == 0x0102_0304)
    #expect([UInt8](repeating: 0xff, count: 8).littleEndianNumber == .max)
    var bytes: [UInt8] = [9, 9, 9, 9]
    bytes.replace(at: 1, littleEndian: UInt16(0x0102))
    #expect(bytes == [9, 2, 1, 9])
  }

  @Test("a list of numbers is a mask in bytes, too")
  func numberList() {
    #expect(NumberList("0-3,7,8")?.bytes == [0x8f, 1])
    #expect(NumberList("")?.bytes == [])
  }
}
