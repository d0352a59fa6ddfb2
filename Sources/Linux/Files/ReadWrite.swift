package import Bytes
import CShim

extension Handle {
  /// Up to `count` bytes; empty at the end (read(2)).
  @inline(never)
  package func read(upTo count: Int) throws(SyscallError) -> [UInt8] {
    try unsafe readFromKernel(count, "read", ByteString(decimal: raw)) {
      unsafe apus_read(raw, $0, UInt64(count))
    }
  }

  /// Everything up to the end, waiting for it also where the open file is non-blocking. A file with more than `limit` bytes is an error (EFBIG).
  @inline(never)
  package func readAll(limit: Int) throws(SyscallError) -> [UInt8] {
    var all = [UInt8]()
    var chunk = min(limit + 1, 16384)
    while true {
      let piece: [UInt8]
      do throws(SyscallError) { piece = try read(upTo: chunk) } catch {
        if error.errno != .EAGAIN { throw error }
        _ = try Polling.wait([(self, .input)], milliseconds: -1)
        continue
      }
      if piece.isEmpty { return all }
      if all.count + piece.count > limit {
        throw SyscallError("read", ByteString(decimal: raw), .EFBIG)
      }
      if all.isEmpty { all = piece } else { all += piece }
      chunk = min(limit + 1, chunk * 4)
    }
  }

  /// All of `bytes`, with as many write(2) as it takes. Where the open file is non-blocking (the
  /// caller's streams may be) a slow reader is waited for, `milliseconds` at most (-1: for ever).
  @inline(never)
  package func writeAll(_ bytes: [UInt8], milliseconds: Int32 = -1) throws(SyscallError) {
    var done = 0
    while done < bytes.count {
      let count = try writeSome(bytes[done...])
      done += count
      if count > 0 { continue }
      if try Polling.wait([(self, .output)], milliseconds: milliseconds)[0].isEmpty,
        milliseconds >= 0
      {
        throw SyscallError("write", ByteString(decimal: raw), .ETIMEDOUT)
      }
    }
  }

  /// All of `text` in one write(2), as files of the kernel want it.
  @inline(never)
  package func writeOnce(_ text: ByteString, subject: ByteString = "") throws(SyscallError) {
    let written = try checkRetrying("write", subject) {
      unsafe text.withCString { unsafe apus_write(raw, $0, UInt64(text.count)) }
    }
    if written != Int64(text.count) { throw SyscallError("write", subject, .EIO) }
  }

  @inline(never)
  package func synchronize() throws(SyscallError) {
    try check(apus_fsync(raw), "fsync", ByteString(decimal: raw))
  }

  @inline(never)
  package func seek(to offset: Int64) throws(SyscallError) {
    try check(apus_lseek(raw, offset, 0), "lseek", ByteString(decimal: raw))
  }

  @inline(never)
  package func truncate(to size: Int64) throws(SyscallError) {
    try check(apus_ftruncate(raw, size), "ftruncate", ByteString(decimal: raw))
  }

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

  /// ioctl(2) with a number as argument.
  @discardableResult
  @inline(never)
  package func control(_ request: UInt64, _ argument: UInt64 = 0) throws(SyscallError) -> Int64 {
    try check(apus_ioctl_number(raw, request, argument), "ioctl", ByteString(decimal: raw))
  }
}

/// A file in memory that can be sealed (memfd_create(2)).
package enum MemoryFile {
  @inline(never)
  package static func create(_ name: ByteString, executable: Bool = false) throws(SyscallError)
    -> FileDescriptor
  {
    // MFD_CLOEXEC | MFD_ALLOW_SEALING, and since Linux 6.3 MFD_EXEC or MFD_NOEXEC_SEAL.
    let kind: UInt32 = executable ? 0x10 : 0x8
    var answer = unsafe name.withCString { unsafe apus_memfd_create($0, 0x3 | kind) }
    if answer == -22 { answer = unsafe name.withCString { unsafe apus_memfd_create($0, 0x3) } }
    return FileDescriptor(owning: Int32(try check(answer, "memfd_create", name)))
  }

  /// Nobody changes the file from now on, through any descriptor.
  @inline(never)
  package static func seal(_ file: Handle) throws(SyscallError) {
    try check(apus_add_seals(file.raw, 0xf), "fcntl", "F_ADD_SEALS")
  }

  /// Whether the file is one of ours in memory and can be written by nobody.
  @inline(never)
  package static func isSealed(_ file: Handle) -> Bool {
    let seals = apus_get_seals(file.raw)
    return seals >= 0 && seals & 0xe == 0xe
  }

  /// Copies `count` bytes from where `source` stands.
  @inline(never)
  package static func copy(from source: Handle, to target: Handle, count: UInt64)
    throws(SyscallError)
  {
    var rest = count
    while rest > 0 {
      let moved = try checkRetrying("sendfile") { apus_sendfile(target.raw, source.raw, rest) }
      if moved == 0 { throw SyscallError("sendfile", "", .EIO) }
      rest -= UInt64(moved)
    }
  }
}
