package import Bytes

/// An archive of small files in the format of POSIX (ustar): the same content gives the same bytes.
package struct TarArchive: Sendable {
  private var content: [UInt8] = []

  package init() {}

  /// Below the first name of every path, so that nothing is unpacked beside it.
  private static var directory: ByteString { "apus-report/" }
  private static var block: Int { 512 }

  /// A regular file that only its owner may read.
  package mutating func add(_ name: ByteString, _ bytes: [UInt8]) {
    let header = TarArchive.header(TarArchive.directory + TarArchive.safe(name), bytes.count)
    content += header + bytes + TarArchive.padding(bytes.count)
  }

  /// With the two empty blocks at the end.
  package var bytes: [UInt8] { content + [UInt8](repeating: 0, count: 2 * TarArchive.block) }

  private static func padding(_ count: Int) -> [UInt8] {
    [UInt8](repeating: 0, count: (block - count % block) % block)
  }

  /// One component without anything that a terminal or an unpacker would act on.
  private static func safe(_ name: ByteString) -> ByteString {
    let plain = name.bytes.prefix(80).map { byte in
      byte > 0x20 && byte < 0x7f && byte != UInt8(ascii: "/") ? byte : UInt8(ascii: "_")
    }
    return plain.first == UInt8(ascii: ".") || plain.isEmpty
      ? "_" + ByteString(plain.dropFirst()) : ByteString(plain)
  }

  private static func header(_ path: ByteString, _ size: Int) -> [UInt8] {
    var header = [UInt8](repeating: 0, count: block)
    func put(_ text: ByteString, at place: Int) {
      header.replaceSubrange(place..<(place + text.count), with: text.bytes)
    }
    func number(_ value: Int, digits: Int) -> ByteString {
      var rest = value
      var text = [UInt8](repeating: 0x30, count: digits)
      for place in text.indices.reversed() {
        text[place] += UInt8(rest & 7)
        rest >>= 3
      }
      return ByteString(text)
    }
    put(path, at: 0)
    put(number(0o600, digits: 7), at: 100)
    // Of nobody in particular, at no time.
    for (place, digits) in [(108, 7), (116, 7), (136, 11), (329, 7), (337, 7)] {
      put(number(0, digits: digits), at: place)
    }
    put(number(size, digits: 11), at: 124)
    put("        ", at: 148)
    put("0", at: 156)
    put("ustar", at: 257)
    put("00", at: 263)
    put(number(header.reduce(0) { $0 + Int($1) }, digits: 6), at: 148)
    header[154] = 0
    return header
  }
}
