package import Bytes

/// Where a bus listens.
package enum BusAddress {
  package static func system(_ variable: ByteString?) -> ByteString {
    variable.flatMap { $0.isEmpty ? nil : $0 } ?? "unix:path=/run/dbus/system_bus_socket"
  }

  /// The bus of the user's session; nil if the environment names none.
  package static func user(_ variable: ByteString?, runtimeDirectory: ByteString?) -> ByteString? {
    if let variable, !variable.isEmpty { return variable }
    guard let runtimeDirectory, runtimeDirectory.hasPrefix("/") else { return nil }
    return "unix:path=" + runtimeDirectory + "/bus"
  }

  /// The first path of a socket in an address list (D-Bus specification, "Server Addresses").
  static func path(_ list: ByteString) throws(DBusError) -> ByteString {
    for address in list.split(on: UInt8(ascii: ";")) {
      guard let (transport, options) = address.cut(at: UInt8(ascii: ":")), transport == "unix"
      else { continue }
      for option in options.split(on: UInt8(ascii: ",")) {
        if let (key, value) = option.cut(at: UInt8(ascii: "=")), key == "path",
          let path = unescaped(value), path.hasPrefix("/")
        {
          return path
        }
      }
    }
    throw .unsupported(list)
  }

  private static func unescaped(_ text: ByteString) -> ByteString? {
    var result = [UInt8]()
    var rest = text.bytes
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        result.append(byte)
        continue
      }
      guard let high = rest.popFirst().flatMap(digit), let low = rest.popFirst().flatMap(digit),
        high | low != 0
      else { return nil }
      result.append(high << 4 | low)
    }
    return ByteString(result)
  }

  private static func digit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
  }
}
