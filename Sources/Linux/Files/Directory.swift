package import Bytes
import CShim

/// An entry of a directory (getdents64(2)).
package struct DirectoryEntry: Sendable {
  package let name: ByteString
  /// As the filesystem says without a stat call; `.other` where it does not.
  package let kind: FileStatus.Kind
}

extension Handle {
  /// mkdirat(2); `mode` is cut by the umask. EEXIST if the name exists.
  @inline(never)
  package func makeDirectory(_ name: ByteString, mode: UInt32) throws(SyscallError) {
    try check(unsafe name.withCString { unsafe apus_mkdirat(raw, $0, mode) }, "mkdir", name)
  }

  /// What mknod(2) makes here.
  package enum NodeKind: Sendable {
    case regular, character, block, fifo

    /// As a status says it.
    package var kind: FileStatus.Kind {
      switch self {
      case .regular: .regular
      case .character: .character
      case .block: .block
      case .fifo: .fifo
      }
    }
  }

  /// mknod(2).
  @inline(never)
  package func makeNode(
    _ name: ByteString, _ kind: NodeKind, mode: UInt32, major: UInt32 = 0, minor: UInt32 = 0
  ) throws(SyscallError) {
    let type =
      switch kind {
      case .character: APUS_S_IFCHR
      case .block: APUS_S_IFBLK
      case .fifo: APUS_S_IFIFO
      case .regular: APUS_S_IFREG
      }
    let bits = UInt32(type) | mode
    try check(
      unsafe name.withCString { unsafe apus_mknodat(raw, $0, bits, major, minor) }, "mknod", name)
  }

  /// symlinkat(2). EEXIST if the name exists; `target` is not looked at.
  @inline(never)
  package func makeSymlink(_ name: ByteString, to target: ByteString) throws(SyscallError) {
    let answer = unsafe target.withCString { target in
      unsafe name.withCString { unsafe apus_symlinkat(target, raw, $0) }
    }
    try check(answer, "symlink", name)
  }

  /// Gives the open file a name in `directory`; one that was opened as temporary has none yet. By
  /// procfs: AT_EMPTY_PATH asks for CAP_DAC_READ_SEARCH.
  @inline(never)
  package func link(to name: ByteString, in directory: Handle) throws(SyscallError) {
    let answer = unsafe descriptorPath.withCString { source in
      unsafe name.withCString { unsafe apus_linkat(source, directory.raw, $0) }
    }
    try check(answer, "link", name)
  }

  /// unlinkat(2): removes a name that is not a directory, a symbolic link itself.
  @inline(never)
  package func unlink(_ name: ByteString) throws(SyscallError) {
    try check(unsafe name.withCString { unsafe apus_unlinkat(raw, $0, 0) }, "unlink", name)
  }

  /// unlinkat(2) with AT_REMOVEDIR. ENOTEMPTY or EBUSY (cgroupfs) unless it is empty.
  @inline(never)
  package func removeDirectory(_ name: ByteString) throws(SyscallError) {
    try check(
      unsafe name.withCString { unsafe apus_unlinkat(raw, $0, UInt32(APUS_AT_REMOVEDIR)) },
      "rmdir", name)
  }

  /// rename(2) within this directory; `exclusive` refuses to replace (RENAME_NOREPLACE).
  @inline(never)
  package func rename(_ name: ByteString, to newName: ByteString, exclusive: Bool = false)
    throws(SyscallError)
  {
    let answer = unsafe name.withCString { old in
      unsafe newName.withCString {
        unsafe apus_renameat2(raw, old, raw, $0, exclusive ? UInt32(APUS_RENAME_NOREPLACE) : 0)
      }
    }
    try check(answer, "rename", newName)
  }

  /// readlinkat(2): the target of a symbolic link. EINVAL if the entry is not one.
  @inline(never)
  package func readLink(_ name: ByteString) throws(SyscallError) -> ByteString {
    let bytes = try unsafe readFromKernel(4096, "readlink", name) { buffer in
      unsafe name.withCString { unsafe apus_readlinkat(raw, $0, buffer, 4096) }
    }
    return ByteString(bytes)
  }

  /// Owner and group of the open file, or of an entry of this directory, never through a link.
  @inline(never)
  package func changeOwner(_ name: ByteString = "", user: UInt32, group: UInt32)
    throws(SyscallError)
  {
    let flags = UInt32(APUS_AT_EMPTY_PATH | APUS_AT_SYMLINK_NOFOLLOW)
    try check(
      unsafe name.withCString { unsafe apus_fchownat(raw, $0, user, group, flags) }, "fchown", name)
  }

