package import Bytes
import CShim

extension Handle {
  /// Sets an extended attribute of a file that is open, and not just as a path (xattr(7)). With `isNew`
  /// EEXIST where there is one of that name.
  package func setAttribute(_ name: ByteString, _ value: ByteString, isNew: Bool = false)
    throws(SyscallError)
  {
    let answer = unsafe name.withCString { name in
      unsafe value.withCString {
        unsafe apus_fsetxattr(raw, name, $0, UInt64(value.count), isNew ? 1 : 0)
      }
    }
    try check(answer, "fsetxattr", name)
  }

  package func removeAttribute(_ name: ByteString) throws(SyscallError) {
    try check(unsafe name.withCString { unsafe apus_fremovexattr(raw, $0) }, "fremovexattr", name)
  }

  /// Up to `limit` bytes of an extended attribute; ENODATA, ENOTSUP or ERANGE where there is none such.
  package func attribute(_ name: ByteString, limit: Int = 255) throws(SyscallError) -> ByteString {
    ByteString(
      try unsafe readFromKernel(limit, "fgetxattr", name) { buffer in
        unsafe name.withCString { unsafe apus_fgetxattr(raw, $0, buffer, UInt64(limit)) }
      })
  }
}
