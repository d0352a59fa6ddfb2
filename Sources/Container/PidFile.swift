package import Bytes
package import Linux
package import Report

/// The file with the pid that engines wait for, once it is written.
package struct PidFile {
  private let parent: SharedDescriptor
  /// nil where the caller named a link, a pipe or a descriptor: it stays, with nothing in it.
  private let name: ByteString?
  private let file: SharedDescriptor

  /// Opened before anything is made, so that a path that leads nowhere is refused then.
  package static func directory(of path: ByteString) throws(CommandFailure) -> SharedDescriptor {
    do throws(SyscallError) {
      return SharedDescriptor(
        try Handle.currentDirectory.open(path.directoryName, [.path, .directory]))
    } catch {
      throw refusal(path, error)
    }
  }

  private static func refusal(_ path: ByteString, _ error: SyscallError) -> CommandFailure {
    CommandFailure(
      "cannot write the pid file `" + path.escaped(limit: 200) + "`: " + error.errno.symbol)
  }

  /// Decimal digits and nothing else: readers poll for it, and so never see a part of it.
  package static func write(_ path: ByteString, _ pid: Int32, in parent: SharedDescriptor)
    throws(CommandFailure) -> PidFile
  {
    let name = path.baseName
    do throws(SyscallError) {
      let text = ByteString(decimal: pid)
      if CallerPath.descriptor(path) != nil { return try through(path, parent, text) }
      if let file = try nameless(in: parent.handle) {
        try file.handle.writeOnce(text, subject: path)
        guard try link(file.handle, parent.handle, name) else {
          return try through(path, parent, text)
        }
        return PidFile(parent: parent, name: name, file: file)
      }
      if try !isOurs(name, parent.handle) { return try through(path, parent, text) }
      return PidFile(
        parent: parent, name: name, file: try replace(name, in: parent.handle, with: text))
    } catch {
      throw refusal(path, error)
    }
  }

  /// A file without a name until it is linked, so a killed command leaves no temporary file. nil
  /// where the filesystem has none.
  private static func nameless(in parent: Handle) throws(SyscallError) -> SharedDescriptor? {
    do throws(SyscallError) {
      return SharedDescriptor(try parent.open(".", [.writeOnly, .temporary], mode: 0o644))
    } catch {
      if error.errno == .EOPNOTSUPP || error.errno == .EISDIR { return nil }
      throw error
    }
  }

  /// Whether the name is free or a file's, to be replaced as a whole.
  private static func isOurs(_ name: ByteString, _ parent: Handle) throws(SyscallError) -> Bool {
    do throws(SyscallError) { return try parent.status(ofEntry: name).kind == .regular } catch {
      if error.errno == .ENOENT { return true }
      throw error
    }
  }

  /// Writes to what a link leads to, or to a pipe: the name itself is the caller's.
  private static func through(
    _ path: ByteString, _ parent: SharedDescriptor, _ text: ByteString
  ) throws(SyscallError) -> PidFile {
    let file = try CallerPath.open(path, [.writeOnly, .create, .truncate], mode: 0o644)
    try file.handle.writeOnce(text, subject: path)
    return PidFile(parent: parent, name: nil, file: file)
  }

  /// False where the name is not ours to replace.
  private static func link(_ file: Handle, _ parent: Handle, _ name: ByteString)
    throws(SyscallError) -> Bool
  {
    var attempts = 0
    while true {
      do throws(SyscallError) {
        try file.link(to: name, in: parent)
        return true
      } catch {
        attempts += 1
        guard error.errno == .EEXIST, attempts < 16 else { throw error }
      }
      if try !isOurs(name, parent) { return false }
      // A pid of another time.
      try parent.unlink(name)
    }
  }

  private static func replace(_ name: ByteString, in parent: Handle, with text: ByteString)
    throws(SyscallError) -> SharedDescriptor
  {
    // A name with our pid: a temporary file that another command left behind must not stop us.
    let temporary = "." + name.prefix(200) + "." + ByteString(decimal: ThisProcess.id)
    let file = SharedDescriptor(
      try parent.open(temporary, [.writeOnly, .create, .exclusive, .noFollow], mode: 0o644))
    do throws(SyscallError) {
      try file.handle.writeOnce(text, subject: name)
      try parent.rename(temporary, to: name)
    } catch {
      // What came first is what there is to say.
      do throws(SyscallError) { try parent.unlink(temporary) } catch _ {}
      throw error
    }
    return file
  }

  /// Takes it back when the command fails after all, unless another file is there by now.
  package func remove() {
    do throws(SyscallError) {
      guard let name else { return try file.handle.truncate(to: 0) }
      let own = try file.handle.status()
      if try parent.handle.status(ofEntry: name).isSameFile(as: own) {
        try parent.handle.unlink(name)
      }
    } catch {
      // It is gone.
    }
  }
}
