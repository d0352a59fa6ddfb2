import Bytes
import Linux

/// All that a compiled filter depends on, as bytes.
struct FilterKey {
  /// Changes with everything that decides what the compiler or the prologue makes of a plan.
  private static var format: UInt32 { 2 }

  let bytes: [UInt8]
  let hash: UInt64

  init(_ plan: SeccompPlan, kernel: KernelVersion) {
    var writer = ByteWriter()
    writer.bytes.reserveCapacity(16384)
    writer.append(FilterKey.format)
    let version = FilterCompiler.version
    for number in [version.major, version.minor, version.micro] { writer.append(number) }
    writer.append(FilterCompiler.nativeArchitecture)
    // The kernel decides which actions libseccomp accepts.
    writer.append(kernel.major)
    writer.append(kernel.minor)
    writer.append(plan.defaultAction)
    writer.append(UInt32(truncatingIfNeeded: plan.architectures.count))
    for token in plan.architectures { writer.append(token) }
    for rule in plan.rules {
      writer.append(rule.action)
      writer.append(UInt32(truncatingIfNeeded: rule.conditions.count))
      for condition in rule.conditions {
        writer.append(condition.argument)
        writer.append(condition.comparison)
        writer.append(condition.first)
        writer.append(condition.second)
      }
      writer.append(UInt32(truncatingIfNeeded: rule.names.count))
      for name in rule.names { writer.append(name) }
    }
    bytes = writer.bytes
    hash = Checksum.of(bytes, count: bytes.count)
  }

  /// `hash` in hexadecimal.
  var fileName: ByteString { ByteString(hexadecimal: hash, width: 16) }
}

/// A file of the cache: a header, the key, the unknown names, the program, a checksum of it all.
struct CacheEntry {
  private static var magic: [UInt8] { Array("apus-seccomp-1\n".utf8) }

  var program: [UInt8]
  var unknownNames: [ByteString]

  init(program: [UInt8], unknownNames: [ByteString]) {
    self.program = program
    self.unknownNames = unknownNames
  }

  func encoded(_ key: FilterKey) -> [UInt8] {
    var writer = ByteWriter()
    writer.bytes += CacheEntry.magic
    writer.append(UInt32(truncatingIfNeeded: key.bytes.count))
    writer.bytes += key.bytes
    writer.append(UInt32(truncatingIfNeeded: unknownNames.count))
    for name in unknownNames { writer.append(name) }
    writer.append(UInt32(truncatingIfNeeded: program.count))
    writer.bytes += program
    writer.append(Checksum.of(writer.bytes, count: writer.bytes.count))
    return writer.bytes
  }

  /// Nil unless `bytes` are exactly an entry for `key`.
  init?(_ bytes: [UInt8], key: FilterKey) {
    var reader = ByteReader(bytes[...])
    guard reader.take(CacheEntry.magic.count) == CacheEntry.magic[...],
      let keyCount = reader.number(), Int(keyCount) == key.bytes.count,
      reader.take(key.bytes.count) == key.bytes[...],
      let nameCount = reader.number()
    else { return nil }
    unknownNames = []
    for _ in 0..<nameCount {
      guard let count = reader.number(), let name = reader.take(Int(count)) else { return nil }
      unknownNames.append(ByteString(name))
    }
    guard let count = reader.number(), count > 0, count % 8 == 0,
      count / 8 <= SeccompProgram.maximumInstructions, let program = reader.take(Int(count))
    else { return nil }
    var checksum = ByteWriter()
    checksum.append(Checksum.of(bytes, count: reader.position))
    guard reader.rest == checksum.bytes[...] else { return nil }
    self.program = Array(program)
  }
}

/// Finds an entry and detects a damaged one. It is no protection against others; the directory's mode is.
enum Checksum {
  /// As FNV-1a, but a word at a time, with the upper half folded into the lower one.
  static func of(_ bytes: [UInt8], count: Int) -> UInt64 {
    unsafe bytes.withUnsafeBytes { bytes in
      var hash: UInt64 = 0xcbf2_9ce4_8422_2325
      var at = 0
      while at < count {
        var word: UInt64 = 0
        if at + 8 <= count {
          word = unsafe bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self)
        } else {
          for index in at..<count { word = unsafe word << 8 | UInt64(bytes[index]) }
        }
        hash = (hash ^ word) &* 0x100_0000_01b3
        hash ^= hash >> 32
        at += 8
      }
      return hash
    }
  }
}

/// Numbers and texts one after the other, little-endian, a text after its length.
private struct ByteWriter {
  var bytes = [UInt8]()

  mutating func append(_ number: some FixedWidthInteger) { bytes.append(littleEndian: number) }

  mutating func append(_ text: ByteString) {
    append(UInt32(truncatingIfNeeded: text.count))
    bytes += text.bytes
  }
}

private struct ByteReader {
  private(set) var rest: ArraySlice<UInt8>

  init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

  var position: Int { rest.startIndex }

  mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
    guard count <= rest.count else { return nil }
    let taken = rest.prefix(count)
    rest = rest.dropFirst(count)
    return taken
  }

  mutating func number() -> UInt32? {
    guard let bytes = take(4) else { return nil }
    return UInt32(truncatingIfNeeded: bytes.littleEndianNumber)
  }
}
