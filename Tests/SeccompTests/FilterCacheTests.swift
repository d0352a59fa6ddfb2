import Bytes
import Linux
import OCISpec
import Testing

@testable import Seccomp

@Suite("FilterCache")
struct FilterCacheTests {
  private let kernel = KernelVersion(6, 1)

  private func plan(_ names: [ByteString] = ["read", "write"]) throws -> SeccompPlan {
    let section = SeccompSection(
      defaultAction: "SCMP_ACT_ERRNO",
      syscalls: [.init(names: names, action: "SCMP_ACT_ALLOW")])
    return try #require(
      try SeccompPlan.make(section, noNewPrivileges: false, kernel: kernel, pointer: "/s"))
  }

  /// Runs `body` with an empty directory that is gone afterwards.
  private func withDirectory(_ name: ByteString, _ body: (Handle) throws -> Void) throws {
    let parent = try Handle.currentDirectory.open("/tmp", [.path, .directory])
    let entry = "apus-cache-" + name + "-" + ByteString(decimal: ThisProcess.id)
    try parent.handle.makeDirectory(entry, mode: 0o700)
    let directory = try parent.handle.open(entry, [.readOnly, .directory])
    defer {
      #expect(throws: Never.self) {
        let again = try parent.handle.open(entry, [.readOnly, .directory])
        for left in try again.handle.entries() { try directory.handle.unlink(left.name) }
        try parent.handle.removeDirectory(entry)
      }
    }
    try body(directory.handle)
  }

  private func write(_ bytes: [UInt8], to name: ByteString, in directory: Handle) throws {
    let file = try directory.open(name, [.writeOnly, .create, .truncate], mode: 0o600)
    try file.handle.writeAll(bytes)
  }

  private func read(_ name: ByteString, in directory: Handle) throws -> [UInt8] {
    let file = try directory.open(name, .readOnly)
    return try file.handle.readAll(limit: 1 << 20)
  }

  private func names(in directory: Handle) throws -> [ByteString] {
    let listing = try directory.open(".", [.readOnly, .directory])
    return try listing.handle.entries().map(\.name)
  }

  /// Which of two programs the cache gave: the marked one can only come from the file.
  private func mark(_ plan: SeccompPlan, in directory: Handle) throws -> SeccompProgram {
    let key = FilterKey(plan, kernel: kernel)
    let entry = CacheEntry(program: [6, 0, 0, 0, 0, 0, 0xff, 0x7f], unknownNames: ["odd"])
    try write(entry.encoded(key), to: key.fileName, in: directory)
    return SeccompProgram(bytes: entry.program, unknownNames: ["odd"], plan: plan)
  }

  @Test("a program is stored with mode 0600 and found again, warnings too")
  func roundTrip() throws {
    try withDirectory("round") { directory in
      let plan = try plan(["read", "no_such_call"])
      let cache = FilterCache(directory: directory)
      let first = try cache.program(for: plan, kernel: kernel)
      let name = FilterKey(plan, kernel: kernel).fileName
      #expect(try directory.status(ofEntry: name).permissions == 0o600)
      #expect(try names(in: directory).count == 1)
      #expect(try cache.program(for: plan, kernel: kernel) == first)
      let marked = try mark(plan, in: directory)
      #expect(try cache.program(for: plan, kernel: kernel) == marked)
    }
  }

  @Test("an entry of another plan, kernel or library is not used, whatever its name")
  func otherKey() throws {
    try withDirectory("key") { directory in
      let (plan, other) = (try plan(), try plan(["read"]))
      _ = try mark(other, in: directory)
      let bytes = try read(FilterKey(other, kernel: kernel).fileName, in: directory)
      try write(bytes, to: FilterKey(plan, kernel: kernel).fileName, in: directory)
      let program = try FilterCache(directory: directory).program(for: plan, kernel: kernel)
      #expect(program == (try FilterCompiler.compile(plan)))
      #expect(
        FilterKey(plan, kernel: kernel).bytes != FilterKey(plan, kernel: KernelVersion(6, 2)).bytes)
    }
  }

  @Test("what the program does not depend on does not split the cache")
  func keyIsTheProgram() throws {
    var later = try plan()
    later.flags = 2
    later.needsRights = false
    later.pointer = "/elsewhere"
    #expect(try FilterKey(plan(), kernel: kernel).bytes == FilterKey(later, kernel: kernel).bytes)
  }

  @Test("an entry with any byte changed, cut or added is compiled anew")
  func damage() throws {
    try withDirectory("damage") { directory in
      let plan = try plan()
      let good = try mark(plan, in: directory)
      let compiled = try FilterCompiler.compile(plan)
      let cache = FilterCache(directory: directory)
      let name = FilterKey(plan, kernel: kernel).fileName
      let bytes = try read(name, in: directory)
      #expect(try cache.program(for: plan, kernel: kernel) == good)
      var damaged = bytes.indices.map { index in
        var copy = bytes
        copy[index] ^= 0x20
        return copy
      }
      damaged += [[], Array(bytes.dropLast()), Array(bytes.prefix(40)), bytes + [0]]
      for entry in damaged {
        try write(entry, to: name, in: directory)
        #expect(try cache.program(for: plan, kernel: kernel) == compiled)
        #expect(try read(name, in: directory) != entry)
      }
    }
  }

  private let text = [UInt8](#"{"defaultAction": "SCMP_ACT_ERRNO"}"#.utf8)[...]

  @Test("what was made of a section is found by how it is written, with all that is to be told")
  func sections() throws {
    try withDirectory("text") { directory in
      var plan = try plan(["read", "no_such_call", "execve"])
      plan.rules[0].action = Action.log
      plan.rules.append(
        .init(names: ["no_other_call"], action: Action.killProcess, conditions: [], position: 1))
      plan.text = text
      plan.flags = 6
      let cache = FilterCache(directory: directory)
      let compiled = try cache.program(for: plan, kernel: kernel)
      #expect(compiled == (try FilterCompiler.compile(plan)))
      let known = try #require(cache.known(text, kernel: kernel))
      #expect(known.flags == 6 && known.defaultAction == plan.defaultAction)
      let section = SeccompSection(known: known)
      let again = try SeccompPlan.make(
        section, noNewPrivileges: true, kernel: kernel, pointer: "/elsewhere")
      let program = try #require(again?.known)
      #expect(again?.pointer == "/elsewhere" && again?.needsRights == false)
      #expect(program.filter == compiled.filter && !program.usesListener)
      #expect(program.unknownNames == ["no_other_call", "no_such_call"])
      #expect(program.restrictedNames == compiled.restrictedNames)
      #expect(program.restrictedNames == ["no_other_call"])
      #expect(cache.known(text + [0x20], kernel: kernel) == nil)
      #expect(cache.known(text.dropLast(), kernel: kernel) == nil)
      #expect(cache.known(text, kernel: KernelVersion(6, 2)) == nil)
    }
  }

  @Test("an entry of a section with any byte changed, cut or added is no entry")
  func damagedSection() throws {
    try withDirectory("damaged-text") { directory in
      var plan = try plan(["read", "execve"])
      plan.text = text
      let cache = FilterCache(directory: directory)
      _ = try cache.program(for: plan, kernel: kernel)
      let name = FilterKey(text: text, kernel: kernel).fileName
      let bytes = try read(name, in: directory)
      #expect(cache.known(text, kernel: kernel) != nil)
      var damaged = bytes.indices.flatMap { index in
        ([1, 0x20, 0x80] as [UInt8]).map { bit in
          var copy = bytes
          copy[index] ^= bit
          return copy
        }
      }
      damaged += [[], Array(bytes.dropLast()), Array(bytes.prefix(40)), bytes + [0]]
      for entry in damaged {
        try write(entry, to: name, in: directory)
        #expect(cache.known(text, kernel: kernel) == nil)
      }
    }
  }

  @Test("a plan that refuses the program, or has somebody listen, is not known by its text")
  func unknownSections() throws {
    try withDirectory("refusing") { directory in
      var refusing = try plan(["read"])
      refusing.text = text
      var notifying = try plan(["read", "execve"])
      notifying.listener = NotifyListener(path: "/agent")
      notifying.text = text
      let cache = FilterCache(directory: directory)
      for plan in [refusing, notifying] {
        _ = try cache.program(for: plan, kernel: kernel)
        #expect(cache.known(text, kernel: kernel) == nil)
      }
    }
  }

  @Test("a link, or a file that others may read, is not used")
  func hostileEntry() throws {
    try withDirectory("hostile") { directory in
      let plan = try plan()
      let marked = try mark(plan, in: directory)
      let compiled = try FilterCompiler.compile(plan)
      let cache = FilterCache(directory: directory)
      let name = FilterKey(plan, kernel: kernel).fileName
      try directory.changeMode(ofEntry: name, 0o644)
      #expect(try cache.program(for: plan, kernel: kernel) == compiled)
      _ = try mark(plan, in: directory)
      #expect(try cache.program(for: plan, kernel: kernel) == marked)
      try directory.rename(name, to: "elsewhere")
      try directory.makeSymlink(name, to: "elsewhere")
      #expect(try cache.program(for: plan, kernel: kernel) == compiled)
      #expect(try directory.status(ofEntry: name).kind == .regular)
    }
  }

  @Test("a full cache is emptied, left-over files of a killed process too")
  func eviction() throws {
    try withDirectory("full") { directory in
      for number in 0..<FilterCache.maximumEntries {
        try write([1], to: ByteString(decimal: number), in: directory)
      }
      _ = try FilterCache(directory: directory).program(for: plan(), kernel: kernel)
      #expect(try names(in: directory).count == 1)
    }
  }

  @Test("a left-over temporary file costs one entry and no container")
  func leftover() throws {
    try withDirectory("leftover") { directory in
      let temporary: ByteString = "tmp." + ByteString(decimal: ThisProcess.id)
      try write([1], to: temporary, in: directory)
      let cache = FilterCache(directory: directory)
      _ = try cache.program(for: plan(), kernel: kernel)
      _ = try cache.program(for: plan(), kernel: kernel)
      #expect(try names(in: directory) == [FilterKey(plan(), kernel: kernel).fileName])
    }
  }

  @Test("a directory that is gone costs no container")
  func noDirectory() throws {
    let cache = FilterCache(directory: Handle(raw: -1))
    #expect(try cache.program(for: plan(), kernel: kernel) == FilterCompiler.compile(plan()))
  }

  /// What each of these is compiled to, as a checksum, by this version of libseccomp on this architecture.
  private static let compiled: (format: UInt32, library: [UInt32], checksums: [UInt64]) = (
    3, [2, 5, 4], [0x401a_36a5_02f2_0fc9, 0x97e9_5066_7b8d_7aab, 0xe2ba_9562_9145_d9c8]
  )

  private var examples: [SeccompSection] {
    [
      SeccompSection(
        defaultAction: "SCMP_ACT_ERRNO",
        syscalls: [.init(names: ["read", "write"], action: "SCMP_ACT_ALLOW")]),
      SeccompSection(
        defaultAction: "SCMP_ACT_ERRNO", defaultErrnoRet: 38,
        architectures: ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"],
        syscalls: [
          .init(names: ["read", "write", "execve"], action: "SCMP_ACT_ALLOW"),
          .init(
            names: ["personality"], action: "SCMP_ACT_ALLOW",
            args: [.init(index: 0, value: 8, op: "SCMP_CMP_EQ")]),
          .init(
            names: ["clone"], action: "SCMP_ACT_ALLOW",
            args: [.init(index: 0, value: 2_114_060_288, valueTwo: 0, op: "SCMP_CMP_MASKED_EQ")]),
        ]),
      SeccompSection(
        defaultAction: "SCMP_ACT_ALLOW",
        syscalls: [
          .init(
            names: ["kexec_load", "reboot", "add_key"], action: "SCMP_ACT_ERRNO", errnoRet: 1),
          .init(names: ["ptrace"], action: "SCMP_ACT_KILL_PROCESS"),
        ]),
    ]
  }

  @Test(
    "what a plan is compiled to changes with the format of the key, or filters that were kept would be used"
  )
  func format() throws {
    let version = FilterCompiler.version
    let library = [version.major, version.minor, version.micro]
    let checksums = try examples.map { section in
      let plan = try #require(
        try SeccompPlan.make(section, noNewPrivileges: false, kernel: kernel, pointer: "/s"))
      return Checksum.of(try FilterCompiler.compile(plan).bytes[...])
    }
    // Whoever raises the format writes the checksums anew, so that the next change is seen.
    #expect(FilterKey.format == Self.compiled.format)
    #if arch(x86_64)
      // Another library compiles otherwise, which the key has.
      if library == Self.compiled.library {
        #expect(
          checksums == Self.compiled.checksums,
          "raise FilterKey.format, then these are \(checksums.map { String($0, radix: 16) })")
      }
    #endif
  }
}
