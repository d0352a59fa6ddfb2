import Bytes
import Linux

// What stands in a file that may be executed.
extension ProgramExamination {
  func faulty(_ path: ByteString, _ fault: ProgramFile.ScriptFault) -> Diagnosis {
    switch fault {
    case .carriageReturn(let interpreter):
      Diagnosis(
        .execShebang,
        "line 1 of `" + path + "` ends in CR (a carriage return): its interpreter is `"
          + interpreter.escaped(limit: 100) + "`",
        hint: "convert the line ends (dos2unix)")
    case .byteOrderMark:
      Diagnosis(
        .execShebang, "`" + path + "` begins with a byte order mark, not with #!",
        hint: "save it as UTF-8 without the mark")
    case .notFirst:
      Diagnosis(
        .execShebang,
        "the first two bytes of `" + path + "` are not #!: its #! line is misspelt or late",
        hint: "make #! the first two bytes of the file")
    case .noInterpreter:
      Diagnosis(
        .execShebang, "line 1 of `" + path + "` has no interpreter behind #!",
        hint: "write #!/bin/sh")
    case .tooLong:
      Diagnosis(
        .execShebang, "line 1 of `" + path + "` is longer than the 256 bytes that the kernel reads",
        hint: "shorten the path of the interpreter")
    }
  }

  func script(
    _ path: ByteString, _ interpreter: ByteString, _ argument: ByteString, depth: Int = 0
  ) -> Diagnosis? {
    let line: ByteString =
      "`" + interpreter.escaped(limit: 200) + "`, the interpreter in line 1 of `" + path + "`, "
    switch view.find(absolute(interpreter), for: user) {
    case .missing(_, let link):
      var hint: ByteString = "install the interpreter, or correct the #! line"
      if let place = findElsewhere(interpreter) {
        hint = "it is `" + place + "`: correct the #! line"
      }
      let target = link.map { ", a link to `" + $0.target + "`," } ?? ""
      return Diagnosis(
        .execInterpreter, line + "is not " + place + target, hint: hint)
    case .found(let real, let file, let status):
      if status.kind != .regular {
        return Diagnosis(
          .execInterpreter, line + "is " + status.kind.title, hint: "correct the #! line")
      }
      guard let inner = forbidden(real, status) ?? noexec(real, file) ?? binary(real, status, depth)
      else {
        return real.baseName == "env" || interpreter.baseName == "env"
          ? lookedFor(argument, by: line) : nil
      }
      // As deep as it is, it is said once.
      if inner.code == .execDanglingLink { return inner }
      return Diagnosis(
        .execInterpreter, line + "cannot be executed: " + inner.cause, hint: inner.hint)
    case .closed(let directory, let status):
      return Diagnosis(
        .execInterpreter, line + "is out of reach: " + cannotSearch(directory, status),
        hint: "let others search it (chmod o+x " + onHost(directory, status) + ")")
    case .notDirectory(let step):
      return Diagnosis(
        .execInterpreter, line + "cannot be reached: `" + step + "` is no directory",
        hint: "correct the #! line")
    case .endless, .unknown: return nil
    }
  }

  /// The interpreter that env(1) looks for.
  private func lookedFor(_ argument: ByteString, by line: ByteString) -> Diagnosis? {
    let words = argument.split(on: 0x20).filter { !$0.isEmpty && $0 != "-S" }
    guard let name = words.first, !name.hasPrefix("-"), !name.contains(UInt8(ascii: "/")),
      !name.contains(UInt8(ascii: "=")), !isInPath(name)
    else { return nil }
    return Diagnosis(
      .execInterpreter,
      line + "looks for `" + name.escaped(limit: 60) + "` in PATH, which does not have it",
      hint: "install " + name.escaped(limit: 60) + ", or correct the #! line")
  }

  private func noexec(_ path: ByteString, _ file: SharedDescriptor) -> Diagnosis? {
    noExecMount(path, file).map { Diagnosis(.execNoexec, $0, hint: "take noexec off") }
  }

  /// The interpreter of a script, itself a program.
  private func binary(_ path: ByteString, _ status: FileStatus, _ depth: Int) -> Diagnosis? {
    switch ProgramFile(view.read(path, upTo: 16384)) {
    case .elf(let header): elf(path, header, status)
    case .faultyScript(let fault): faulty(path, fault)
    // The kernel goes on for four of them.
    case .script(let inner, let argument) where depth < 4:
      script(path, inner, argument, depth: depth + 1)
    case .script:
      Diagnosis(
        .execDanglingLink,
        "its interpreter is a script, whose interpreter is one, and so on: more than 5, or a circle",
        hint: "let the #! line of `" + path + "` name a program")
    case .empty, .text, .foreign, .zeros, .other: nil
    }
  }

  func elf(_ path: ByteString, _ header: ELFHeader, _ status: FileStatus) -> Diagnosis? {
    if let what = header.noProgram {
      return Diagnosis(
        .execArchitecture, "`" + path + "` is " + what, hint: "name the program that uses it")
    }
    if isOfUnknownFormat, !header.isForeign, header.machineName != ELFHeader.ownMachine {
      return Diagnosis(
        .execArchitecture,
        "`" + path + "` is built for " + header.machineName
          + ", which this kernel was not built or booted to execute",
        hint: "use an image for " + ELFHeader.ownMachine)
    }
    if header.isForeign {
      return Diagnosis(
        .execArchitecture,
        "`" + path + "` is built for " + header.machineName + ", this machine is "
          + ELFHeader.ownMachine + " and has no binfmt handler for it",
        hint: "use an image for " + ELFHeader.ownMachine)
    }
    if header.isTruncated || UInt64(header.size) > status.size {
      return Diagnosis(
        .execTruncated,
        "`" + path + "` is cut short: it has " + ByteString(decimal: status.size)
          + " bytes" + (header.isTruncated ? "" : " of " + ByteString(decimal: header.size)),
        hint: "copy it again")
    }
    guard let bytes = header.loader else { return nil }
    let loader = ByteString(view.read(path, from: bytes.lowerBound, upTo: bytes.count))
    let words: ByteString =
      "its loader `" + loader.escaped(limit: 200) + "` (the ELF interpreter of `" + path + "`) "
    switch view.find(absolute(loader), for: user) {
    case .missing(_, let link):
      if let link {
        return Diagnosis(
          .execLoader,
          words + "is a link to `" + link.target.escaped(limit: 200) + "`, which is not " + place,
          hint: "install the target, or correct the link `" + link.path + "`")
      }
      let isMusl = loader.hasPrefix("/lib/ld-musl")
      let isGlibc =
        loader.hasSuffix("/ld-linux-x86-64.so.2") || loader.hasSuffix("ld-linux-aarch64.so.1")
      let libc: ByteString = isMusl ? "musl" : isGlibc ? "glibc" : "the libc that it was built with"
      return Diagnosis(
        .execLoader, words + "is not " + place,
        hint: "install " + libc + ", or link the program statically")
    case .found(let real, _, let status):
      guard status.permissions & 0o111 == 0 || status.kind != .regular else { return nil }
      return Diagnosis(
        .execLoader,
        words + "cannot be executed: `" + real + "` is " + status.kind.title + " with "
          + status.rights,
        hint: status.kind == .regular
          ? "chmod +x " + onHost(real, status) : "put the loader's file there")
    case .closed(let directory, let status):
      return Diagnosis(
        .execLoader, words + "is out of reach: " + cannotSearch(directory, status),
        hint: "let others search it (chmod o+x " + onHost(directory, status) + ")")
    case .notDirectory, .endless, .unknown: return nil
    }
  }
}
