package import Bytes

/// What the first bytes of an executable say: pure, so that a test needs no file.
package enum ProgramFile: Equatable, Sendable {
  case empty
  /// A script with a line that the kernel understands.
  case script(interpreter: ByteString, argument: ByteString)
  case faultyScript(ScriptFault)
  /// Text that does not begin with `#!`.
  case text
  case elf(ELFHeader)
  /// What no kernel executes, or no Linux: what it is, and what to do.
  case foreign(Foreign)
  /// Nothing but zero bytes, as far as it was read.
  case zeros
  /// Neither text nor ELF.
  case other

  package struct Foreign: Equatable, Sendable {
    package let title: ByteString
    package let hint: ByteString

    package init(title: ByteString, hint: ByteString) {
      self.title = title
      self.hint = hint
    }
  }

  package enum ScriptFault: Equatable, Sendable {
    case carriageReturn(interpreter: ByteString)
    case byteOrderMark
    /// A space, a comment or an exclamation mark before the `#!` that there is.
    case notFirst
    case noInterpreter
    /// The kernel reads 256 bytes.
    case tooLong
  }

  package init(_ head: [UInt8]) {
    if head.isEmpty {
      self = .empty
    } else if head.starts(with: [0x7f, 0x45, 0x4c, 0x46]) {
      self = .elf(ELFHeader(head))
    } else if head.starts(with: [0x23, 0x21]) {
      self = ProgramFile.script(head)
    } else if head.starts(with: [0xef, 0xbb, 0xbf]) || head.starts(with: [0xff, 0xfe])
      || head.starts(with: [0xfe, 0xff])
    {
      self = .faultyScript(.byteOrderMark)
    } else if let words = ForeignFormat.words(head) {
      self = .foreign(words)
    } else if head.allSatisfy({ $0 == 0 }) {
      self = .zeros
    } else if head.prefix(512).contains(where: { $0 < 0x09 || $0 > 0x0d && $0 < 0x20 }) {
      self = .other
    } else {
      let lines = ByteString(head.prefix(1024)).split(on: 0x0a).prefix(3)
      let isLate = lines.contains { line in
        var line = line
        while let first = line.bytes.first, first == 0x20 || first == 0x09 {
          line = line.dropFirst(1)
        }
        return line.hasPrefix("#!/") || line.hasPrefix("!/")
      }
      self = isLate ? .faultyScript(.notFirst) : .text
    }
  }

  /// As the kernel reads it: blanks, the interpreter, blanks, all that follows as one argument.
  private static func script(_ head: [UInt8]) -> ProgramFile {
    guard let end = head.prefix(256).firstIndex(of: 0x0a) ?? (head.count < 256 ? head.count : nil)
    else { return .faultyScript(.tooLong) }
    let isBlank: (UInt8) -> Bool = { $0 == 0x20 || $0 == 0x09 }
    let line = head[2..<max(2, end)].drop(while: isBlank)
    let interpreter = ByteString(line.prefix { !isBlank($0) })
    let rest = line.drop { !isBlank($0) }.drop(while: isBlank)
    if line.last == 0x0d {
      return .faultyScript(.carriageReturn(interpreter: interpreter))
    }
    if interpreter.isEmpty { return .faultyScript(.noInterpreter) }
    var argument = ByteString(rest)
    while let last = argument.bytes.last, isBlank(last) { argument = argument.dropLast(1) }
    return .script(interpreter: interpreter, argument: argument)
  }
}

/// Files that are often taken for a program of Linux, by their first bytes.
private enum ForeignFormat {
  static func words(_ head: [UInt8]) -> ProgramFile.Foreign? {
    let text = ByteString(head.prefix(64))
    for line in ByteString(stringLiteral: table).split(on: 0x0a) {
      let fields = line.split(on: UInt8(ascii: "|"))
      if fields.count == 3, text.hasPrefix(fields[0]) {
        return ProgramFile.Foreign(title: fields[1], hint: fields[2])
      }
    }
    for (magic, title, hint) in binary where head.starts(with: magic) {
      return ProgramFile.Foreign(title: title, hint: hint)
    }
    return nil
  }

  private static var unpack: ByteString { "unpack it, and name the program in it" }

