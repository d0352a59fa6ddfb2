package import Bytes

// The names are the manual's own, so that a reader finds them there.
// swift-format-ignore: AlwaysUseLowerCamelCase
/// An error number of the kernel (errno(3)).
package struct Errno: Equatable, Sendable {
  package let rawValue: Int32
  package init(rawValue: Int32) { self.rawValue = rawValue }

  package static let EPERM = Errno(rawValue: 1)
  package static let ENOENT = Errno(rawValue: 2)
  package static let ESRCH = Errno(rawValue: 3)
  package static let EINTR = Errno(rawValue: 4)
  package static let EIO = Errno(rawValue: 5)
  package static let ENXIO = Errno(rawValue: 6)
  package static let EBADF = Errno(rawValue: 9)
  package static let ECHILD = Errno(rawValue: 10)
  package static let EAGAIN = Errno(rawValue: 11)
  package static let ENOMEM = Errno(rawValue: 12)
  package static let EACCES = Errno(rawValue: 13)
  package static let EFAULT = Errno(rawValue: 14)
  package static let ECONNRESET = Errno(rawValue: 104)
  package static let ENOTBLK = Errno(rawValue: 15)
  package static let EBUSY = Errno(rawValue: 16)
  package static let EEXIST = Errno(rawValue: 17)
  package static let EXDEV = Errno(rawValue: 18)
  package static let ENODEV = Errno(rawValue: 19)
  package static let ENOTDIR = Errno(rawValue: 20)
  package static let EISDIR = Errno(rawValue: 21)
  package static let EINVAL = Errno(rawValue: 22)
  package static let ENFILE = Errno(rawValue: 23)
  package static let EMFILE = Errno(rawValue: 24)
  package static let EFBIG = Errno(rawValue: 27)
  package static let ENOSPC = Errno(rawValue: 28)
  package static let EROFS = Errno(rawValue: 30)
  package static let EPIPE = Errno(rawValue: 32)
  package static let EDOM = Errno(rawValue: 33)
  package static let ERANGE = Errno(rawValue: 34)
  package static let ENOSYS = Errno(rawValue: 38)
  package static let ELOOP = Errno(rawValue: 40)
  package static let ENODATA = Errno(rawValue: 61)
  package static let EPROTO = Errno(rawValue: 71)
  package static let EUSERS = Errno(rawValue: 87)
  package static let EMSGSIZE = Errno(rawValue: 90)
  package static let EOPNOTSUPP = Errno(rawValue: 95)
  package static let ETIMEDOUT = Errno(rawValue: 110)
  package static let EDQUOT = Errno(rawValue: 122)

  /// The name in the manual, `EPERM`; empty for a number that has none here.
  package var symbol: ByteString { ByteString(stringLiteral: names.symbol) }

  /// What it means, in words that no engine takes for the fate of the container's program: they turn
  /// `no such file or directory` anywhere in an error into exit status 127, and the usual texts of
  /// EACCES and EPERM into 126. `ProgramError` has those, and nothing else.
  package var text: ByteString { ByteString(stringLiteral: names.text) }

  private var names: (symbol: StaticString, text: StaticString) {
    switch rawValue {
    case 1: ("EPERM", "not permitted")
    case 2: ("ENOENT", "not found")
    case 3: ("ESRCH", "the process is gone")
    case 4: ("EINTR", "interrupted system call")
    case 5: ("EIO", "input/output error")
    case 6: ("ENXIO", "no such device or address")
    case 7: ("E2BIG", "argument list too long")
    case 8: ("ENOEXEC", "exec format error")
    case 9: ("EBADF", "bad file descriptor")
    case 10: ("ECHILD", "no child processes")
    case 11: ("EAGAIN", "resource temporarily unavailable")
    case 12: ("ENOMEM", "cannot allocate memory")
    case 13: ("EACCES", "access refused")
    case 14: ("EFAULT", "bad address")
    case 15: ("ENOTBLK", "block device required")
    case 16: ("EBUSY", "device or resource busy")
    case 17: ("EEXIST", "file exists")
    case 18: ("EXDEV", "invalid cross-device link")
    case 19: ("ENODEV", "no such device")
    case 20: ("ENOTDIR", "no directory")
    case 21: ("EISDIR", "a directory")
    case 22: ("EINVAL", "invalid argument")
    case 23: ("ENFILE", "too many open files in system")
    case 24: ("EMFILE", "too many open files")
    case 25: ("ENOTTY", "inappropriate ioctl for device")
    case 26: ("ETXTBSY", "text file busy")
    case 27: ("EFBIG", "file too large")
    case 28: ("ENOSPC", "no space left on device")
    case 29: ("ESPIPE", "illegal seek")
    case 30: ("EROFS", "read-only file system")
    case 31: ("EMLINK", "too many links")
    case 32: ("EPIPE", "broken pipe")
    case 33: ("EDOM", "numerical argument out of domain")
    case 34: ("ERANGE", "numerical result out of range")
    default: rareNames
    }
  }

  private var rareNames: (symbol: StaticString, text: StaticString) {
    switch rawValue {
    case 36: ("ENAMETOOLONG", "file name too long")
    case 38: ("ENOSYS", "function not implemented")
    case 39: ("ENOTEMPTY", "directory not empty")
    case 40: ("ELOOP", "too many levels of symbolic links")
    case 61: ("ENODATA", "no data available")
    case 71: ("EPROTO", "protocol error")
    case 75: ("EOVERFLOW", "value too large for defined data type")
    case 80: ("ELIBBAD", "accessing a corrupted shared library")
    case 87: ("EUSERS", "too many users")
    case 88: ("ENOTSOCK", "socket operation on non-socket")
    case 90: ("EMSGSIZE", "message too long")
    case 91: ("EPROTOTYPE", "protocol wrong type for socket")
    case 95: ("EOPNOTSUPP", "operation not supported")
    case 98: ("EADDRINUSE", "address already in use")
    case 104: ("ECONNRESET", "connection reset by peer")
    case 105: ("ENOBUFS", "no buffer space available")
    case 107: ("ENOTCONN", "transport endpoint is not connected")
    case 110: ("ETIMEDOUT", "connection timed out")
    case 111: ("ECONNREFUSED", "connection refused")
    case 116: ("ESTALE", "stale file handle")
    case 122: ("EDQUOT", "disk quota exceeded")
    case 126: ("ENOKEY", "required key not available")
    case 130: ("EOWNERDEAD", "owner died")
    default: ("", "unknown error")
    }
  }
}
