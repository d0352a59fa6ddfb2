package import Bytes
package import Linux

// What leads to a container's processes without its record: init's identity beside it, a reader of its
// exec FIFO, and the mark on its cgroup, which outlives even the directory.
extension StateDirectory {
  static var initName: ByteString { "init" }

  /// Stores init's identity in one system call: a dangling symbolic link, whose target is written whole or not at all.
  package func saveInit(_ identity: InitIdentity) throws(SyscallError) {
    try making(StateDirectory.initName) { () throws(SyscallError) in
      try handle.makeSymlink(StateDirectory.initName, to: identity.text)
    }
  }

  /// nil if `create` did not get that far, or it was removed.
  package func loadInit() throws(SyscallError) -> InitIdentity? {
    do throws(SyscallError) {
      return InitIdentity(text: try handle.readLink(StateDirectory.initName))
    } catch {
      if error.errno == .ENOENT || error.errno == .EINVAL { return nil }
      throw error
    }
  }

  /// Whether there was a record once.
  package func lostRecord() throws(StateError) -> Bool {
    do throws(SyscallError) { return try loadInit() != nil } catch { throw .system(error) }
  }

  /// Whether a process waits at the exec FIFO.
  package func execFIFOIsHeld() throws(SyscallError) -> Bool {
    do throws(SyscallError) {
      guard try awaitsStart() else { return false }
      return try openExecFIFO() != nil
    } catch {
      if error.errno == .ENOENT { return false }
      throw error
    }
  }

  /// The mark without a path.
  package func bareMark() throws(SyscallError) -> ByteString {
    try ContainerMark(id, root: root.handle.status()).text
  }

  /// Marks a cgroup as this container's.
  package func mark(in stateRoot: StateRoot) throws(SyscallError) -> ByteString {
    try ContainerMark(id, root: root.handle.status()).text + stateRoot.path
  }
}

/// How the cgroup of a container is recognised without its directory. The state root is identified by its inode,
/// since a path may mean another one in another mount namespace; the path is for when that is gone.
package struct ContainerMark {
  /// What is followed by the path of the state root.
  let text: ByteString

  init(_ id: ContainerID, root: FileStatus) {
    text = id.text + " " + ContainerMark.identity(root) + " "
  }

  static func identity(_ root: FileStatus) -> ByteString {
    ByteString(decimal: root.device.major) + ":" + ByteString(decimal: root.device.minor) + ":"
      + ByteString(decimal: root.inode)
  }

  /// Says of a mark whether it is of the container `id` of a state root: nil if that is gone, when its
  /// path must do.
  package static func search(_ id: ContainerID, in root: StateRoot) throws(StateError) -> (
    isRootGone: Bool, (ByteString) -> Bool
  ) {
    guard let open = try root.open() else {
      return (true, { $0.hasPrefix(id.text + " ") && $0.hasSuffix(" " + root.path) })
    }
    do throws(SyscallError) {
      let mark = ContainerMark(id, root: try open.handle.status())
      return (false, { $0.hasPrefix(mark.text) })
    } catch {
      throw .system(error)
    }
  }
}

extension InitIdentity {
  fileprivate var text: ByteString {
    ByteString(decimal: pid) + " " + ByteString(decimal: startTime) + " " + bootID
  }

  fileprivate init?(text: ByteString) {
    let words = text.split(on: 0x20)
    guard words.count == 3, let pid = words[0].unsignedDecimal.flatMap({ Int32(exactly: $0) }),
      pid > 0, let start = words[1].unsignedDecimal
    else { return nil }
    self.init(pid: pid, startTime: start, bootID: words[2])
  }
}
