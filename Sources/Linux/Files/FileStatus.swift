package import Bytes
import CShim

/// What a file is (statx(2)).
package struct FileStatus: Sendable, Equatable {
  /// The file type (inode(7), S_IFMT).
  package enum Kind: Sendable {
    case regular, directory, symlink, character, block, fifo, socket, other
  }

  package let inode: UInt64
  package let size: UInt64
  /// Which mount the file was reached through; 0 before Linux 5.8.
  package let mountID: UInt64
  package let mode: UInt32
  package let userID: UInt32
  package let groupID: UInt32
  package let links: UInt32
  /// The filesystem's device number.
  package let device: (major: UInt32, minor: UInt32)
  /// The number of a device node; 0:0 for everything else, so ask `kind` first (CVE-2026-88265).
  package let special: (major: UInt32, minor: UInt32)

  init(_ raw: apus_status) {
    inode = raw.inode
    size = raw.size
    mountID = raw.mount_id
    mode = raw.mode
    userID = raw.uid
    groupID = raw.gid
    links = raw.links
    device = (raw.device_major, raw.device_minor)
    special = (raw.special_major, raw.special_minor)
  }

  package var permissions: UInt32 { mode & 0o7777 }

  package var kind: Kind {
    switch Int32(mode) & APUS_S_IFMT {
    case APUS_S_IFREG: .regular
    case APUS_S_IFDIR: .directory
    case APUS_S_IFLNK: .symlink
    case APUS_S_IFCHR: .character
    case APUS_S_IFBLK: .block
    case APUS_S_IFIFO: .fifo
    case APUS_S_IFSOCK: .socket
    default: .other
    }
  }

  /// Whether this is the character device `major:minor`.
  @inline(never)
  package func isCharacterDevice(_ major: UInt32, _ minor: UInt32) -> Bool {
    kind == .character && special == (major, minor)
  }

  /// Whether both are the same file of the same filesystem.
  @inline(never)
  package func isSameFile(as other: FileStatus) -> Bool {
    inode == other.inode && device == other.device
  }

  @inline(never)
  package static func == (left: FileStatus, right: FileStatus) -> Bool {
    left.isSameFile(as: right) && left.mode == right.mode && left.size == right.size
      && left.userID == right.userID && left.groupID == right.groupID
      && left.special == right.special && left.mountID == right.mountID
  }
}

/// What kind of filesystem a file lies on (statfs(2)).
package struct FilesystemStatus: Sendable {
  package let type: UInt64
  package let flags: UInt64
  package static let proc: UInt64 = APUS_PROC_SUPER_MAGIC
  package static let sysfs: UInt64 = APUS_SYSFS_MAGIC
  package static let devpts: UInt64 = APUS_DEVPTS_SUPER_MAGIC
  package static let cgroup2: UInt64 = APUS_CGROUP2_SUPER_MAGIC
  package static let tmpfs: UInt64 = APUS_TMPFS_MAGIC
  package static let resctrl: UInt64 = APUS_RDTGROUP_SUPER_MAGIC
  package static let pidfs: UInt64 = APUS_PID_FS_MAGIC
  package var isReadOnly: Bool { flags & 1 != 0 }
  /// Whether the filesystem type cannot be written at all: squashfs or erofs. Another
  /// filesystem that is read-only now can be remounted.
  package var isImage: Bool { type == APUS_SQUASHFS_MAGIC || type == APUS_EROFS_SUPER_MAGIC }
}

extension Handle {
  /// The status of the open file itself (statx(2), AT_EMPTY_PATH).
  @inline(never)
  package func status() throws(SyscallError) -> FileStatus {
    try status(of: "", flags: UInt32(APUS_AT_EMPTY_PATH))
  }

  /// The status of an entry of this directory, itself if it is a link.
  @inline(never)
  package func status(ofEntry path: ByteString) throws(SyscallError) -> FileStatus {
    try status(of: path, flags: UInt32(APUS_AT_SYMLINK_NOFOLLOW))
  }

  /// The status of what an entry of this directory leads to.
  @inline(never)
  package func status(behindEntry path: ByteString) throws(SyscallError) -> FileStatus {
    try status(of: path, flags: 0)
  }

  private func status(of path: ByteString, flags: UInt32) throws(SyscallError) -> FileStatus {
    var raw = apus_status()
    let answer = unsafe path.withCString { unsafe apus_statx(self.raw, $0, flags, &raw) }
    try check(answer, "statx", path.isEmpty ? ByteString(decimal: self.raw) : path)
    return FileStatus(raw)
  }

  /// The filesystem of the open file (fstatfs(2)).
  @inline(never)
  package func filesystem() throws(SyscallError) -> FilesystemStatus {
    var out = apus_statfs()
    try unsafe check(apus_fstatfs(raw, &out), "fstatfs", ByteString(decimal: raw))
    return FilesystemStatus(type: out.type, flags: out.flags)
  }
}
