package import Bytes
import CShim

/// A file in memory that can be sealed (memfd_create(2)).
package enum MemoryFile {
  /// memfd_create(2), close-on-exec and sealable. Since Linux 6.3 only an `executable` one can be executed.
  @inline(never)
  package static func create(_ name: ByteString, executable: Bool = false) throws(SyscallError)
    -> FileDescriptor
  {
    let flags = UInt32(APUS_MFD_CLOEXEC | APUS_MFD_ALLOW_SEALING)
    // Since Linux 6.3.
    let kind = UInt32(executable ? APUS_MFD_EXEC : APUS_MFD_NOEXEC_SEAL)
    var answer = unsafe name.withCString { unsafe apus_memfd_create($0, flags | kind) }
    if answer.failed(with: .EINVAL) {
      answer = unsafe name.withCString { unsafe apus_memfd_create($0, flags) }
    }
    return FileDescriptor(owning: Int32(try check(answer, "memfd_create", name)))
  }

  /// Seals the file: from now on it cannot be changed through any descriptor (F_ADD_SEALS).
  @inline(never)
  package static func seal(_ file: Handle) throws(SyscallError) {
    try check(apus_add_seals(file.raw, UInt32(contents | APUS_F_SEAL_SEAL)), "fcntl", "F_ADD_SEALS")
  }

  /// Whether the file is a memfd of the runtime, sealed against writing.
  @inline(never)
  package static func isSealed(_ file: Handle) -> Bool {
    let seals = apus_get_seals(file.raw)
    return seals >= 0 && seals & Int64(contents) == Int64(contents)
  }

  private static var contents: Int32 { APUS_F_SEAL_SHRINK | APUS_F_SEAL_GROW | APUS_F_SEAL_WRITE }

  /// Copies `count` bytes from the current offset of `source`.
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
