package import Bytes
import JSON
package import Linux

/// The directory of one container below the state root. Everything in it is reached through its
/// descriptor, by fixed names only.
package final class StateDirectory: Sendable {
  package let id: ContainerID
  let root: SharedDescriptor
  private let directory: SharedDescriptor
  package var handle: Handle { directory.handle }

  private init(id: ContainerID, root: SharedDescriptor, directory: SharedDescriptor) {
    self.id = id
    self.root = root
    self.directory = directory
  }

  /// Makes the directory and so claims the id: of two that try, one gets `alreadyExists` (OP-3).
  /// Holds the lock; the directory has no record.
  package static func claim(_ id: ContainerID, in root: StateRoot) throws(StateError) -> (
    StateDirectory, StateLock
  ) {
    let parent = try root.create()
    return try take(.new, id, below: parent)
  }

  /// The directory of a container that exists, perhaps one whose `create` died early, with its lock.
  package static func locked(_ id: ContainerID, in root: StateRoot) throws(StateError) -> (
    StateDirectory, StateLock
  ) {
    guard let parent = try root.open() else { throw .doesNotExist }
    return try take(.existing, id, below: parent)
  }

  /// The same without the lock.
  package static func open(_ id: ContainerID, in root: StateRoot) throws(StateError)
    -> StateDirectory
  {
    guard let parent = try root.open() else { throw .doesNotExist }
    return try open(id, below: parent)
  }

  static func open(_ id: ContainerID, below parent: SharedDescriptor) throws(StateError)
    -> StateDirectory
  {
    do throws(SyscallError) {
      let directory = try parent.handle.open(id.text, [.directory, .noFollow])
      return StateDirectory(id: id, root: parent, directory: SharedDescriptor(directory))
    } catch {
      throw error.errno == .ENOENT || error.errno == .ENOTDIR ? .doesNotExist : .system(error)
    }
  }

  /// Waits for the container's lock, then makes sure that the container was not deleted meanwhile.
  package func lock(milliseconds: Int64 = StateLock.timeout) throws(StateError) -> StateLock {
    try StateDirectory.take(
      .opened, id, below: root, directory: self, milliseconds: milliseconds
    ).1
  }

  /// Whether a command holds the container's lock now.
  package func isLocked() throws(StateError) -> Bool { try StateLock.isHeld(on: handle) }

  /// Removes the directory with everything in it. Call it with the lock held, when nothing that the
  /// record names is left.
  package func remove() throws(StateError) {
    do throws(SyscallError) {
      // An open directory is read once; opening it anew reads it from the start.
      let listing = SharedDescriptor(try handle.open(".", [.directory]))
      let entries: [DirectoryEntry]
      do throws(SyscallError) { entries = try listing.handle.entries() } catch {
        // It was removed before, and the name may be another's.
        if error.errno == .ENOENT { return }
        throw error
      }
      // What a repeated deletion goes by is removed last.
      try TreeRemoval.empty(listing, of: entries.sorted { rank($0.name) < rank($1.name) })
      try TreeRemoval.unlessGone { () throws(SyscallError) in
        try root.handle.removeDirectory(id.text)
      }
    } catch {
      throw .system(error)
    }
  }

  /// Without the configuration no hook runs, so its count may follow.
  private func rank(_ name: ByteString) -> Int {
    switch name {
    case StateDirectory.configName: 1
    case StateDirectory.poststopName: 2
    case StateDirectory.recordName: 3
    default: 0
    }
  }
}

