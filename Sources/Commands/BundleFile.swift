package import Bytes
import Linux

/// Documents that the caller names: read once, from one descriptor, so that what was checked is what
/// is used.
package enum BundleFile {
  /// No document of an engine comes near it; the parser has the same bound.
  static let limit = 8 << 20

  /// All of `path`, a regular file.
  package static func read(_ path: ByteString) throws(CommandFailure) -> [UInt8] {
    do throws(SyscallError) {
      // Not blocking: a fifo in its place must not hold us up.
      let file = SharedDescriptor(
        try Handle.currentDirectory.open(path, [.nonBlocking, .noControllingTerminal]))
      let status = try file.handle.status()
      guard status.kind == .regular else {
        throw SyscallError("open", path, .EINVAL)
      }
      return try file.handle.readAll(limit: limit)
    } catch {
      // The text of ENOENT would be taken for the fate of the container's program.
      if error.errno == .ENOENT {
        throw CommandFailure("there is no `" + path.escaped(limit: 200) + "`")
      }
      if error.errno == .EFBIG {
        throw CommandFailure("`" + path.escaped(limit: 200) + "` is larger than 8 MiB")
      }
      throw CommandFailure("cannot read `" + path.escaped(limit: 200) + "`: " + error.errno.symbol)
    }
  }
}

/// The file with the pid that engines wait for.
package enum PidFile {
  /// Decimal digits and nothing else, replaced as a whole: readers poll for it (4.2).
  package static func write(_ path: ByteString, _ pid: Int32) throws(CommandFailure) {
    let slash = path.bytes.lastIndex(of: UInt8(ascii: "/"))
    let directory = slash.map { $0 == 0 ? "/" : path.prefix($0) } ?? "."
    let name = slash.map { path.dropFirst($0 + 1) } ?? path
    do throws(SyscallError) {
      let parent = SharedDescriptor(
        try Handle.currentDirectory.open(directory, [.path, .directory]))
      // A name of our own: a draft that somebody left behind must not stop us.
      let draft = "." + name.prefix(200) + "." + ByteString(decimal: ThisProcess.id)
      let file = SharedDescriptor(
        try parent.handle.open(
          draft, [.writeOnly, .create, .exclusive, .noFollow], mode: 0o644))
      do throws(SyscallError) {
        try file.handle.writeOnce(ByteString(decimal: pid), subject: path)
        try parent.handle.rename(draft, to: name)
      } catch {
        try parent.handle.unlink(draft)
        throw error
      }
    } catch {
      throw CommandFailure(
        "cannot write the pid file `" + path.escaped(limit: 200) + "`: " + error.errno.symbol)
    }
  }

  /// Takes it back when the command fails after all.
  package static func remove(_ path: ByteString) {
    do throws(SyscallError) { try Handle.currentDirectory.unlink(path) } catch {}
  }
}
