package import Bytes
package import Linux

/// The one way to a name below the root filesystem.
///
/// The tree belongs to an attacker, who may change it while we walk. So every look-up is one
/// openat2(2) that cannot leave the tree, its result is a handle that is never turned back into a
/// path, and what is made is made beside a handle, by a single name that is not followed
/// (CVE-2021-30465, CVE-2024-45310, CVE-2026-41579).
package struct InRootResolver {
  let root: Handle

  package init(root: Handle) { self.root = root }

  /// A handle on what is at `path`, links resolved within the tree.
  package func open(_ path: ByteString, _ flags: OpenFlags = .path) throws(SyscallError)
    -> FileDescriptor
  {
    try root.open(relative(path), flags, resolve: [.inRoot, .noMagicLinks])
  }

  /// As `open`, nil where nothing is.
  func openIfPresent(_ path: ByteString) throws(SyscallError) -> FileDescriptor? {
    do throws(SyscallError) { return try open(path) } catch {
      if error.errno == .ENOENT || error.errno == .ENOTDIR { return nil }
      throw error
    }
  }

  /// The directory `path`, made with its parents (0755) where it is missing.
  package func makeDirectories(_ path: ByteString) throws(SyscallError) -> FileDescriptor {
    do throws(SyscallError) {
      return try open(path, [.path, .directory])
    } catch {
      if error.errno != .ENOENT { throw error }
    }
    var names = path.components
    // Each round follows one dangling link; the kernel's own limit for links is 40.
    for _ in 0..<40 {
      if let directory = try makeRest(&names) { return directory }
    }
    throw SyscallError("mkdir", path, .ELOOP)
  }

  /// Opens the deepest directory that is there and makes the rest. Where a dangling link stands in
  /// the way, `names` becomes the path that it leads to, and nil is returned.
  private func makeRest(_ names: inout [ByteString]) throws(SyscallError) -> FileDescriptor? {
    var count = names.count
    var directory = SharedDescriptor(try root.duplicated())
    while count > 0 {
      do throws(SyscallError) {
        directory = SharedDescriptor(
          try open(Array(names.prefix(count)).joined(by: "/"), [.path, .directory]))
        break
      } catch {
        if error.errno != .ENOENT { throw error }
        count -= 1
      }
    }
    for (index, name) in names.enumerated().dropFirst(count) {
      // A step back from what does not exist yet could only lead somewhere else.
      if name == ".." { throw SyscallError("mkdir", name, .EINVAL) }
      do throws(SyscallError) {
        try directory.handle.makeDirectory(name, mode: 0o755)
      } catch {
        if error.errno != .EEXIST { throw error }
        if let target = try linkTarget(directory.handle, name) {
          let before = target.hasPrefix("/") ? [] : Array(names.prefix(index))
          names = before + target.components + names.dropFirst(index + 1)
          return nil
        }
      }
      directory = SharedDescriptor(
        try directory.handle.open(name, [.path, .directory, .noFollow]))
    }
    return try directory.handle.duplicated()
  }

  private func linkTarget(_ directory: Handle, _ name: ByteString) throws(SyscallError)
    -> ByteString?
  {
    do throws(SyscallError) { return try directory.readLink(name) } catch {
      if error.errno == .EINVAL { return nil }
      throw error
    }
  }

  /// The directory `path`, reached through directories only and no link at all.
  func makeRealDirectory(_ path: ByteString) throws(SyscallError) -> FileDescriptor {
    var directory = SharedDescriptor(try root.duplicated())
    for name in path.components {
      do throws(SyscallError) {
        directory = SharedDescriptor(
          try directory.handle.open(name, [.path, .directory, .noFollow], resolve: [.beneath]))
      } catch {
        if error.errno != .ENOENT { throw SyscallError("open", path, error.errno) }
        try directory.handle.makeDirectory(name, mode: 0o755)
        directory = SharedDescriptor(
          try directory.handle.open(name, [.path, .directory, .noFollow], resolve: [.beneath]))
      }
    }
    return try directory.handle.duplicated()
  }

  /// A handle on the file `path` for something to be mounted on; an empty file is made where nothing
  /// is. It is never opened: an attacker's fifo would block us.
  func makeFile(_ path: ByteString) throws(SyscallError) -> FileDescriptor {
    if let present = try openIfPresent(path) { return present }
    let (parent, name) = try makeParent(of: path)
    do throws(SyscallError) {
      try parent.handle.makeNode(name, .regular, mode: 0o644)
    } catch {
      if error.errno != .EEXIST { throw error }
      // A dangling link: the file belongs where it leads.
      if let target = try linkTarget(parent.handle, name) {
        let base = path.components.dropLast().map { $0 }.joined(by: "/")
        return try makeFileOnce(target.hasPrefix("/") ? target : base + "/" + target)
      }
    }
    return try parent.handle.open(name, [.path, .noFollow])
  }

  private func makeFileOnce(_ path: ByteString) throws(SyscallError) -> FileDescriptor {
    let (parent, name) = try makeParent(of: path)
    try parent.handle.makeNode(name, .regular, mode: 0o644)
    return try parent.handle.open(name, [.path, .noFollow])
  }

  /// The directory that `path` lies in, made where it is missing, and its last name.
  func makeParent(of path: ByteString) throws(SyscallError) -> (SharedDescriptor, ByteString) {
    let names = path.components
    guard let name = names.last, name != ".." else { throw SyscallError("open", path, .EINVAL) }
    let parent = names.dropLast().map { $0 }.joined(by: "/")
    return (SharedDescriptor(try makeDirectories(parent)), name)
  }

  private func relative(_ path: ByteString) -> ByteString {
    // openat2 takes a leading slash for the root too, but an empty path for an error.
    path.isEmpty ? "." : path
  }
}
