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

  /// Whether symbolic links are followed, inside the root.
  package enum Links: Sendable {
    /// Followed, as if the tree's root were `/`.
    case follow
    /// All but the last component.
    case followParents
    /// None on the whole way: for `/proc` and `/sys`, which later writes must find again
    /// (CVE-2019-19921).
    case refuse
  }

  /// What a name is made as, where nothing is.
  package enum Kind: Sendable { case directory, file }

  /// A place to mount on, or to make names in.
  package struct Place {
    let descriptor: SharedDescriptor
    /// Whether nothing was there before.
    package let isNew: Bool
    package var handle: Handle { descriptor.handle }
  }

  /// A handle on what is at `path`.
  package func open(_ path: ByteString, _ flags: OpenFlags = .path, _ links: Links = .follow)
    throws(SyscallError) -> SharedDescriptor
  {
    var resolve: ResolveFlags = [.inRoot, .noMagicLinks]
    if links == .refuse { resolve.insert(.noSymlinks) }
    let flags = links == .followParents ? flags.union(.noFollow) : flags
    return SharedDescriptor(try root.open(path, flags, resolve: resolve))
  }

  /// As `open`, nil where nothing is.
  package func openIfPresent(_ path: ByteString) throws(SyscallError) -> SharedDescriptor? {
    do throws(SyscallError) { return try open(path) } catch {
      if error.errno == .ENOENT { return nil }
      throw error
    }
  }

  /// What is at `path`; where nothing is, it is made, and its parents too. Directories get the mode
  /// 0755, files 0644. A file is never opened for this: an attacker's fifo would block us.
  package func make(_ path: ByteString, _ kind: Kind, _ links: Links = .follow)
    throws(SyscallError) -> Place
  {
    do throws(SyscallError) {
      let flags: OpenFlags = kind == .directory ? [.path, .directory] : .path
      return Place(descriptor: try open(path, flags, links), isNew: false)
    } catch {
      if error.errno != .ENOENT { throw error }
    }
    var names = path.pathComponents
    // Each round follows one dangling link; 40 is the kernel's own limit for links.
    for _ in 0..<40 {
      if let place = try makeRest(&names, kind, links) { return place }
    }
    throw .violation(quoted(path) + " leads through more than 40 dangling symlinks", path)
  }

  /// Makes what `names` lacks. Where a dangling link stands in the way, `names` becomes the path that
  /// it leads to, and nil is returned.
  private func makeRest(_ names: inout [ByteString], _ kind: Kind, _ links: Links)
    throws(SyscallError) -> Place?
  {
    var (directory, count) = try deepestDirectory(
      names.dropLast(), links == .followParents ? .follow : links)
    // A step back from what does not exist yet could only lead somewhere else.
    if names.dropFirst(count).contains("..") {
      let path = names.joined(by: "/")
      throw .violation("`..` follows a directory that does not exist in " + quoted(path), path)
    }
    while count < names.count {
      let name = names[count]
      count += 1
      let isFile = kind == .file && count == names.count
      let isNew = try makeEntry(directory.handle, name, isFile: isFile)
      let isFollowed = links == .follow || links == .followParents && count < names.count
      if !isNew, isFollowed, let target = try linkTarget(directory.handle, name) {
        let before = target.hasPrefix("/") ? [] : names.prefix(count - 1)
        names = before + target.pathComponents + names.dropFirst(count)
        return nil
      }
      directory = SharedDescriptor(
        try directory.handle.open(
          name, isFile ? [.path, .noFollow] : [.path, .directory, .noFollow]))
      if count == names.count { return Place(descriptor: directory, isNew: isNew) }
    }
    return Place(descriptor: directory, isNew: false)
  }

  /// The longest beginning of `names` that is a directory, and how many names it has.
  private func deepestDirectory(_ names: ArraySlice<ByteString>, _ links: Links)
    throws(SyscallError) -> (SharedDescriptor, Int)
  {
    var count = names.count
    while count > 0 {
      do throws(SyscallError) {
        let path = Array(names.prefix(count)).joined(by: "/")
        return (try open(path, [.path, .directory], links), count)
      } catch {
        if error.errno != .ENOENT { throw error }
        count -= 1
      }
    }
    return (try open("/", [.path, .directory], links), 0)
  }

  /// False if something has the name already.
  private func makeEntry(_ directory: Handle, _ name: ByteString, isFile: Bool)
    throws(SyscallError) -> Bool
  {
    do throws(SyscallError) {
      if isFile {
        try directory.makeNode(name, .regular, mode: 0o644)
      } else {
        try directory.makeDirectory(name, mode: 0o755)
      }
      return true
    } catch {
      if error.errno == .EEXIST { return false }
      throw error
    }
  }

  /// Nil if the entry is no link.
  private func linkTarget(_ directory: Handle, _ name: ByteString) throws(SyscallError)
    -> ByteString?
  {
    do throws(SyscallError) { return try directory.readLink(name) } catch {
      if error.errno == .EINVAL { return nil }
      throw error
    }
  }
}
