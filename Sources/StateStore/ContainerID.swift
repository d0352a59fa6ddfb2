package import Bytes

/// The name of a container, and of its directory below the state root.
package struct ContainerID: Hashable, Sendable {
  package let text: ByteString

  private init(trusted text: ByteString) { self.text = text }

  /// Takes `[A-Za-z0-9_+-][A-Za-z0-9_+.-]{0,254}`, judged on bytes before anything else sees it, so
  /// that no id can name a path outside the state root.
  package init(_ text: ByteString) throws(StateError) {
    if text.isEmpty { throw .emptyID }
    guard text.count <= 255, text[0] != UInt8(ascii: "."),
      text.bytes.allSatisfy(ContainerID.isAllowed)
    else { throw .invalidID(text) }
    self.init(trusted: text)
  }

  private static func isAllowed(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "+"),
      UInt8(ascii: "."), UInt8(ascii: "-"):
      true
    default: false
    }
  }
}
