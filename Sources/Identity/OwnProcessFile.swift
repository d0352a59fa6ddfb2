import Bytes
import Linux

/// A file of procfs about this very process, through a procfs handle of our own.
enum OwnProcessFile {
  /// `path` begins with `self` or `thread-self`: links that procfs makes up and the kernel resolves,
  /// also through an instance of another pid namespace. Everything else on the way must be procfs'
  /// own, and so must the file (CVE-2019-16884 is a label that went elsewhere).
  static func open(
    _ path: ByteString, procfs: Handle, _ flags: OpenFlags
  ) throws(SyscallError) -> FileDescriptor {
    let file = try procfs.open(
      path, flags.union(.noFollow), resolve: [.beneath, .noCrossDevice, .noMagicLinks])
    if try file.handle.filesystem().type != FilesystemStatus.proc {
      throw .violation(quoted(path) + " is not a file of procfs", path)
    }
    return file
  }
}
