import Bytes
import Testing

@testable import DBus

@Suite("Marshaling")
struct MarshalingTests {
  private func roundTrip(_ values: [DBusValue]) throws -> [DBusValue] {
    var writer = MessageWriter()
    for value in values { writer.write(value) }
    var reader = MessageReader(writer.bytes)
    let signature = values.map { $0.signature }.joined(by: "")
    let result = try reader.values(signature)
    #expect(reader.position == writer.bytes.count)
    return result
  }

  @Test("every type that systemd's calls use comes back as it was")
  func types() throws {
    let values: [DBusValue] = [
      .byte(7), .boolean(true), .int16(-2), .uint16(65535), .int32(-7), .uint32(.max), .byte(1),
      .int64(.min), .uint64(.max), .string("a\u{e9}b"), .objectPath("/a/b"), .signature("a(sv)"),
      .strings(["x", ""]), .bytes([1, 0, 255]), .array("u", [.uint32(4)]),
      .array(
        "(sv)",
        [
          .structure([.string("Slice"), .variant(.string("a.slice"))]),
          .structure([.string("PIDs"), .variant(.array("u", [.uint32(1)]))]),
        ]),
      .array("(sa(sv))", []),
      .array("{sv}", [.dictionaryEntry(.string("k"), .variant(.uint64(1)))]),
      .array("(ss)", [.structure([.string("a"), .string("b")])]), .variant(.boolean(false)),
    ]
    #expect(try roundTrip(values) == values)
  }

  @Test("padding and lengths are those of the specification")
  func layout() {
    var writer = MessageWriter()
    writer.write(.byte(1))
    writer.write(.array("t", [.uint64(2)]))
    #expect(
      writer.bytes == [1, 0, 0, 0, 8, 0, 0, 0] + [2, 0, 0, 0, 0, 0, 0, 0])
    writer = MessageWriter()
    writer.write(.array("(sv)", []))
    #expect(writer.bytes == [0, 0, 0, 0, 0, 0, 0, 0])
    writer = MessageWriter()
    writer.write(.string("ab"))
    #expect(writer.bytes == [2, 0, 0, 0, 0x61, 0x62, 0])
  }

  @Test("a call is laid out as the specification says, and read again")
  func message() throws {
    var call = DBusMessage(.call, serial: 3)
    call.path = "/org"
    call.interface = "org.x"
    call.member = "Do"
    call.destination = "org.y"
    call.body = [.string("s"), .array("u", [.uint32(9)])]
    let bytes = call.encoded
    #expect(bytes[0..<4] == [0x6c, 1, 0, 1] && bytes[8] == 3)
    #expect(try DBusMessage.length(bytes) == bytes.count)
    #expect(try DBusMessage.decode(bytes) == call)
  }

  @Test("what is cut off, nested too deep or no message is refused, whatever it says of its length")
  func malformed() throws {
    var call = DBusMessage(.signal, serial: 1)
    call.path = "/a"
    call.member = "M"
    call.body = [.array("(sv)", [.structure([.string("x"), .variant(.strings(["y"]))])])]
    let bytes = call.encoded
    for count in 0..<bytes.count {
      let cut = Array(bytes.prefix(count))
      #expect(throws: DBusError.self) {
        if try DBusMessage.length(cut) <= count { return }
        _ = try DBusMessage.decode(cut)
      }
    }
    // No byte of a message, whatever it becomes, makes the reader trap.
    for index in 16..<bytes.count {
      for value in [UInt8(0), 1, 0x61, 0x28, 0x76, 0x7f, 0x80, 0xff] {
        var other = bytes
        other[index] = value
        do throws(DBusError) { _ = try DBusMessage.decode(other) } catch {}
      }
    }
    var deep = MessageReader([UInt8](repeating: 0, count: 600))
    #expect(throws: DBusError.self) {
      try deep.values(ByteString([UInt8](repeating: 0x28, count: 100)))
    }
    var huge = [UInt8](bytes.prefix(16))
    huge[4..<8] = [0xff, 0xff, 0xff, 0xff]
    #expect(throws: DBusError.self) { try DBusMessage.length(huge) }
    #expect(throws: DBusError.self) { try DBusMessage.length([UInt8](repeating: 0, count: 16)) }
  }

  @Test("a big-endian message is read, too")
  func bigEndian() throws {
    var reader = MessageReader([0, 0, 0, 1, 0x61, 0, 0, 0, 0, 0, 0, 2], isBigEndian: true)
    #expect(try reader.values("su") == [.string("a"), .uint32(2)])
  }
}

@Suite("Bus addresses")
struct BusAddressTests {
  @Test("the system's bus, the user's bus, and what the environment says")
  func places() {
    #expect(BusAddress.system(nil) == "unix:path=/run/dbus/system_bus_socket")
    #expect(BusAddress.system("unix:path=/x") == "unix:path=/x")
    #expect(
      BusAddress.user(nil, runtimeDirectory: "/run/user/7") == "unix:path=/run/user/7/bus")
    #expect(BusAddress.user("unix:path=/y", runtimeDirectory: "/run/user/7") == "unix:path=/y")
    #expect(BusAddress.user(nil, runtimeDirectory: nil) == nil)
    #expect(BusAddress.user("", runtimeDirectory: "relative") == nil)
  }

  @Test("the first path of a list, with its escapes")
  func paths() throws {
    #expect(try BusAddress.path("unix:path=/run/bus,guid=12") == "/run/bus")
    #expect(try BusAddress.path("tcp:host=x;unix:guid=1,path=/a%20b") == "/a b")
    for bad in ["unix:abstract=/tmp/x", "tcp:host=x", "", "unix:path=%zz", "unix:path=%00/x"] {
      #expect(throws: DBusError.self) { try BusAddress.path(ByteString(bad)) }
    }
  }
}
