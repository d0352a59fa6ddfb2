package import Bytes
package import Linux

/// The session keyring of a container: one of its own, so that the caller's keys stay the caller's.
package enum SessionKeyring {
  /// By this name later processes of the container find it, and runc's tools too (PR-20).
  package static func name(container: ByteString) -> ByteString { "_ses." + container }

  /// Joins it, or makes it. Its owner may search it and not only its possessor, for a process that
  /// joins the container later. False where the kernel has no keyrings.
  package static func join(container: ByteString) throws(SyscallError) -> Bool {
    do throws(SyscallError) {
      let key = try Keyring.joinSession(name(container: container))
      let permissions = try Keyring.permissions(of: key)
      try Keyring.setPermissions(permissions | ownerSearches, of: key)
      return true
    } catch {
      if error.errno == .ENOSYS { return false }
      throw error
    }
  }

  /// KEY_USR_SEARCH of the kernel's linux/key.h.
  private static var ownerSearches: UInt32 { 0x0008_0000 }
}
