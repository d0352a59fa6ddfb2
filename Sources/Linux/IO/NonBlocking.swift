import Bytes
import CShim

extension Handle {
  /// Whether from now on reads and writes end with EAGAIN where they would wait (O_NONBLOCK). It belongs to the
  /// open file: everything that shares it is affected, so never do it to a stream of the caller.
  package func setNonBlocking(_ on: Bool = true) throws(SyscallError) {
    try check(apus_set_nonblocking(raw, on ? 1 : 0), "fcntl", "O_NONBLOCK")
  }

  /// As many of `bytes` as the file takes in one write(2); 0 where it would wait.
  package func writeSome(_ bytes: ArraySlice<UInt8>) throws(SyscallError) -> Int {
    do throws(SyscallError) {
      return Int(
        try checkRetrying("write", ByteString(decimal: raw)) {
          unsafe bytes.withUnsafeBytes {
            unsafe apus_write(raw, $0.baseAddress, UInt64($0.count))
          }
        })
    } catch {
      if error.errno == .EAGAIN { return 0 }
      throw error
    }
  }
}
