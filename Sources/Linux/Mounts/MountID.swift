import Bytes
import CShim

/// Which mount a file was reached through.
package struct MountID: Equatable, Sendable {
  /// Never given to another mount (statx(2), STATX_MNT_ID_UNIQUE); 0 before Linux 6.8.
  package var unique: UInt64
  /// The number in mountinfo, which another mount gets once this one is gone.
  package var number: UInt64

  package init(unique: UInt64, number: UInt64) {
    self.unique = unique
    self.number = number
  }
}

extension Handle {
  @inline(never)
  package func mountID() throws(SyscallError) -> MountID {
    var unique: UInt64 = 0
    if unsafe apus_unique_mount_id(raw, &unique) != 0 { unique = 0 }
    return MountID(unique: unique, number: try status().mountID)
  }

  /// Whether this is the root of the mount that it was reached through (STATX_ATTR_MOUNT_ROOT).
  @inline(never)
  package func isMountRoot() throws(SyscallError) -> Bool {
    try check(apus_is_mount_root(raw), "statx", ByteString(decimal: raw)) == 1
  }
}
