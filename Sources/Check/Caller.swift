import Bytes
import Linux

/// Who calls `create`, as far as it decides what can be opened.
package struct Caller: Equatable, Sendable {
  package var user: UInt32
  package var group: UInt32
  /// False where another user is asked about than the one that looks.
  package var isSelf: Bool

  package init(user: UInt32, group: UInt32, isSelf: Bool) {
    self.user = user
    self.group = group
    self.isSelf = isSelf
  }

  /// The directory on the way to `path` that the caller may not search, as the modes have it.
  func closedDirectory(on path: ByteString) -> (path: ByteString, status: FileStatus)? {
    if user == 0 { return nil }
    for directory in path.directoryName.ancestors.reversed() {
      guard let status = HostFile.status(directory), status.kind == .directory else { return nil }
      if !may(1, status) { return (directory, status) }
    }
    return nil
  }

  /// Whether the mode grants `bits` (4 read, 2 write, 1 search or execute).
  func may(_ bits: UInt32, _ status: FileStatus) -> Bool {
    if user == 0 { return true }
    let shift: UInt32 = status.userID == user ? 6 : status.groupID == group ? 3 : 0
    return status.mode >> shift & bits == bits
  }
}

/// Files of the host, looked at without waiting for anybody.
enum HostFile {
  /// nil where it cannot be read.
  static func text(_ path: ByteString, limit: Int = 1 << 20) -> ByteString? {
    do throws(SyscallError) {
      let file = SharedDescriptor(
        try Handle.currentDirectory.open(path, [.nonBlocking, .noControllingTerminal]))
      guard try file.handle.status().kind == .regular else { return nil }
      return ByteString(try file.handle.readAll(limit: limit))
    } catch {
      return nil
    }
  }

  /// The first line.
  static func line(_ path: ByteString) -> ByteString? {
    text(path)?.split(on: 0x0a).first
  }

  static func words(_ path: ByteString) -> [ByteString]? {
    line(path).map { $0.split(on: 0x20).filter { !$0.isEmpty } }
  }

  /// Links are followed; nil where nothing can be seen.
  static func status(_ path: ByteString) -> FileStatus? {
    do throws(SyscallError) {
      let file = SharedDescriptor(try Handle.currentDirectory.open(path, .path))
      return try file.handle.status()
    } catch {
      return nil
    }
  }

  static func isNamespace(_ path: ByteString) -> Bool {
    do throws(SyscallError) {
      let file = SharedDescriptor(
        try Handle.currentDirectory.open(path, [.nonBlocking, .noControllingTerminal]))
      return try !file.handle.namespaceKind().isEmpty
    } catch {
      return false
    }
  }

  /// Whether it is certain that nothing is there.
  static func isAbsent(_ path: ByteString) -> Bool {
    do throws(SyscallError) {
      _ = SharedDescriptor(try Handle.currentDirectory.open(path, .path))
      return false
    } catch {
      return error.errno == .ENOENT || error.errno == .ENOTDIR
    }
  }

  static func isReadOnly(_ path: ByteString) -> Bool {
    do throws(SyscallError) {
      let file = SharedDescriptor(try Handle.currentDirectory.open(path, .path))
      return try file.handle.filesystem().isReadOnly
    } catch {
      return false
    }
  }

  static func exists(_ path: ByteString) -> Bool { status(path) != nil }
}

extension FileStatus.Kind {
  var title: ByteString {
    switch self {
    case .regular: "a file"
    case .directory: "a directory"
    case .symlink: "a link"
    case .character, .block: "a device"
    case .fifo: "a fifo"
    case .socket: "a socket"
    case .other: "no file that can be told"
    }
  }
}
