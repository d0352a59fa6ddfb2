import Bytes
import CSeccomp

/// Names and numbers of system calls, as libseccomp has them.
enum CallNames {
  /// More than any architecture has, outside of its private ranges.
  static var limit: UInt32 { 1024 }

  static func name(_ number: Int32, _ architecture: UInt32) -> ByteString? {
    // The library's copy is not freed: a process of the runtime asks for one, or ends soon.
    guard let name = unsafe seccomp_syscall_resolve_num_arch(architecture, number) else {
      return nil
    }
    var bytes = [UInt8]()
    while bytes.count < 64 {
      let byte = unsafe UInt8(bitPattern: name[bytes.count])
      if byte == 0 { break }
      bytes.append(byte)
    }
    return ByteString(bytes)
  }

  /// nil if the architecture has no such call.
  static func number(_ name: ByteString, _ architecture: UInt32) -> UInt32? {
    let number = unsafe name.withCString {
      unsafe seccomp_syscall_resolve_name_arch(architecture, $0)
    }
    if number >= 0 || number == -1 { return UInt32(exactly: number) }
    // The library's stand-in, also for a call that i386 has beside socketcall(2).
    return (0..<limit).first { self.name(Int32($0), architecture) == name }
  }

  static func precedes(_ left: ByteString, _ right: ByteString) -> Bool {
    left.bytes.lexicographicallyPrecedes(right.bytes)
  }

  static func architecture(_ token: UInt32) -> ByteString {
    SeccompNames.architectures.first { $0.value == token }?.name.text ?? "unknown architecture"
  }
}
