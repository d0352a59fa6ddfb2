import Bytes
import CShim

/// A child that does to itself what this process must not do to itself, such as entering a namespace, and
/// answers with bytes. Nothing of it is left afterwards.
package enum Throwaway {
  /// What `body` gives, in new namespaces if any are asked for. ETIMEDOUT if it takes too long, EFBIG for more
  /// than `limit` bytes; the child is killed and reaped.
  ///
  /// The memory is a copy, and the child must not write to standard output or return.
  @inline(never)
  package static func ask(
    new namespaces: NamespaceFlags = [], milliseconds: Int64 = 10_000, limit: Int = 64 << 20,
    _ body: () -> [UInt8]
  ) throws(SyscallError) -> [UInt8] {
    let (answer, child) = try start(namespaces, body)
    defer { child.end() }
    return try answer.handle.readAll(limit: limit, milliseconds: milliseconds)
  }

  /// The writing end stays open in the child alone.
  private static func start(_ namespaces: NamespaceFlags, _ body: () -> [UInt8])
    throws(SyscallError) -> (SharedDescriptor, ProcessHandle)
  {
    let (read, write) = try makePipe()
    let own = ThisProcess.id
    switch try ThisProcess.clone(new: namespaces) {
    case .child:
      read.closeInChild()
      do throws(SyscallError) {
        // The one who waits for us kills us if we are late, and we do not outlive it.
        try ThisProcess.endWithParent(own)
        try ThisProcess.setDumpable(false)
        try write.handle.writeAll(body())
      } catch { ThisProcess.exit(1) }
      ThisProcess.exit(0)
    case .parent(let child): return (read, child)
    }
  }
}