  /// The permission bits of a file that is open for reading or writing.
  @inline(never)
  package func changeMode(_ mode: UInt32) throws(SyscallError) {
    try check(apus_fchmod(raw, mode), "fchmod", ByteString(decimal: raw))
  }

  /// The permission bits of an entry; follows links, so use it only in directories that no other user can write.
  @inline(never)
  package func changeMode(ofEntry name: ByteString, _ mode: UInt32) throws(SyscallError) {
    try check(unsafe name.withCString { unsafe apus_fchmodat(raw, $0, mode) }, "chmod", name)
  }

  /// What faccessat2(2) is asked for.
  package struct Access: OptionSet, Sendable {
    package let rawValue: UInt32
    package init(rawValue: UInt32) { self.rawValue = rawValue }
    package static let execute = Access(rawValue: 1)
    package static let write = Access(rawValue: 2)
    package static let read = Access(rawValue: 4)
  }

  /// Whether the effective user may do this with the open file or entry (faccessat2(2)).
  @inline(never)
  package func checkAccess(_ name: ByteString = "", _ access: Access) throws(SyscallError) {
    let flags = UInt32(APUS_AT_EACCESS | APUS_AT_EMPTY_PATH)
    try check(
      unsafe name.withCString { unsafe apus_faccessat(raw, $0, access.rawValue, flags) },
      "access", name)
  }

  /// All entries but `.` and `..`, from where the open directory stands: open it anew to read again.
  @inline(never)
  package func entries() throws(SyscallError) -> [DirectoryEntry] {
    var all = [DirectoryEntry]()
    while true {
      let records = try directoryRecords()
      if records.isEmpty { return all }
      var at = 0
      // struct linux_dirent64: inode 8, offset 8, length 2, type 1, name up to a NUL.
      while at + 19 <= records.count {
        let length = Int(records[at + 16]) | Int(records[at + 17]) << 8
        let name = ByteString(records[(at + 19)..<(at + length)])
        if name != "." && name != ".." {
          all.append(DirectoryEntry(name: name, kind: kind(ofRecord: records[at + 18])))
        }
        at += length
      }
    }
  }

  private func directoryRecords() throws(SyscallError) -> [UInt8] {
    try unsafe readFromKernel(32768, "getdents") { unsafe apus_getdents(raw, $0, 32768) }
  }

  private func kind(ofRecord type: UInt8) -> FileStatus.Kind {
    switch type {
    case 1: .fifo
    case 2: .character
    case 4: .directory
    case 6: .block
    case 8: .regular
    case 10: .symlink
    case 12: .socket
    default: .other
    }
  }
}

/// The current directory and root of this process.
package enum WorkingDirectory {
  /// chdir(2).
  @inline(never)
  package static func change(to path: ByteString) throws(SyscallError) {
    try check(unsafe path.withCString { unsafe apus_chdir($0) }, "chdir", path)
  }

  /// fchdir(2).
  @inline(never)
  package static func change(to directory: Handle) throws(SyscallError) {
    try check(apus_fchdir(directory.raw), "fchdir", ByteString(decimal: directory.raw))
  }

  /// chroot(2); the current directory stays where it is.
  @inline(never)
  package static func changeRoot(to path: ByteString) throws(SyscallError) {
    try check(unsafe path.withCString { unsafe apus_chroot($0) }, "chroot", path)
  }

  /// The kernel's own answer: it begins with `(unreachable)` when the directory lies outside the
  /// root (CVE-2024-21626), which libc's getcwd would hide.
  @inline(never)
  package static func current() throws(SyscallError) -> ByteString {
    let bytes = try unsafe readFromKernel(4096, "getcwd") { unsafe apus_getcwd($0, 4096) }
    return ByteString(bytes)
  }
}

extension Handle {
  /// Gives the entry of `target` the access and modification times of this file; a link itself has
  /// times too (utimensat(2)).
  @inline(never)
  package func copyTimes(to target: Handle, _ name: ByteString) throws(SyscallError) {
    try check(
      unsafe name.withCString { unsafe apus_copy_times(raw, target.raw, $0) }, "utimensat", name)
  }
}
