package import Bytes
import CShim

/// The session keyring (session-keyring(7)); keyrings are not namespaced, so a container that kept
/// its caller's could read the caller's keys.
package enum Keyring {
  /// Joins or makes the session keyring of this name and gives its serial number.
  package static func joinSession(_ name: ByteString) throws(SyscallError) -> Int32 {
    Int32(
      truncatingIfNeeded: try check(
        unsafe name.withCString { unsafe apus_keyctl_join_session($0) }, "keyctl", name))
  }

  /// The permission mask as KEYCTL_DESCRIBE shows it.
  package static func permissions(of key: Int32) throws(SyscallError) -> UInt32 {
    let text = ByteString(
      try unsafe readFromKernel(256, "keyctl", ByteString(decimal: key)) {
        unsafe min(apus_keyctl_describe(key, $0, 256), 256)
      })
    // type;uid;gid;permissions;name
    let fields = text.split(on: UInt8(ascii: ";"))
    guard fields.count >= 4 else { throw SyscallError("keyctl", text, .EPROTO) }
    var mask: UInt32 = 0
    for digit in fields[3].bytes {
      guard let value = hexadecimalValue(digit), mask >> 28 == 0 else {
        throw SyscallError("keyctl", text, .EPROTO)
      }
      mask = mask << 4 | UInt32(value)
    }
    return mask
  }

  /// KEYCTL_SETPERM (keyctl(2)).
  package static func setPermissions(_ mask: UInt32, of key: Int32) throws(SyscallError) {
    try check(apus_keyctl_set_permissions(key, mask), "keyctl", ByteString(decimal: key))
  }
}
