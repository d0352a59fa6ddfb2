package import Bytes
import CShim

/// How a file is opened (open(2)); close-on-exec is always added.
package struct OpenFlags: OptionSet, Sendable {
  package let rawValue: UInt64
  package init(rawValue: UInt64) { self.rawValue = rawValue }
  package static var readOnly: OpenFlags { [] }
  package static let writeOnly = OpenFlags(rawValue: APUS_O_WRONLY)
  package static let readWrite = OpenFlags(rawValue: APUS_O_RDWR)
  package static let create = OpenFlags(rawValue: APUS_O_CREAT)
  package static let exclusive = OpenFlags(rawValue: APUS_O_EXCL)
  package static let truncate = OpenFlags(rawValue: APUS_O_TRUNC)
  package static let append = OpenFlags(rawValue: APUS_O_APPEND)
  package static let nonBlocking = OpenFlags(rawValue: APUS_O_NONBLOCK)
  package static let noControllingTerminal = OpenFlags(rawValue: APUS_O_NOCTTY)
  package static let path = OpenFlags(rawValue: APUS_O_PATH)
  package static let directory = OpenFlags(rawValue: APUS_O_DIRECTORY)
  /// A file without a name, in the directory that is opened (O_TMPFILE).
  package static let temporary = OpenFlags(rawValue: APUS_O_TMPFILE)
  package static let noFollow = OpenFlags(rawValue: APUS_O_NOFOLLOW)
}

/// What openat2(2) refuses on the way to a file.
package struct ResolveFlags: OptionSet, Sendable {
  package let rawValue: UInt64
  package init(rawValue: UInt64) { self.rawValue = rawValue }
  package static let noCrossDevice = ResolveFlags(rawValue: APUS_RESOLVE_NO_XDEV)
  package static let noMagicLinks = ResolveFlags(rawValue: APUS_RESOLVE_NO_MAGICLINKS)
  package static let noSymlinks = ResolveFlags(rawValue: APUS_RESOLVE_NO_SYMLINKS)
  package static let beneath = ResolveFlags(rawValue: APUS_RESOLVE_BENEATH)
  package static let inRoot = ResolveFlags(rawValue: APUS_RESOLVE_IN_ROOT)
}

// Default arguments are calls of their own at every place.
extension Handle {
  @inline(never)
  package func open(_ path: ByteString, _ flags: OpenFlags) throws(SyscallError) -> FileDescriptor {
    try open(path, flags, mode: 0, resolve: ResolveFlags(rawValue: 0))
  }

  @inline(never)
  package func open(
    _ path: ByteString, _ flags: OpenFlags, mode: UInt32
  ) throws(SyscallError) -> FileDescriptor {
    try open(path, flags, mode: mode, resolve: ResolveFlags(rawValue: 0))
  }

  @inline(never)
  package func open(
    _ path: ByteString, _ flags: OpenFlags, resolve: ResolveFlags
  ) throws(SyscallError) -> FileDescriptor {
    try open(path, flags, mode: 0, resolve: resolve)
  }
}

extension Handle {
  /// Opens `path` relative to this directory.
  ///
  /// With `resolve` it is openat2(2). EAGAIN there means that somebody renames on the way; it is
  /// retried 128 times and then reported, so that a container cannot hold up its neighbour's start.
  @inline(never)
  package func open(
    _ path: ByteString, _ flags: OpenFlags, mode: UInt32, resolve: ResolveFlags
  ) throws(SyscallError) -> FileDescriptor {
    let bits = flags.rawValue | APUS_O_CLOEXEC
    guard !resolve.isEmpty else {
      let fd = try checkRetrying("open", path) {
        unsafe path.withCString {
          unsafe apus_openat(raw, $0, UInt32(truncatingIfNeeded: bits), mode)
        }
      }
      return FileDescriptor(owning: Int32(fd))
    }
    var attempts = 0
    while true {
      let answer = unsafe path.withCString {
        unsafe apus_openat2(raw, $0, bits, UInt64(mode), resolve.rawValue)
      }
      attempts += 1
      if attempts < 128 && (answer.failed(with: .EINTR) || answer.failed(with: .EAGAIN)) {
        continue
      }
      return FileDescriptor(owning: Int32(try check(answer, "openat2", path)))
    }
  }
}

extension Handle {
  /// Whether it was opened with `.path`, as a mere reference (fcntl(2), F_GETFL).
  @inline(never)
  package func isPathOnly() throws(SyscallError) -> Bool {
    let flags = try check(apus_status_flags(raw), "fcntl", ByteString(decimal: raw))
    return UInt64(flags) & APUS_O_PATH != 0
  }

  /// Whether it was opened for writing.
  @inline(never)
  package func isWritable() throws(SyscallError) -> Bool {
    let flags = try check(apus_status_flags(raw), "fcntl", ByteString(decimal: raw))
    // O_WRONLY and O_RDWR.
    return UInt64(flags) & 3 != 0 && UInt64(flags) & APUS_O_PATH == 0
  }
}
