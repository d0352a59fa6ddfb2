import Bytes
package import Linux
package import OCISpec

/// Compiled filters on disk, so that a profile is compiled once and not for each container: the
/// compiler takes longer than everything else of a `run`.
///
/// An entry is found by a hash and taken for its content: it holds all that it was made of, and is used only if that
/// equals what is asked for, byte by byte. Mostly that is the section of the configuration as it is written, so that it is
/// not even read; the plan where the program is not all that matters. The directory lies below the
/// state root, whose owner and mode have been checked; entries are checked again. Whatever is wrong
/// with an entry, the filter is compiled anew: the cache never fails a container.
package struct FilterCache {
  /// More entries than an engine has profiles. A full cache is emptied.
  static var maximumEntries: Int { 64 }
  /// A plan of 8192 names and a program of 4096 instructions fit.
  static var maximumSize: Int { 1 << 20 }

  private let directory: Handle

  package init(directory: Handle) { self.directory = directory }

  /// What became of a section that is written like this, nil if there was none or it was not all.
  package func known(_ text: ArraySlice<UInt8>, kernel: KernelVersion) -> KnownFilter? {
    load(FilterKey(text: text, kernel: kernel))?.known
  }

  /// The program of `plan`, from the cache or compiled.
  package func program(
    for plan: SeccompPlan, kernel: KernelVersion
  ) throws(ConfigError) -> SeccompProgram {
    if let text = plan.text, plan.listener == nil {
      let program = try FilterCompiler.compile(plan)
      // What refuses the program itself is told with the rule that does.
      if plan.refusal(by: program) == nil {
        store(CacheEntry(program, of: plan), FilterKey(text: text, kernel: kernel))
      }
      return program
    }
    let key = FilterKey(plan, kernel: kernel)
    if let entry = load(key) {
      return SeccompProgram(bytes: entry.program, unknownNames: entry.unknownNames, plan: plan)
    }
    let program = try FilterCompiler.compile(plan)
    store(CacheEntry(program: program.bytes, unknownNames: program.unknownNames), key)
    return program
  }

  private func load(_ key: FilterKey) -> CacheEntry? {
    do throws(SyscallError) {
      let file = try directory.open(key.fileName, [.readOnly, .noFollow, .nonBlocking])
      let status = try file.handle.status()
      guard status.kind == .regular, status.userID == Credentials.effectiveUserID,
        status.permissions & 0o077 == 0, status.size <= UInt64(FilterCache.maximumSize)
      else { return nil }
      let bytes = try file.handle.read(upTo: Int(status.size) + 1)
      return CacheEntry(bytes, key: key)
    } catch {
      return nil
    }
  }

  /// Written under a temporary name and renamed, so that a reader sees all of it or nothing. No fsync: an
  /// entry that a crash of the machine left broken fails its checksum.
  private func store(_ entry: CacheEntry, _ key: FilterKey) {
    let bytes = entry.encoded(key)
    if bytes.count > FilterCache.maximumSize { return }
    let temporary: ByteString = "tmp." + ByteString(decimal: ThisProcess.id)
    do throws(SyscallError) {
      try makeRoom()
      let file = try directory.open(
        temporary, [.writeOnly, .create, .exclusive, .noFollow], mode: 0o600)
      try file.handle.writeAll(bytes)
      try directory.rename(temporary, to: key.fileName)
    } catch {
      remove(temporary)
    }
  }

  private func makeRoom() throws(SyscallError) {
    let listing = try directory.open(".", [.readOnly, .directory])
    let entries = try listing.handle.entries()
    if entries.count < FilterCache.maximumEntries { return }
    for entry in entries { remove(entry.name) }
  }

  private func remove(_ name: ByteString) {
    do throws(SyscallError) {
      try directory.unlink(name)
    } catch {
      // Gone already, or it stays and the cache does without.
    }
  }
}
