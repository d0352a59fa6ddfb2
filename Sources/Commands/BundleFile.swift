package import Bytes
import Diagnosis
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
        throw absent(path)
      }
      if error.errno == .EFBIG {
        throw CommandFailure("`" + path.escaped(limit: 200) + "` is larger than 8 MiB")
      }
      throw CommandFailure("cannot read `" + path.escaped(limit: 200) + "`: " + error.errno.symbol)
    }
  }
}

extension BundleFile {
  private static func absent(_ path: ByteString) -> CommandFailure {
    let failure = CommandFailure("there is no `" + path.escaped(limit: 200) + "`")
    let slash = path.bytes.lastIndex(of: UInt8(ascii: "/")) ?? 0
    guard path.dropFirst(slash + 1) == "config.json" else { return failure }
    let bundle = "`" + path.prefix(max(slash, 1)).escaped(limit: 200) + "`"
    let isThere = HostLook.status(path.prefix(max(slash, 1))) != nil
    return failure.diagnosed(
      Diagnosis(
        .configAbsent, isThere ? "the file is not found in it" : "the directory is not found",
        hint: "is " + bundle + " the bundle? Give its directory with --bundle, or begin one with "
          + "`apus spec`"))
  }
}
