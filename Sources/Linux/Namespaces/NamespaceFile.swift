import Bytes
import CShim

extension Handle {
  /// Which kind of namespace this file is, none at all for any other file (ioctl_ns(2)).
  package func namespaceKind() throws(SyscallError) -> NamespaceFlags {
    // Asked first, for the ioctl's number may mean anything to a device.
    guard try filesystem().type == APUS_NSFS_MAGIC else { return [] }
    return NamespaceFlags(rawValue: UInt64(try control(APUS_NS_GET_NSTYPE)))
  }
}

/// NSFS_MAGIC of linux/magic.h.
