package import Bytes
package import Linux

/// A limit as it is configured, and as its file has it.
package struct LimitInForce: Equatable, Sendable {
  package var pointer: ByteString
  package var file: ByteString
  package var wanted: ByteString
  /// nil where the file cannot be read.
  package var found: ByteString?
  package var isSame: Bool
  package var note: ByteString = ""
}

extension Cgroup {
  /// Of several writes to one thing, the last one counts.
  package func compare(_ limits: [CgroupWrite]) -> [LimitInForce] {
    let writer = LimitWriter(files)
    let limits = limits.filter { !$0.isTrial }.map { writer.resolved($0) }
    return limits.enumerated().compactMap { index, limit in
      let subject = CgroupFile.subject(of: limit)
      let isReplaced = limits[(index + 1)...].contains {
        $0.file == limit.file && CgroupFile.subject(of: $0) == subject
      }
      if isReplaced { return nil }
      var result = LimitInForce(
        pointer: limit.pointer, file: limit.file, wanted: limit.value, isSame: false)
      do throws(SyscallError) {
        let line = CgroupFile.line(of: limit, in: try files.read(limit.file))
        result.found = line
        result.isSame = CgroupFile.holds(limit.value, line)
      } catch {
        result.note = error.errno.text
        if limit.isOptional, error.errno == .ENOENT {
          (result.found, result.isSame) = ("no such file", true)
        }
      }
      return result
    }
  }

  /// Whether `program` is attached; it is told by the kernel's tag, which is a hash of the instructions.
  package func deviceFilter(_ program: [BPFInstruction], isRootless: Bool) -> (
    text: ByteString?, isSame: Bool
  ) {
    do throws(SyscallError) {
      let attached = try BPF.devicePrograms(of: directory)
      let loaded = try DeviceFilter.load(program)
      let wanted = try BPF.tag(of: loaded.handle)
      var tags = [ByteString]()
      for program in attached { tags.append(try BPF.tag(of: program.handle)) }
      if tags.contains(wanted) { return ("attached", true) }
      if tags.isEmpty { return ("none", isRootless) }
      return ("another: " + tags.joined(by: ", "), false)
    } catch {
      return (nil, false)
    }
  }
}

extension CgroupFile {
  /// What a write is about in its file: a device, or everything.
  static func subject(of limit: CgroupWrite) -> ByteString {
    let words = limit.value.split(on: 0x20)
    return words.count > 1 && limit.file != "cpu.max" ? words[0] : ""
  }

  /// The line of `text` that shows what `limit` is about, without the name at its beginning.
  static func line(of limit: CgroupWrite, in text: ByteString) -> ByteString {
    let lines = text.split(on: 0x0a).filter { !$0.isEmpty }
    let subject = subject(of: limit)
    if !subject.isEmpty {
      let line = lines.first { $0.hasPrefix(subject + " ") }
      return line ?? restoration(of: limit.file, text, before: limit.value).first ?? ""
    }
    let first = lines.first { $0.hasPrefix("default ") } ?? lines.first ?? ""
    return first.hasPrefix("default ") ? first.dropFirst(8) : first
  }

  /// Whether a file that shows `found` has what was written: in other words, other units, another order, and
  /// bytes in whole pages.
  package static func holds(_ wanted: ByteString, _ found: ByteString) -> Bool {
    let wantedWords = wanted.split(on: 0x20).filter { !$0.isEmpty }
    let foundWords = found.split(on: 0x20).filter { !$0.isEmpty }
    if wantedWords.contains(where: { $0.contains(UInt8(ascii: "=")) }) {
      return wantedWords.allSatisfy { word in
        guard let (key, value) = word.cut(at: UInt8(ascii: "=")) else {
          return foundWords.contains(word)
        }
        let shown = foundWords.first { $0.hasPrefix(key + "=") }?.dropFirst(key.count + 1)
        return shown.map { isSame(value, $0) } ?? (value == "max")
      }
    }
    return wantedWords.count <= foundWords.count
      && zip(wantedWords, foundWords).allSatisfy { isSame($0, $1) }
  }

  private static func isSame(_ wanted: ByteString, _ found: ByteString) -> Bool {
    if wanted == found { return true }
    if let first = bytes(wanted), let second = bytes(found) {
      // The kernel rounds down to a page, which has 64 KiB at most.
      return first == second
        || first > second && first - second < 65536 && second & 4095 == 0 && second > 0
    }
    let list = NumberList(wanted)
    return list != nil && list == NumberList(found)
  }

  private static func bytes(_ text: ByteString) -> UInt64? {
    let units: [UInt8] = [
      UInt8(ascii: "k"), UInt8(ascii: "m"), UInt8(ascii: "g"), UInt8(ascii: "t"),
    ]
    guard let last = text.lowercased.bytes.last, let index = units.firstIndex(of: last) else {
      return text.unsignedDecimal
    }
    let (value, overflow) = (text.dropLast(1).unsignedDecimal ?? 0)
      .multipliedReportingOverflow(by: 1 << UInt64((index + 1) * 10))
    return overflow ? nil : value
  }
}
