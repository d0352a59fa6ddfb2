import Bytes
import CShim

extension Handle {
  package enum Lock: Int32, Sendable {
    case shared = 1
    case exclusive = 2
    case unlock = 8
  }

  /// flock(2); without `wait`, EAGAIN when somebody else holds it.
  @inline(never)
  package func lock(_ lock: Lock, wait: Bool) throws(SyscallError) {
    try checkRetrying("flock", ByteString(decimal: raw)) {
      apus_flock(raw, lock.rawValue | (wait ? 0 : 4))
    }
  }
}
