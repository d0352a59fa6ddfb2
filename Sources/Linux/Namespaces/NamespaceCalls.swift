package import Bytes
import CShim

extension ThisProcess {
  /// setns(2) with the file of one namespace, or a pidfd and several kinds at once (Linux 5.8).
  @inline(never)
  package static func join(_ namespace: Handle, _ kinds: NamespaceFlags) throws(SyscallError) {
    try check(apus_setns(namespace.raw, kinds.rawValue), "setns")
  }

  /// Moves this process into new namespaces (unshare(2)); for pid and time only its children.
  @inline(never)
  package static func unshare(_ kinds: NamespaceFlags) throws(SyscallError) {
    try check(apus_unshare(kinds.rawValue), "unshare")
  }

  /// sethostname(2), at most 64 bytes, in the current uts namespace.
  @inline(never)
  package static func setHostname(_ name: ByteString) throws(SyscallError) {
    try check(
      unsafe name.withCString { unsafe apus_sethostname($0, UInt64(name.count)) }, "sethostname",
      name)
  }

  /// setdomainname(2), at most 64 bytes, in the current uts namespace.
  @inline(never)
  package static func setDomainname(_ name: ByteString) throws(SyscallError) {
    try check(
      unsafe name.withCString { unsafe apus_setdomainname($0, UInt64(name.count)) },
      "setdomainname", name)
  }
}
