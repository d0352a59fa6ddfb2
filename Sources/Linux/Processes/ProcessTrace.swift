package import Bytes
import CShim

/// What the kernel still knows about a process that has ended. Read only after an abnormal end.
extension ProcessHandle {
  /// How it ended, and whether it left a core, by a pidfd that was open when it was reaped
  /// (PIDFD_GET_INFO, Linux 6.15); nil where the kernel does not say.
  @inline(never)
  package func recordedEnd() -> (end: ProcessEnd, dumpedCore: Bool)? {
    var status: Int32 = 0
    guard unsafe apus_pidfd_end(handle.raw, &status) == 0 else { return nil }
    return ProcessEnd.of(waitStatus: status)
  }
}

extension ProcessEnd {
  /// wait(2): the low seven bits are a signal, the next is for a core, the next byte is a status.
  package static func of(waitStatus status: Int32) -> (end: ProcessEnd, dumpedCore: Bool) {
    let signal = status & 0x7f
    return (signal == 0 ? .exited(status >> 8 & 0xff) : .signaled(signal), status & 0x80 != 0)
  }
}

/// The kernel's ring buffer (syslog(2)).
package enum KernelLog {
  /// The newest lines; none where the caller may not read them (kernel.dmesg_restrict).
  @inline(never)
  package static func newest() -> [ByteString] {
    do throws(SyscallError) {
      let bytes = try unsafe readFromKernel(64 << 10, "syslog") {
        unsafe apus_kernel_log($0, 64 << 10)
      }
      return ByteString(bytes).split(on: 0x0a)
    } catch {
      return []
    }
  }
}
