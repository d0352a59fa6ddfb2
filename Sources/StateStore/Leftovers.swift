package import Bytes
package import Linux

// What commands that were killed leave beside records.

/// A file that nobody will use again.
package struct Leftover {
  package let directory: SharedDescriptor
  /// In the directory.
  package let name: ByteString
  /// Below the state root.
  package let path: ByteString
  package let reason: ByteString

  package func remove() throws(SyscallError) {
    do throws(SyscallError) { try directory.handle.unlink(name) } catch {
      if error.errno != .ENOENT { throw error }
    }
  }
}

extension StateDirectory {
  /// Of a container that stays. Call it with the lock held.
  package func leftovers() throws(SyscallError) -> [Leftover] {
    let listing = SharedDescriptor(try handle.open(".", [.directory]))
    let names = try listing.handle.entries().map { $0.name }
    var found: [(ByteString, ByteString)] = []
    // Commands replace it with the lock held alone.
    let draft = "." + StateDirectory.recordName + ".new"
    if names.contains(draft) { found.append((draft, "the command that wrote it was killed")) }
    if names.contains(StateDirectory.resultName) && !names.contains(StateDirectory.execName) {
      found.append((StateDirectory.resultName, "the `start` that used it was killed"))
    }
    return found.map {
      Leftover(directory: listing, name: $0, path: id.text + "/" + $0, reason: $1)
    }
  }

  /// Whether everything in it has a name of the runtime's: a directory without a record may be another
  /// program's.
  package func isOurs() throws(SyscallError) -> Bool {
    let status = try handle.status()
    guard status.userID == Credentials.effectiveUserID, status.permissions & 0o077 == 0 else {
      return false
    }
    let known = [
      StateDirectory.execName, StateDirectory.resultName, StateDirectory.wordName,
      StateDirectory.configName, StateDirectory.initName, StateDirectory.notifyName,
      StateDirectory.endName, StateDirectory.poststopName,
    ]
    let listing = try handle.open(".", [.directory])
    return try listing.handle.entries().allSatisfy {
      $0.name == StateDirectory.recordName
        || known.contains($0.name) || $0.name.hasPrefix(".") && $0.name.hasSuffix(".new")
    }
  }
}

extension StateRoot {
  /// What device and inode the root is, as marks say it; nil without a root.
  package func identity() throws(StateError) -> ByteString? {
    guard let open = try open() else { return nil }
    do throws(SyscallError) { return ContainerMark.identity(try open.handle.status()) } catch {
      throw .system(error)
    }
  }

  /// Failures that nobody will ask for any more, and drafts of killed commands: of failures and of compiled filters.
  package func leftovers() throws(StateError) -> [Leftover] {
    guard let root = try open() else { return [] }
    do throws(SyscallError) {
      return try old(in: root) + drafts(in: root)
    } catch {
      throw .system(error)
    }
  }

  /// In seconds: how long a failure is kept, and how long its draft may take to be written.
  private static var keptFor: UInt64 { 30 * 86400 }
  private static var draftFor: UInt64 { 60 }

  private func old(in root: SharedDescriptor) throws(SyscallError) -> [Leftover] {
    let now = UInt64(max(0, Clock.realTime.seconds))
    return try entries(of: FailureStore.name, in: root) { name in
      // Twenty digits of nanoseconds.
      let digits = name.prefix(20).bytes.drop { $0 == UInt8(ascii: "0") }
      guard let moment = ByteString(digits).unsignedDecimal else { return nil }
      let age = now - min(now, moment / 1_000_000_000)
      if age > StateRoot.keptFor { return "kept for more than 30 days" }
      return name.hasSuffix(".new") && age > StateRoot.draftFor
        ? "the command that wrote it was killed" : nil
    }
  }

  private func drafts(in root: SharedDescriptor) throws(SyscallError) -> [Leftover] {
    try entries(of: StateRoot.filterCacheName, in: root) { name in
      guard name.hasPrefix("tmp."), let pid = name.dropFirst(4).unsignedDecimal,
        let pid = Int32(exactly: pid)
      else { return nil }
      do throws(SyscallError) {
        _ = try ProcessHandle.open(pid)
        return nil
      } catch {
        return error.errno == .ESRCH ? "the command that wrote it was killed" : nil
      }
    }
  }

  private func entries(
    of name: ByteString, in root: SharedDescriptor, _ reason: (ByteString) -> ByteString?
  ) throws(SyscallError) -> [Leftover] {
    let directory: SharedDescriptor
    do throws(SyscallError) {
      directory = SharedDescriptor(try root.handle.open(name, [.directory, .noFollow]))
    } catch {
      if error.errno == .ENOENT { return [] }
      throw error
    }
    let status = try directory.handle.status()
    guard status.userID == Credentials.effectiveUserID, status.permissions & 0o077 == 0 else {
      return []
    }
    return try directory.handle.entries().compactMap { entry in
      reason(entry.name).map {
        Leftover(
          directory: directory, name: entry.name, path: name + "/" + entry.name, reason: $0)
      }
    }
  }
}

/// What the mark of a cgroup says.
package struct ReadMark {
  package let id: ByteString
  /// As `StateRoot.identity`.
  package let root: ByteString
  package let path: ByteString

  package init?(_ text: ByteString) {
    guard let (id, rest) = text.cut(at: 0x20), let (root, path) = rest.cut(at: 0x20) else {
      return nil
    }
    (self.id, self.root, self.path) = (id, root, path)
  }
}

extension ReadMark {
  /// For messages.
  package var name: ByteString {
    "container `" + id.escaped(limit: 200) + "` of the state root `" + path.escaped(limit: 200)
      + "`"
  }

  package func isSame(as mark: ByteString) -> Bool {
    ReadMark(mark).map { $0.id == id && $0.root == root } ?? false
  }

  /// The container, nil if it is no more, or the one of `mark`. A root that cannot be looked at may have it.
  package func owner(except mark: ByteString) -> ByteString? {
    if isSame(as: mark) { return nil }
    do throws(StateError) {
      let stateRoot = StateRoot(explicit: path, runtimeDirectory: nil, isRealRoot: false)
      guard try stateRoot.identity() == root else { return nil }
      _ = try StateDirectory.open(ContainerID(id), in: stateRoot)
    } catch {
      if case .doesNotExist = error { return nil }
    }
    return name
  }
}
