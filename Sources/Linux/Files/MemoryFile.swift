package import Bytes
import CShim

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
