package import Bytes
package import Linux

/// The home directory of a user as the container's own `/etc/passwd` has it.
package enum HomeDirectory {
  /// Used where the file has no answer.
  package static var fallback: ByteString { "/" }

  /// Larger files are taken for hostile.
  private static var limit: Int { 1 << 20 }

  /// Reads `etc/passwd` below `root`, the container's root directory. A file that is missing or
  /// unusable is an answer too: the look-up never fails a container and never makes anybody root.
  package static func find(user: UInt32, root: Handle) -> ByteString {
    do throws(SyscallError) {
      // Without blocking, for it may be a fifo.
      let file = try root.open(
        "etc/passwd", [.readOnly, .nonBlocking, .noControllingTerminal],
        resolve: [.inRoot, .noMagicLinks])
      guard try file.handle.status().kind == .regular else { return fallback }
      return find(user: user, passwd: try file.handle.readAll(limit: limit)) ?? fallback
    } catch {
      return fallback
    }
  }

  /// The sixth field of the user's line.
  package static func find(user: UInt32, passwd: [UInt8]) -> ByteString? {
    PasswordEntry.find(user: user, in: passwd, fields: 6)?.home
  }
}
