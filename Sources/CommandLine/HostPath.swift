package import Bytes

/// Paths of the command line, made absolute before anything changes the working directory.
package enum HostPath {
  /// `path` as an absolute one, without empty components, `.` and a slash at the end; nil if it is
  /// relative and there is no working directory.
  ///
  /// `..` is taken back only where that is certain to be right: in front, where what it leaves is
  /// `directory`, which the kernel spelled without symbolic links. After a name it stays, since the
  /// name may be a link and only the kernel knows where its parent is.
  package static func absolute(_ path: ByteString, from directory: ByteString?) -> ByteString? {
    if path.isCleanPath { return path }
    var base: [ByteString] = []
    if !path.hasPrefix("/") {
      // A working directory outside the caller's root is spelled "(unreachable)/…".
      guard let directory, directory.hasPrefix("/") else { return nil }
      base = directory.pathComponents
    }
    var rest = path.pathComponents[...]
    while rest.first == ".." {
      rest.removeFirst()
      if !base.isEmpty { base.removeLast() }
    }
    return "/" + (base + rest).joined(by: "/")
  }
}
