package import Bytes

/// One mount of an image (`mnt_entry`), as far as a place has to be there for it.
package struct CRIUMount: Equatable, Sendable {
  package var id: UInt64 = 0
  package var parent: UInt64 = 0
  /// Absolute, in the container.
  package var mountPoint: ByteString = ""
  /// What an external one is called; nil for one that CRIU makes itself.
  package var external: ByteString?
}

extension CRIUMount {
  /// Of `mountpoints-N.img`: two magic numbers, and messages with their length in front.
  package static func read(_ image: [UInt8]) throws(ProtobufError) -> [CRIUMount] {
    guard image.count >= 8, image[0..<8] == [0x19, 0x43, 0x56, 0x54, 0x28, 0x39, 0x56, 0x55] else {
      throw ProtobufError(reason: "it is no image of mounts")
    }
    var mounts = [CRIUMount]()
    var at = 8
    while at < image.count {
      guard image.count - at >= 4 else { throw ProtobufError(reason: "it is cut short") }
      let size = (0..<4).reduce(0) { $0 | Int(image[at + $1]) << (8 * $1) }
      at += 4
      guard size <= image.count - at else { throw ProtobufError(reason: "it is cut short") }
      mounts.append(try CRIUMount(Array(image[at..<(at + size)])))
      at += size
    }
    return mounts
  }

  private init(_ message: [UInt8]) throws(ProtobufError) {
    var reader = ProtobufReader(message)
    while let (field, value) = try reader.next() {
      switch (field, value) {
      case (2, .number(let number)): id = number
      case (4, .number(let number)): parent = number
      case (7, .bytes(let bytes)):
        if bytes.contains(0) { throw ProtobufError(reason: "a mount point has a zero byte") }
        mountPoint = ByteString(bytes)
      case (18, .bytes(let bytes)): external = ByteString(bytes)
      case (_, _): continue
      }
    }
  }
}
