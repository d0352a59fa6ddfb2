package import Bytes
package import Linux

/// The session keyring of a container: one of its own, so that the caller's keys stay the caller's.
package enum SessionKeyring {
  /// By this name, which is recorded, later processes of the container find it (PR-20). Keyrings are
  /// found by name: with one that can be guessed, another container's root could make it beforehand
  /// and leave keys in it. It begins as runc's does.
  package static func name(container: ByteString, nonce: UInt64? = nil) -> ByteString {
    "_ses." + container + (nonce.map { "." + ByteString(decimal: $0) } ?? "")
  }

  /// Joins the keyring of this name, or makes it. Its owner may search it and not only its possessor,
  /// for a process that joins the container later. False where the kernel has no keyrings.
  package static func join(_ name: ByteString) throws(SyscallError) -> Bool {
    do throws(SyscallError) {
      let key = try Keyring.joinSession(name)
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
