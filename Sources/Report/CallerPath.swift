package import Bytes
package import Linux

/// A path of the host that the caller names. The caller is trusted: links are followed, and a name of
/// one of its descriptors means that descriptor, whatever it is.
package enum CallerPath {
  /// The descriptor that `path` names: `/dev/stdin`, `/dev/fd/N`, `/proc/self/fd/N`.
  package static func descriptor(_ path: ByteString) -> Handle? {
    switch path {
    case "/dev/stdin": return .standardInput
    case "/dev/stdout": return .standardOutput
    case "/dev/stderr": return .standardError
    default: break
    }
    guard let (number, rest) = numbered(path), rest.isEmpty else { return nil }
    return number
  }

  /// The descriptor in front of `path`, and what follows it.
  private static func numbered(_ path: ByteString) -> (Handle, rest: ByteString)? {
    guard path.hasPrefix("/dev/fd/") || path.hasPrefix("/proc/") else { return nil }
    let own: ByteString = "/proc/" + ByteString(decimal: ThisProcess.id) + "/fd/"
    for prefix in ["/dev/fd/", "/proc/self/fd/", "/proc/thread-self/fd/", own]
    where path.hasPrefix(prefix) {
      let rest = path.dropFirst(prefix.count)
      let digits = rest.cut(at: UInt8(ascii: "/"))?.before ?? rest
      guard let number = digits.unsignedDecimal, let number = Int32(exactly: number) else {
        return nil
      }
      return (Handle(raw: number), rest.dropFirst(digits.count))
    }
    return nil
  }

  /// The descriptors that the caller names in `paths`: no program of the container gets them, but we
  /// keep them when all others are closed.
  package static func descriptors(in paths: [ByteString]) -> [Handle] {
    paths.compactMap { numbered($0)?.0 }.filter { $0.raw > 2 && $0.isOpen }
  }

  /// `path` with the place that a descriptor in it names, for what is recorded: the number means
  /// something else to the next command.
  package static func resolved(_ path: ByteString) throws(SyscallError) -> ByteString {
    guard let (handle, rest) = numbered(path) else { return path }
    return try Handle.currentDirectory.readLink(handle.descriptorPath) + rest
  }

  /// Opens `path`, at `least` or above. A fifo that nobody has open on the other side is not waited
  /// for.
  package static func open(
    _ path: ByteString, _ flags: OpenFlags, mode: UInt32 = 0, atLeast least: Int32 = 3
  ) throws(SyscallError) -> SharedDescriptor {
    if let own = descriptor(path) {
      return SharedDescriptor(try own.duplicated(atLeast: least))
    }
    let file = try Handle.currentDirectory.open(
      path, flags.union([.nonBlocking, .noControllingTerminal]), mode: mode)
    if file.handle.raw >= least { return SharedDescriptor(file) }
    return SharedDescriptor(try file.handle.duplicated(atLeast: least))
  }
}
