import Bytes
import CShim

/// Unpredictable bytes (getrandom(2)).
package enum Random {
  /// 64 random bits.
  @inline(never)
  package static func number() throws(SyscallError) -> UInt64 {
    var number: UInt64 = 0
    let count = try unsafe check(
      withUnsafeMutableBytes(of: &number) { unsafe apus_random($0.baseAddress, 8) }, "getrandom")
    guard count == 8 else { throw SyscallError("getrandom", "", .EIO) }
    return number
  }
}
