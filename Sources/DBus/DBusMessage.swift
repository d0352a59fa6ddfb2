package import Bytes

/// A message of the bus (D-Bus specification, "Message Format").
package struct DBusMessage: Equatable, Sendable {
  /// The message type (D-Bus specification, "Message Format").
  package enum Kind: UInt8, Sendable {
    case call = 1
    case reply = 2
    case error = 3
    case signal = 4
  }

  package var kind: Kind
  package var serial: UInt32
  package var path: ByteString = ""
  package var interface: ByteString = ""
  package var member: ByteString = ""
  package var errorName: ByteString = ""
  package var replySerial: UInt32 = 0
  package var destination: ByteString = ""
  package var sender: ByteString = ""
  package var body: [DBusValue] = []

  package init(_ kind: Kind, serial: UInt32) {
    self.kind = kind
    self.serial = serial
  }
}

extension DBusMessage {
  /// What this client sends and waits for is far shorter.
  static let limit = 4 << 20
  /// The bus refuses what is longer (D-Bus specification, "Message Format").
  private static let busLimit = 128 << 20
  /// Endianness, kind, flags, version, two numbers and the length of the header fields.
  static let prefix = 16

  var encoded: [UInt8] {
    var content = MessageWriter()
    for value in body { content.write(value) }
    var writer = MessageWriter()
    for byte in [UInt8(ascii: "l"), kind.rawValue, 0, 1] { writer.write(.byte(byte)) }
    writer.number(UInt32(truncatingIfNeeded: content.bytes.count))
    writer.number(serial)
    writer.write(.array("(yv)", fields))
    writer.align(to: 8)
    return writer.bytes + content.bytes
  }

  private var fields: [DBusValue] {
    var fields = [DBusValue]()
    func add(_ code: UInt8, _ value: DBusValue) {
      if value.text?.isEmpty == true { return }
      fields.append(.structure([.byte(code), .variant(value)]))
    }
    add(1, .objectPath(path))
    add(2, .string(interface))
    add(3, .string(member))
    add(4, .string(errorName))
    if replySerial != 0 { add(5, .uint32(replySerial)) }
    add(6, .string(destination))
    add(7, .string(sender))
    add(8, .signature(body.map { $0.signature }.joined(by: "")))
    return fields
  }

  /// The length of the message that begins with these sixteen bytes.
  static func length(_ start: [UInt8]) throws(DBusError) -> Int {
    guard start.count >= prefix, start[0] == UInt8(ascii: "l") || start[0] == UInt8(ascii: "B"),
      start[3] == 1
    else { throw .malformed("something that is not a message") }
    let isBigEndian = start[0] == UInt8(ascii: "B")
    var reader = MessageReader(start, at: 4, isBigEndian: isBigEndian)
    let body = Int(try reader.number(UInt32.self))
    _ = try reader.number(UInt32.self)
    let fields = Int(try reader.number(UInt32.self))
    guard body <= busLimit, fields <= busLimit else {
      throw .malformed("a message that is too long")
    }
    return (prefix + fields + 7) / 8 * 8 + body
  }

  /// Takes a whole message apart; nil for one of a kind that this client does not know.
  static func decode(_ bytes: [UInt8]) throws(DBusError) -> DBusMessage? {
    let isBigEndian = bytes[0] == UInt8(ascii: "B")
    guard let kind = Kind(rawValue: bytes[1]) else { return nil }
    var reader = MessageReader(bytes, at: 8, isBigEndian: isBigEndian)
    var message = DBusMessage(kind, serial: try reader.number())
    var signature: ByteString = ""
    guard case .array(_, let fields) = try reader.values("a(yv)")[0] else { return nil }
    for field in fields {
      guard case .structure(let pair) = field, pair.count == 2, case .byte(let code) = pair[0],
        case .variant(let value) = pair[1]
      else { continue }
      switch (code, value) {
      case (1, .objectPath(let text)): message.path = text
      case (2, .string(let text)): message.interface = text
      case (3, .string(let text)): message.member = text
      case (4, .string(let text)): message.errorName = text
      case (5, .uint32(let number)): message.replySerial = number
      case (6, .string(let text)): message.destination = text
      case (7, .string(let text)): message.sender = text
      case (8, .signature(let text)): signature = text
      default: continue
      }
    }
    try reader.align(to: 8)
    message.body = try reader.values(signature)
    return message
  }
}