  private static var binary: [(magic: [UInt8], title: ByteString, hint: ByteString)] {
    let apple: (ByteString, ByteString) = ("a program for macOS", "build it for Linux")
    return [
      ([0xcf, 0xfa, 0xed, 0xfe], apple.0, apple.1), ([0xce, 0xfa, 0xed, 0xfe], apple.0, apple.1),
      ([0xca, 0xfe, 0xba, 0xbe, 0, 0, 0, 2], apple.0, apple.1),
      (
        [0xca, 0xfe, 0xba, 0xbe], "a class of Java", "make java args[0], and the class its argument"
      ),
      ([0, 0x61, 0x73, 0x6d], "a WebAssembly module", "make a runtime for it args[0]"),
      ([0x1f, 0x8b], "compressed (gzip)", unpack),
      ([0xfd, 0x37, 0x7a, 0x58], "compressed (xz)", unpack),
      ([0x28, 0xb5, 0x2f, 0xfd], "compressed (zstd)", unpack),
    ]
  }

  /// How it begins, what it is, what to do.
  private static var table: StaticString {
    """
    MZ|a program for Windows|build it for Linux
    PK\u{3}\u{4}|a zip archive|unpack it; a .jar is the argument of `java -jar`
    BZh|compressed (bzip2)|unpack it, and name the program in it
    !<arch>|a static library|name the program that was linked with it
    version https://git-lfs|a pointer of Git LFS, not the file itself|fetch the file: git lfs pull
    <!DOCTYPE|a page of HTML, perhaps the error page of a download|download it again
    <html|a page of HTML, perhaps the error page of a download|download it again
    """
  }
}

/// The parts of an ELF header that decide whether it runs.
package struct ELFHeader: Equatable, Sendable {
  package let machine: UInt16
  /// ET_REL 1, ET_EXEC 2, ET_DYN 3, ET_CORE 4.
  package let type: UInt16
  package let is64Bit: Bool
  package let isLittleEndian: Bool
  /// Where the name of the loader stands in the file, if it has one.
  package private(set) var loader: Range<Int>?
  /// How long the file must be for all that is loaded of it.
  package private(set) var size = 0
  /// The header itself is cut short.
  package private(set) var isTruncated = false
  /// Where it begins; 0 in a library.
  package private(set) var entry = 0

  package init(_ head: [UInt8]) {
    func byte(_ at: Int) -> UInt64 { at < head.count ? UInt64(head[at]) : 0 }
    let little = byte(5) != 2
    isLittleEndian = little
    func number(_ at: Int, _ count: Int) -> Int {
      var value: UInt64 = 0
      for index in 0..<count {
        value = value << 8 | byte(little ? at + count - 1 - index : at + index)
      }
      return Int(truncatingIfNeeded: min(value, UInt64(Int32.max)))
    }
    is64Bit = byte(4) == 2
    machine = UInt16(truncatingIfNeeded: number(18, 2))
    type = UInt16(truncatingIfNeeded: number(16, 2))
    let wide = is64Bit
    guard head.count >= (wide ? 64 : 52) else {
      isTruncated = true
      return
    }
    entry = number(24, wide ? 8 : 4)
    let table = wide ? number(32, 8) : number(28, 4)
    let length = wide ? number(54, 2) : number(42, 2)
    let count = wide ? number(56, 2) : number(44, 2)
    size = table + length * min(count, 256)
    for index in 0..<min(count, 256) {
      let at = table + index * length
      guard at + length <= head.count else { break }
      let kind = number(at, 4)
      let offset = wide ? number(at + 8, 8) : number(at + 4, 4)
      let count = wide ? number(at + 32, 8) : number(at + 16, 4)
      if kind == 3, count > 1, count <= 4096 { loader = offset..<(offset + count) }
      if kind == 1 { size = max(size, offset + count) }
    }
  }

  /// As uname(2) names it; the number where it has no name here.
  package var machineName: ByteString {
    switch machine {
    case 3: "i386"
    case 8: "mips"
    case 20: "ppc"
    case 21: isLittleEndian ? "ppc64le" : "ppc64"
    case 22: "s390x"
    case 40: "arm"
    case 62: is64Bit ? "x86_64" : "x32"
    case 183: "aarch64"
    case 243: is64Bit ? "riscv64" : "riscv32"
    case 258: "loongarch64"
    default: "machine " + ByteString(decimal: machine)
    }
  }

  package static var ownMachine: ByteString {
    #if arch(arm64)
      "aarch64"
    #else
      "x86_64"
    #endif
  }

  /// What it is, if it is no program.
  package var noProgram: ByteString? {
    switch type {
    case 1: "an object file, not linked yet"
    case 3 where entry == 0 && loader == nil: "a shared library"
    case 4: "a core dump"
    default: nil
    }
  }

  package var isForeign: Bool {
    machineName != ELFHeader.ownMachine
      && !(ELFHeader.ownMachine == "x86_64" && (machine == 3 || machine == 62))
      && !(ELFHeader.ownMachine == "aarch64" && machine == 40)
  }
}
