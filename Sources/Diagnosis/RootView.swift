package import Bytes
package import Linux

/// A container's files as its processes would find them, looked at from outside and without following
/// anything out of it: every step of a path is opened by itself, links are read and never followed by
/// the kernel, and nothing is opened that could block.
package struct RootView: Sendable {
  /// A mount of the configuration, for a container that is not there to be looked at.
  package struct Mount: Sendable {
    package var pointer: ByteString
    /// Absolute and clean.
    package var destination: ByteString
    /// On the host; nil for a filesystem that was new.
    package var source: ByteString?
    package var isNoExec: Bool

    package init(
      pointer: ByteString, destination: ByteString, source: ByteString?, isNoExec: Bool
    ) {
      self.pointer = pointer
      self.destination = destination
      self.source = source
      self.isNoExec = isNoExec
    }
  }

  /// Who looks for the file, in the ids that the host sees.
  package struct User: Sendable {
    package var user: UInt32
    package var groups: [UInt32]
    /// Whether its capabilities let it pass every directory.
    package var passesAll: Bool
    /// As the configuration has it.
    package var name: ByteString

    package init(user: UInt32, groups: [UInt32], passesAll: Bool, name: ByteString) {
      self.user = user
      self.groups = groups
      self.passesAll = passesAll
      self.name = name
    }
  }

  /// What became of a path.
  package enum Outcome: Sendable {
    /// The path without links.
    case found(path: ByteString, file: SharedDescriptor, status: FileStatus)
    /// The first step that is not there, and the link whose target should have it.
    case missing(path: ByteString, link: Link?)
    case notDirectory(path: ByteString)
    /// A directory that the user may not search.
    case closed(path: ByteString, status: FileStatus)
    /// Links in a circle.
    case endless
    /// It lies in a filesystem that is gone, or cannot be looked at.
    case unknown(mount: Mount?)
  }

  package struct Link: Sendable {
    package var path: ByteString
    package var target: ByteString
  }

  private let root: SharedDescriptor
  private let mounts: [Mount]

  package init(root: SharedDescriptor, mounts: [Mount] = []) {
    self.root = root
    self.mounts = mounts
  }

  /// The root filesystem alone.
  var withoutMounts: RootView { RootView(root: root) }

  /// The mount that `path`, without links, lies on.
  package func mount(of path: ByteString) -> Mount? {
    var best: Mount?
    for mount in mounts
    where path == mount.destination || mount.destination == "/"
      || path.hasPrefix(mount.destination + "/")
    {
      if mount.destination.count >= best?.destination.count ?? 0 { best = mount }
    }
    return best
  }

  package func find(_ path: ByteString, for user: User?) -> Outcome {
    var rest = Array(path.split(on: UInt8(ascii: "/")).reversed())
    var at: ByteString = ""
    /// Those whose targets are being walked, and how many steps come after each.
    var followed = [(link: Link, rest: Int)]()
    var links = 0
    while let step = rest.popLast() {
      while let last = followed.last, rest.count < last.rest { followed.removeLast() }
      if step.isEmpty || step == "." { continue }
      if step == ".." {
        at = at.prefix(at.bytes.lastIndex(of: UInt8(ascii: "/")) ?? 0)
        continue
      }
      if let stop = refuses(at, for: user) { return stop }
      let next = at + "/" + step
      do throws(SyscallError) {
        let file = try open(next)
        let status = try file.handle.status()
        if status.kind == .symlink {
          links += 1
          if links > 40 { return .endless }
          let target = try file.handle.readLink("")
          followed.append((Link(path: next, target: target), rest.count))
          if target.hasPrefix("/") { at = "" }
          rest += target.split(on: UInt8(ascii: "/")).reversed()
          continue
        }
        at = next
      } catch {
        switch error.errno {
        case .ENOENT:
          let mount = mount(of: next)
          return mount.map { $0.source == nil } ?? false
            ? .unknown(mount: mount) : .missing(path: next, link: followed.last?.link)
        case .ENOTDIR: return .notDirectory(path: at)
        default: return .unknown(mount: mount(of: next))
        }
      }
    }
    do throws(SyscallError) {
      let file = try open(at.isEmpty ? "/" : at)
      return .found(path: at.isEmpty ? "/" : at, file: file, status: try file.handle.status())
    } catch {
      return .unknown(mount: mount(of: at))
    }
  }

  /// Whether the directory keeps the user out.
  private func refuses(_ path: ByteString, for user: User?) -> Outcome? {
    guard let user, !user.passesAll else { return nil }
    do throws(SyscallError) {
      let directory = try open(path.isEmpty ? "/" : path)
      let status = try directory.handle.status()
      if status.kind != .directory { return .notDirectory(path: path) }
      if !status.allows(1, user) { return .closed(path: path.isEmpty ? "/" : path, status: status) }
    } catch {}
    return nil
  }

  /// `path` has no links but perhaps in its last step, which is not followed.
  private func open(_ path: ByteString, _ flags: OpenFlags = [.path]) throws(SyscallError)
    -> SharedDescriptor
  {
    var directory = root
    var rest = path.dropFirst(1)
    if let mount = mount(of: path) {
      guard let source = mount.source else { throw SyscallError("open", path, .ENOENT) }
      // What the configuration says of the host is followed as `create` does.
      directory = SharedDescriptor(try Handle.currentDirectory.open(source, [.path]))
      rest = path.dropFirst(mount.destination == "/" ? 1 : mount.destination.count + 1)
      if rest.isEmpty, flags == [.path] { return directory }
    }
    return SharedDescriptor(
      try directory.handle.open(
        rest.isEmpty ? "." : rest, flags.union([.noFollow]),
        resolve: [.beneath, .noMagicLinks]))
  }

  /// The first `count` bytes from `offset` on of a regular file; empty where they cannot be read.
  package func read(_ path: ByteString, from offset: Int = 0, upTo count: Int) -> [UInt8] {
    do throws(SyscallError) {
      let found = try open(path)
      guard try found.handle.status().kind == .regular else { return [] }
      let file = try open(path, [.nonBlocking, .noControllingTerminal])
      guard try file.handle.status().kind == .regular else { return [] }
      if offset > 0 { try file.handle.seek(to: Int64(offset)) }
      return try file.handle.read(upTo: count)
    } catch {
      return []
    }
  }

  /// The names in a directory, at most 4096.
  package func names(in path: ByteString) -> [ByteString] {
    do throws(SyscallError) {
      let directory = try open(path, [.directory, .nonBlocking])
      return try directory.handle.entries().prefix(4096).map { $0.name }
    } catch {
      return []
    }
  }
}

extension FileStatus {
  /// Whether the mode lets `user` do this: 4 read, 2 write, 1 execute or search.
  package func allows(_ bit: UInt32, _ user: RootView.User) -> Bool {
    if userID == user.user { return permissions >> 6 & bit != 0 }
    if user.groups.contains(groupID) { return permissions >> 3 & bit != 0 }
    return permissions & bit != 0
  }

  /// `mode 0700, owner 0:0`.
  package var rights: ByteString {
    let digits = [
      permissions >> 9 & 7, permissions >> 6 & 7, permissions >> 3 & 7, permissions & 7,
    ]
    return "mode " + ByteString(digits.map { UInt8(ascii: "0") + UInt8($0) }) + ", owner "
      + ByteString(decimal: userID) + ":" + ByteString(decimal: groupID)
  }
}
