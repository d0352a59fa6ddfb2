import Bytes
import Linux
import OCISpec

/// All that a compiled filter depends on, as bytes.
struct FilterKey {
  /// Changes with everything that decides what the compiler or the prologue makes of a plan, or a plan of
  /// a section: a test compiles some and compares. Another release starts anew in any case.
  static var format: UInt32 { 3 }
  private enum Kind: UInt32 { case plan, text }

  private let header: [UInt8]
  private let body: ArraySlice<UInt8>
  let hash: UInt64

  init(_ plan: SeccompPlan, kernel: KernelVersion) {
    var writer = ByteWriter()
    writer.bytes.reserveCapacity(16384)
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
    self.init(.plan, writer.bytes[...], kernel)
  }

  /// Of a section of which nothing is known but how it is written.
  init(text: ArraySlice<UInt8>, kernel: KernelVersion) { self.init(.text, text, kernel) }

  private init(_ kind: Kind, _ body: ArraySlice<UInt8>, _ kernel: KernelVersion) {
    var writer = ByteWriter()
    writer.append(FilterKey.format)
    writer.append(kind.rawValue)
    writer.append(ByteString(stringLiteral: Release.version))
    let version = FilterCompiler.version
    for number in [version.major, version.minor, version.micro] { writer.append(number) }
    writer.append(FilterCompiler.nativeArchitecture)
    // The kernel decides which actions libseccomp accepts, and which flags there are.
    writer.append(kernel.major)
    writer.append(kernel.minor)
    header = writer.bytes
    self.body = body
    writer.append(Checksum.of(body))
    hash = Checksum.of(writer.bytes[...])
  }

  var bytes: [UInt8] { header + body }

  /// `hash` in hexadecimal.
  var fileName: ByteString { ByteString(hexadecimal: hash, width: 16) }

  fileprivate func isTaken(from reader: inout ByteReader) -> Bool {
    guard let count = reader.number(), Int(count) == header.count + body.count,
      let ownHeader = reader.take(header.count), let ownBody = reader.take(body.count)
    else { return false }
    return ownHeader.isSame(as: header[...]) && ownBody.isSame(as: body)
  }
}

/// A file of the cache: a header, the key, numbers, the unknown names, the program, a checksum of it all.
struct CacheEntry {
  private static var magic: [UInt8] { Array("apus-seccomp-2\n".utf8) }

  var program: [UInt8]
  var unknownNames: [ByteString]
  /// What else is kept of a section.
  private var numbers: [UInt32] = []

  init(program: [UInt8], unknownNames: [ByteString]) {
    self.program = program
    self.unknownNames = unknownNames
  }

  init(_ program: SeccompProgram, of plan: SeccompPlan) {
    let restricted = program.restrictedNames
    self.program = program.bytes
    unknownNames = restricted + program.unknownNames.filter { !restricted.contains($0) }
    numbers = [plan.defaultAction, plan.flags, UInt32(truncatingIfNeeded: restricted.count)]
  }

  /// nil for an entry of a plan.
  var known: KnownFilter? {
    guard numbers.count == 3 else { return nil }
    return KnownFilter(
      defaultAction: numbers[0], flags: numbers[1], program: program, unknownNames: unknownNames,
      restrictedCount: Int(numbers[2]))
  }

  func encoded(_ key: FilterKey) -> [UInt8] {
    var writer = ByteWriter()
    writer.bytes += CacheEntry.magic
    let keyBytes = key.bytes
    writer.append(UInt32(truncatingIfNeeded: keyBytes.count))
    writer.bytes += keyBytes
    writer.append(UInt32(truncatingIfNeeded: numbers.count))
    for number in numbers { writer.append(number) }
    writer.append(UInt32(truncatingIfNeeded: unknownNames.count))
    for name in unknownNames { writer.append(name) }
    writer.append(UInt32(truncatingIfNeeded: program.count))
    writer.bytes += program
    writer.append(Checksum.of(writer.bytes[...]))
    return writer.bytes
  }

  /// Nil unless `bytes` are exactly an entry for `key`.
  init?(_ bytes: [UInt8], key: FilterKey) {
    var reader = ByteReader(bytes[...])
    guard reader.take(CacheEntry.magic.count) == CacheEntry.magic[...],
      key.isTaken(from: &reader), let numberCount = reader.number()
    else { return nil }
    for _ in 0..<numberCount {
      guard let number = reader.number() else { return nil }
      numbers.append(number)
    }
    unknownNames = []
    guard let nameCount = reader.number() else { return nil }
    for _ in 0..<nameCount {
      guard let count = reader.number(), let name = reader.take(Int(count)) else { return nil }
      unknownNames.append(ByteString(name))
    }
    guard let count = reader.number(), count > 0, count % 8 == 0,
      count / 8 <= SeccompProgram.maximumInstructions, let program = reader.take(Int(count))
    else { return nil }
    var checksum = ByteWriter()
    checksum.append(Checksum.of(bytes[..<reader.position]))
    guard reader.rest == checksum.bytes[...] else { return nil }
    self.program = Array(program)
  }
}

/// Finds an entry and detects a damaged one. It is no protection against others; the directory's mode is.
enum Checksum {
  /// As FNV-1a, but a word at a time, with the upper half folded into the lower one.
  static func of(_ bytes: ArraySlice<UInt8>) -> UInt64 {
    unsafe bytes.withUnsafeBytes { bytes in
      var hash: UInt64 = 0xcbf2_9ce4_8422_2325
      var at = 0
      while at < bytes.count {
        var word: UInt64 = 0
        if at + 8 <= bytes.count {
          word = unsafe bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self)
        } else {
          for index in at..<bytes.count { word = unsafe word << 8 | UInt64(bytes[index]) }
        }
        hash = (hash ^ word) &* 0x100_0000_01b3
        hash ^= hash >> 32
        at += 8
      }
      return hash
    }
  }
}

extension ArraySlice<UInt8> {
  /// A word at a time.
  fileprivate func isSame(as other: ArraySlice<UInt8>) -> Bool {
    guard count == other.count else { return false }
    return unsafe withUnsafeBytes { left in
      unsafe other.withUnsafeBytes { right in
        var at = 0
        while at + 8 <= left.count {
          let words = unsafe (
            left.loadUnaligned(fromByteOffset: at, as: UInt64.self),
            right.loadUnaligned(fromByteOffset: at, as: UInt64.self)
          )
          if words.0 != words.1 { return false }
          at += 8
        }
        while at < left.count {
          if unsafe left[at] != right[at] { return false }
          at += 1
        }
        return true
      }
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