extension StateDirectory {
  /// The text of one of the runtime's files, nil if it does not exist.
  func read(_ name: ByteString, limit: Int) throws(SyscallError) -> [UInt8]? {
    do throws(SyscallError) {
      // Non-blocking: a FIFO or device that was put here must not block the command.
      let file = try handle.open(name, [.noFollow, .nonBlocking])
      let status = try file.handle.status()
      guard status.kind == .regular else {
        throw .unmet(quoted(name) + " is not a regular file", name)
      }
      guard status.size <= UInt64(limit) else {
        throw .unmet(
          quoted(name) + " is larger than " + ByteString(decimal: UInt64(limit)) + " bytes", name)
      }
      // These files never grow: a new version is another file, renamed into place.
      let bytes = try file.handle.read(upTo: Int(status.size) + 1)
      if bytes.count == Int(status.size) { return bytes }
      return bytes + (try file.handle.readAll(limit: limit - min(limit, bytes.count)))
    } catch {
      if error.errno == .ENOENT { return nil }
      throw error
    }
  }

  /// Replaces a file as a whole: a reader, also after this command was killed, sees the
  /// old text or the new one. It is not forced to the disk: after a power failure no process of the
  /// record is left, its boot id says so, and `delete --force` removes even a damaged one.
  func replace(_ name: ByteString, with bytes: [UInt8]) throws(SyscallError) {
    try prepare(name, with: bytes)
    try publish(name)
  }

  /// The two halves of `replace`.
  func prepare(_ name: ByteString, with bytes: [UInt8]) throws(SyscallError) {
    try making(name) { () throws(SyscallError) in
      try write(bytes, to: StateDirectory.temporary(name))
    }
  }

  func publish(_ name: ByteString) throws(SyscallError) {
    try making(name) { () throws(SyscallError) in
      try handle.rename(StateDirectory.temporary(name), to: name)
    }
  }

  private static func temporary(_ name: ByteString) -> ByteString { "." + name + ".new" }

  private func write(_ bytes: [UInt8], to name: ByteString) throws(SyscallError) {
    let file = try handle.open(name, [.writeOnly, .create, .truncate, .noFollow], mode: 0o600)
    try file.handle.writeAll(bytes)
  }

  /// What makes something of this name: an error says where, to show which disk is full.
  func making<Result>(_ name: ByteString, _ body: () throws(SyscallError) -> Result)
    throws(SyscallError) -> Result
  {
    do throws(SyscallError) { return try body() } catch {
      throw error.about(id.text + "/" + name)
    }
  }
}

extension StateDirectory {
  static var notifyName: ByteString { "notify" }

  /// Where the directory that the container gets to say that it is ready will be.
  package static func notifyPath(_ id: ByteString, in root: StateRoot) -> ByteString {
    root.path + "/" + id + "/" + notifyName
  }

  /// Makes it, accessible to every user of the container.
  package func makeNotifyDirectory() throws(SyscallError) {
    try making(StateDirectory.notifyName) { () throws(SyscallError) in
      try handle.makeDirectory(StateDirectory.notifyName, mode: 0o700)
      try handle.changeMode(ofEntry: StateDirectory.notifyName, 0o755)
    }
  }

  /// nil for a container that has none.
  package func openNotifyDirectory() throws(SyscallError) -> SharedDescriptor? {
    do throws(SyscallError) {
      return SharedDescriptor(
        try handle.open(StateDirectory.notifyName, [.directory, .noFollow]))
    } catch {
      if error.errno == .ENOENT { return nil }
      throw error
    }
  }
}

extension StateDirectory {
  static let configName: ByteString = "config.json"
  /// No configuration of an engine comes near it.
  static var configLimit: Int { JSONLimit.size }

  /// Keeps the bundle's configuration: later changes of the bundle have no effect (OP-6).
  package func saveConfig(_ bytes: [UInt8]) throws(StateError) {
    do throws(SyscallError) {
      try making(StateDirectory.configName) { () throws(SyscallError) in
        try write(bytes, to: StateDirectory.configName)
      }
    } catch {
      throw .system(error)
    }
  }

  /// The configuration that `create` was given, nil if it died before it was kept.
  package func loadConfig() throws(StateError) -> [UInt8]? {
    do throws(SyscallError) {
      return try read(StateDirectory.configName, limit: StateDirectory.configLimit)
    } catch {
      throw .system(error)
    }
  }
}
