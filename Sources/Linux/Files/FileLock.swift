import Bytes
import CShim

extension Handle {
  /// The kind of lock for flock(2).
  package struct Lock: Sendable {
    fileprivate let rawValue: Int32
    package static let shared = Lock(rawValue: APUS_LOCK_SH)
    package static let exclusive = Lock(rawValue: APUS_LOCK_EX)
    package static let unlock = Lock(rawValue: APUS_LOCK_UN)
  }

  /// flock(2); without `wait`, EAGAIN when somebody else holds it.
  @inline(never)
  package func lock(_ lock: Lock, wait: Bool) throws(SyscallError) {
    try checkRetrying("flock", ByteString(decimal: raw)) {
      apus_flock(raw, lock.rawValue | (wait ? 0 : APUS_LOCK_NB))
    }
  }
}
