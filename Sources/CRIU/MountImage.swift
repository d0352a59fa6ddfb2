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
  /// Of `mountpoints-N.img`.
  package static func read(_ image: [UInt8]) throws(ProtobufError) -> [CRIUMount] {
    let magic: [UInt8] = [0x19, 0x43, 0x56, 0x54, 0x28, 0x39, 0x56, 0x55]
    var mounts = [CRIUMount]()
    for message in try CRIUImage.messages(image, magic, "mounts") {
      mounts.append(try CRIUMount(message))
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
