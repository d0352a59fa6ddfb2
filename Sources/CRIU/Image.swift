import Bytes

/// A file of CRIU's: two magic numbers, and messages with their length in front.
enum CRIUImage {
  static func messages(_ image: [UInt8], _ magic: [UInt8], _ what: ByteString)
    throws(ProtobufError) -> [[UInt8]]
  {
    guard image.count >= 8, Array(image[0..<8]) == magic else {
      throw ProtobufError(reason: "it is no image of " + what)
    }
    var messages = [[UInt8]]()
    var at = 8
    while at < image.count {
      guard image.count - at >= 4 else { throw ProtobufError(reason: "it is cut short") }
      let size = (0..<4).reduce(0) { $0 | Int(image[at + $1]) << (8 * $1) }
      at += 4
      guard size <= image.count - at else { throw ProtobufError(reason: "it is cut short") }
      messages.append(Array(image[at..<(at + size)]))
      at += size
    }
    return messages
  }
}

/// The seccomp filters of an image.
package enum CRIUFilters {
  /// Of `seccomp.img` (`seccomp_entry`): the programs that were loaded by a process without a filter. Whatever
  /// was loaded on top of them allows no more than they do.
  package static func first(_ image: [UInt8]) throws(ProtobufError) -> [[UInt8]] {
    let magic: [UInt8] = [0x19, 0x43, 0x56, 0x54, 0x49, 0x30, 0x41, 0x64]
    var programs = [[UInt8]]()
    for message in try CRIUImage.messages(image, magic, "seccomp filters") {
      var reader = ProtobufReader(message)
      while let (field, value) = try reader.next() {
        guard field == 1, case .bytes(let filter) = value else { continue }
        if let program = try program(filter) { programs.append(program) }
      }
    }
    return programs
  }

  /// Of one `seccomp_filter`; nil if it has a filter below it.
  private static func program(_ filter: [UInt8]) throws(ProtobufError) -> [UInt8]? {
    var reader = ProtobufReader(filter)
    var program = [UInt8]()
    while let (field, value) = try reader.next() {
      switch (field, value) {
      case (1, .bytes(let bytes)): program = bytes
      case (2, .number): return nil
      case (_, _): continue
      }
    }
    return program
  }
}
