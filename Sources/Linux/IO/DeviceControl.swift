import Bytes
import CShim

extension Handle {
  /// ioctl(2) with a number as argument.
  @discardableResult
  @inline(never)
  package func control(_ request: UInt64, _ argument: UInt64 = 0) throws(SyscallError) -> Int64 {
    try check(apus_ioctl_number(raw, request, argument), "ioctl", ByteString(decimal: raw))
  }
}
