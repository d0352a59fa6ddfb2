import Bytes
import CShim

extension ThisProcess {
  /// The new limits of a process, 0 for ourselves (prlimit(2)).
  @inline(never)
  package static func setLimit(_ resource: Int32, soft: UInt64, hard: UInt64, of pid: Int32 = 0)
    throws(SyscallError)
  {
    var values = (soft, hard)
    try unsafe check(
      withUnsafeBytes(of: &values) {
        unsafe apus_prlimit(
          pid, resource, $0.baseAddress?.assumingMemoryBound(to: UInt64.self), nil)
      }, "prlimit", ByteString(decimal: resource))
  }

  /// The limits of this process for a resource (getrlimit(2), RLIMIT_*), in the resource's unit.
  @inline(never)
  package static func limit(_ resource: Int32) throws(SyscallError) -> (soft: UInt64, hard: UInt64)
  {
    var values: (UInt64, UInt64) = (0, 0)
    try unsafe check(
      withUnsafeMutableBytes(of: &values) {
        unsafe apus_prlimit(0, resource, nil, $0.baseAddress?.assumingMemoryBound(to: UInt64.self))
      }, "prlimit", ByteString(decimal: resource))
    return values
  }
}
