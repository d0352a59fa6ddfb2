package import Bytes
package import Linux

/// The home directory of a user as the container's own `/etc/passwd` has it.
package enum HomeDirectory {
  /// Used where the file has no answer.
  package static var fallback: ByteString { "/" }

  /// Larger files are taken for hostile.
  private static var limit: Int { 1 << 20 }

  /// For a process whose root is the container's.
  package static func ofUser(_ user: UInt32) -> ByteString {
    do throws(SyscallError) {
      let root = try Handle.currentDirectory.open("/", [.path, .directory])
      return find(user: user, root: root.handle)
    } catch {
      return fallback
    }
  }

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

  /// The sixth field of the first line whose third is `user` in plain decimal digits (passwd(5)).
  /// Names are not looked at: one that is a number is no user id (CVE-2016-3697).
  package static func find(user: UInt32, passwd: [UInt8]) -> ByteString? {
    let id = ByteString(decimal: user)
    for line in passwd.split(separator: UInt8(ascii: "\n")) {
      let fields = line.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
      guard fields.count >= 6, fields[2].elementsEqual(id.bytes) else { continue }
      // A relative or broken home directory is none.
      guard fields[5].first == UInt8(ascii: "/"), !fields[5].contains(0) else { return nil }
      return ByteString(fields[5])
    }
    return nil
  }
}
