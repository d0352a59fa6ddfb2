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
    // The configuration of most containers in one piece: to join two takes longer than to read them.
    var chunk = min(limit + 1, 32768)
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
      // The next one mostly says that this was the end.
      if piece.count == chunk { chunk = min(limit + 1, chunk * 4) }
    }
  }

  /// Everything that comes through a pipe up to its end, if that comes in time: ETIMEDOUT, and EFBIG for more
  /// than `limit` bytes.
  @inline(never)
  package func readAll(limit: Int, milliseconds: Int64) throws(SyscallError) -> [UInt8] {
    let end = Clock.monotonicNanoseconds + milliseconds * 1_000_000
    var all = [UInt8]()
    while true {
      let left = (end - Clock.monotonicNanoseconds) / 1_000_000
      if left <= 0 { throw SyscallError("poll", "", .ETIMEDOUT) }
      if try Polling.wait([(self, .input)], milliseconds: Int32(left))[0].isEmpty { continue }
      let piece = try read(upTo: 65536)
      if piece.isEmpty { return all }
      all += piece
      if all.count > limit { throw SyscallError("read", "", .EFBIG) }
    }
  }

  /// All of a file that the kernel writes, such as those of procfs: their size is not known beforehand, and
  /// no host has one of 64 MiB.
  @inline(never)
  package func readKernelFile() throws(SyscallError) -> [UInt8] { try readAll(limit: 64 << 20) }

  /// All of `bytes`, with as many write(2) as it takes. Where the open file is non-blocking (the
  /// caller's streams may be) a slow reader is waited for, `milliseconds` at most (-1: without a timeout).
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

  /// Sets the file offset, in bytes from the start (lseek(2), SEEK_SET).
  @inline(never)
  package func seek(to offset: Int64) throws(SyscallError) {
    try check(apus_lseek(raw, offset, 0), "lseek", ByteString(decimal: raw))
  }

  /// Sets the file's length in bytes (ftruncate(2)).
  @inline(never)
  package func truncate(to size: Int64) throws(SyscallError) {
    try check(apus_ftruncate(raw, size), "ftruncate", ByteString(decimal: raw))
  }
}
