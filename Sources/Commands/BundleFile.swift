package import Bytes
import Diagnosis
import JSON
import Linux
package import Report

/// Documents that the caller names: read once, from one descriptor, to the end, so that what was checked
/// is what is used. A pipe tells no size.
package enum BundleFile {
  static var limit: Int { JSONLimit.size }
  /// How long a fifo that nobody writes to is given.
  private static let timeout: Int32 = 3_000

  /// All of `path`.
  package static func read(_ path: ByteString) throws(CommandFailure) -> [UInt8] {
    do throws(SyscallError) {
      let file = try CallerPath.open(path, .readOnly)
      return try read(file.handle)
    } catch {
      if error.errno == .ENOENT { throw absent(path) }
      throw failure(error, quoted(path, .path))
    }
  }

  static func readStandardInput() throws(CommandFailure) -> [UInt8] {
    do throws(SyscallError) {
      return try Handle.standardInput.readAll(limit: limit)
    } catch {
      throw failure(error, "standard input")
    }
  }

  private static func read(_ file: Handle) throws(SyscallError) -> [UInt8] {
    let text = try file.readAll(limit: limit)
    guard text.isEmpty, try file.status().kind == .fifo else { return text }
    // Without a writer a fifo is at its end at once.
    if try Polling.wait([(file, .input)], milliseconds: timeout)[0].isEmpty {
      throw .unmet("nobody writes to the fifo")
    }
    return try file.readAll(limit: limit)
  }

  private static func failure(_ error: SyscallError, _ name: ByteString) -> CommandFailure {
    if error.kind == .unmet { return CommandFailure(error.message + " " + name) }
    return switch error.errno {
    case .EFBIG:
      CommandFailure(
        name + " is larger than " + ByteString(decimal: JSONLimit.size >> 20) + " MiB")
    default: CommandFailure("cannot read " + name + ": " + error.errno.symbol)
    }
  }
}

extension BundleFile {
  /// The text of ENOENT would be taken for the fate of the container's program.
  private static func absent(_ path: ByteString) -> CommandFailure {
    let failure = CommandFailure("there is no `" + path.escaped(.path) + "`")
    guard path.baseName == "config.json" else { return failure }
    let bundle = quoted(path.directoryName, .path)
    let isThere = HostLook.status(path.directoryName) != nil
    return failure.diagnosed(
      Diagnosis(
        .configAbsent, isThere ? "the file is not found in it" : "the directory is not found",
        hint: "is " + bundle + " the bundle? Give its directory with --bundle, or begin one with "
          + "`apus spec`"))
  }
}
