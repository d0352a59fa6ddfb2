package import Bytes
package import Linux

/// The directory that holds one directory for each container.
package struct StateRoot: Equatable, Sendable {
  /// Absolute.
  package let path: ByteString
  /// It was named with `--root`.
  package let isExplicit: Bool
  /// It lies in a session's `XDG_RUNTIME_DIR`, whose old files are swept unless they are sticky.
  let isSwept: Bool

  /// `explicit` (absolute), else `/run/apus`, else for a rootless caller `$XDG_RUNTIME_DIR/apus`.
  ///
  /// Podman sets `XDG_RUNTIME_DIR` to the empty string, which is unset; and real root never looks at
  /// it, or a root login shell and a service would see different containers.
  package init(explicit: ByteString?, runtimeDirectory: ByteString?, isRealRoot: Bool) {
    if let explicit {
      (path, isExplicit, isSwept) = (explicit, true, false)
    } else if !isRealRoot, let runtimeDirectory, runtimeDirectory.hasPrefix("/") {
      (path, isExplicit, isSwept) = (runtimeDirectory + "/apus", false, true)
    } else {
      (path, isExplicit, isSwept) = ("/run/apus", false, false)
    }
  }

  /// The open root, nil if there is none.
  package func open() throws(StateError) -> SharedDescriptor? {
    let root: SharedDescriptor
    do throws(SyscallError) {
      root = SharedDescriptor(try Handle.currentDirectory.open(path, [.directory]))
    } catch {
      if error.errno == .ENOENT { return nil }
      throw .system(error)
    }
    try check(root.handle)
    return root
  }

  /// The open root, made with its parents (0700) if there is none.
  package func create() throws(StateError) -> SharedDescriptor {
    if let root = try open() { return root }
    do throws(SyscallError) {
      try makeDirectory(path, mode: isSwept ? 0o1700 : 0o700)
    } catch {
      // A raw EACCES would make engines report that the container's program cannot be invoked.
      throw error.errno == .EACCES || error.errno == .EPERM
        ? .unsafeRoot(path, reason: "cannot be made; set XDG_RUNTIME_DIR or give --root")
        : .system(error)
    }
    guard let root = try open() else {
      throw .unsafeRoot(path, reason: "vanished while it was made")
    }
    return root
  }

  private func makeDirectory(_ path: ByteString, mode: UInt32) throws(SyscallError) {
    var end = path.count
    while end > 0, path[end - 1] == UInt8(ascii: "/") { end -= 1 }
    let trimmed = path.prefix(end)
    do throws(SyscallError) {
      try Handle.currentDirectory.makeDirectory(trimmed, mode: mode)
    } catch {
      // Two commands may make the root at the same time.
      if error.errno == .EEXIST { return }
      let parent = trimmed.directoryName
      guard error.errno == .ENOENT, parent != "/", parent != "." else { throw error }
      try makeDirectory(parent, mode: 0o700)
      do throws(SyscallError) {
        try Handle.currentDirectory.makeDirectory(trimmed, mode: mode)
      } catch {
        if error.errno != .EEXIST { throw error }
      }
    }
  }

  /// State that any user could have put there, or could change later, is refused: with write access to
  /// a directory on the way one can rename the next one away. A sticky directory such as `/tmp` is fine.
  /// Who owns a directory on the way, or is of a group that may write it, is trusted by whoever names a
  /// root there: `sudo apus --root state` in one's home directory.
  private func check(_ root: Handle) throws(StateError) {
    let status: FileStatus
    let parent: FileStatus
    do throws(SyscallError) {
      status = try root.status()
      parent = try root.status(ofEntry: "..")
    } catch {
      throw .system(error)
    }
    if status.isSameFile(as: parent) { throw .unsafeRoot(path, reason: "is the root directory") }
    if status.userID != Credentials.effectiveUserID {
      throw .unsafeRoot(path, reason: "belongs to another user")
    }
    if status.permissions & 0o022 != 0 {
      throw .unsafeRoot(path, reason: "can be written by others")
    }
    if parent.isOpenToOthers {
      throw .unsafeRoot(path, reason: "lies in a directory that others can write")
    }
    let isExposed: Bool
    do throws(SyscallError) { isExposed = try StateRoot.isExposed(root, below: parent) } catch {
      throw .system(error)
    }
    if isExposed {
      throw .unsafeRoot(path, reason: "lies below a directory that others can write")
    }
  }

  /// Whether one of the directories above `parent` can be written by others.
  private static func isExposed(_ root: Handle, below parent: FileStatus) throws(SyscallError)
    -> Bool
  {
    var path: ByteString = "../.."
    var last = parent
    // A path that the kernel takes has fewer than 4096 bytes, and so fewer levels.
    for _ in 0..<1300 {
      let above = try root.status(ofEntry: path)
      if above.isSameFile(as: last) { return false }
      if above.isOpenToOthers { return true }
      last = above
      path = path + "/.."
    }
    return false
  }
}

extension StateRoot {
  static var filterCacheName: ByteString { ".seccomp" }

  /// The same if there is one.
  package func existingFilterCache() throws(StateError) -> SharedDescriptor? {
    guard let root = try open() else { return nil }
    return try StateRoot.filterCache(below: root)
  }

  fileprivate static func filterCache(
    below root: SharedDescriptor
  ) throws(StateError) -> SharedDescriptor? {
    do throws(SyscallError) {
      return SharedDescriptor(try root.handle.open(filterCacheName, [.directory, .noFollow]))
    } catch {
      if error.errno == .ENOENT { return nil }
      throw .system(error)
    }
  }

  /// The directory of compiled seccomp filters; no id begins with a dot.
  package func filterCache() throws(StateError) -> SharedDescriptor {
    let root = try create()
    let name = StateRoot.filterCacheName
    do throws(SyscallError) {
      do throws(SyscallError) { try root.handle.makeDirectory(name, mode: 0o700) } catch {
        if error.errno != .EEXIST { throw error }
      }
      return SharedDescriptor(try root.handle.open(name, [.directory, .noFollow]))
    } catch {
      throw .system(error)
    }
  }
}

extension StateDirectory {
  /// That of the root, which has been checked.
  package func existingFilterCache() throws(StateError) -> SharedDescriptor? {
    try StateRoot.filterCache(below: root)
  }
}

extension FileStatus {
  /// Whether others may rename what is in this directory.
  fileprivate var isOpenToOthers: Bool { permissions & 0o1002 == 0o002 }
}
