package import Bytes
import CCap

/// Names of capabilities, from libcap's table: what this build knows, whatever the kernel.
extension Capability {
  /// The number of a name as in capabilities(7), in upper case; nil for any other spelling.
  package static func number(of name: ByteString) -> Int? {
    var value: cap_value_t = -1
    let answer = unsafe name.withCString { unsafe cap_from_name($0, &value) }
    // libcap takes lower case, and its table's own numbers only by name.
    guard answer == 0, value >= 0, value < 64, name == name.uppercased else { return nil }
    return Int(value)
  }

  /// The name of a number, `CAP_CHOWN` for 0; nil if this build knows none.
  package static func name(of number: Int) -> ByteString? {
    guard number >= 0, number <= Int(CAP_LAST_CAP), let text = unsafe cap_to_name(Int32(number))
    else { return nil }
    defer { unsafe cap_free(text) }
    let bytes = unsafe UnsafeRawPointer(text).assumingMemoryBound(to: UInt8.self)
    var count = 0
    while unsafe bytes[count] != 0 { count += 1 }
    return unsafe ByteString(UnsafeBufferPointer(start: bytes, count: count)).uppercased
  }

  /// All of them in the order of their numbers, for `features`.
  package static var names: [ByteString] { (0...Int(CAP_LAST_CAP)).compactMap { name(of: $0) } }
}
