package import Bytes
import CShim

/// Per-mount attributes as the new mount API spells them (mount_setattr(2)).
package struct MountAttributes: OptionSet, Sendable {
  package let rawValue: UInt64
  package init(rawValue: UInt64) { self.rawValue = rawValue }
  package static let readOnly = MountAttributes(rawValue: APUS_MOUNT_ATTR_RDONLY)
  package static let noSetUserID = MountAttributes(rawValue: APUS_MOUNT_ATTR_NOSUID)
  package static let noDevices = MountAttributes(rawValue: APUS_MOUNT_ATTR_NODEV)
  package static let noExecute = MountAttributes(rawValue: APUS_MOUNT_ATTR_NOEXEC)
  package static let noDirectoryAccessTime = MountAttributes(rawValue: APUS_MOUNT_ATTR_NODIRATIME)
  package static let noSymlinkFollow = MountAttributes(rawValue: APUS_MOUNT_ATTR_NOSYMFOLLOW)
  package static let noAccessTime = MountAttributes(rawValue: APUS_MOUNT_ATTR_NOATIME)
  package static let strictAccessTime = MountAttributes(rawValue: APUS_MOUNT_ATTR_STRICTATIME)
  /// The field that the access time settings share: a change clears it as a whole.
  package static let accessTimeMask = MountAttributes(rawValue: APUS_MOUNT_ATTR__ATIME)
  package static let idMapped = MountAttributes(rawValue: APUS_MOUNT_ATTR_IDMAP)
}

/// The flags of mount(2).
package struct MountFlags: OptionSet, Sendable {
  package let rawValue: UInt64
  package init(rawValue: UInt64) { self.rawValue = rawValue }
  package static let readOnly = MountFlags(rawValue: APUS_MS_RDONLY)
  package static let noSetUserID = MountFlags(rawValue: APUS_MS_NOSUID)
  package static let noDevices = MountFlags(rawValue: APUS_MS_NODEV)
  package static let noExecute = MountFlags(rawValue: APUS_MS_NOEXEC)
  package static let synchronous = MountFlags(rawValue: APUS_MS_SYNCHRONOUS)
  package static let remount = MountFlags(rawValue: APUS_MS_REMOUNT)
  package static let mandatoryLocks = MountFlags(rawValue: APUS_MS_MANDLOCK)
  package static let directorySync = MountFlags(rawValue: APUS_MS_DIRSYNC)
  package static let noSymlinkFollow = MountFlags(rawValue: APUS_MS_NOSYMFOLLOW)
  package static let noAccessTime = MountFlags(rawValue: APUS_MS_NOATIME)
  package static let noDirectoryAccessTime = MountFlags(rawValue: APUS_MS_NODIRATIME)
  package static let bind = MountFlags(rawValue: APUS_MS_BIND)
  package static let move = MountFlags(rawValue: APUS_MS_MOVE)
  package static let recursive = MountFlags(rawValue: APUS_MS_REC)
  package static let silent = MountFlags(rawValue: APUS_MS_SILENT)
  package static let unbindable = MountFlags(rawValue: APUS_MS_UNBINDABLE)
  package static let `private` = MountFlags(rawValue: APUS_MS_PRIVATE)
  package static let slave = MountFlags(rawValue: APUS_MS_SLAVE)
  package static let shared = MountFlags(rawValue: APUS_MS_SHARED)
  package static let relativeAccessTime = MountFlags(rawValue: APUS_MS_RELATIME)
  package static let inodeVersion = MountFlags(rawValue: APUS_MS_I_VERSION)
  package static let strictAccessTime = MountFlags(rawValue: APUS_MS_STRICTATIME)
  package static let lazyTime = MountFlags(rawValue: APUS_MS_LAZYTIME)
}

/// The calls that make, change and move mounts; a mount in hand is a descriptor, not a path.
package enum Mounting {
  /// A filesystem to be configured (fsopen(2)).
  @inline(never)
  package static func openFilesystem(_ type: ByteString) throws(SyscallError) -> FileDescriptor {
    let answer = unsafe type.withCString { unsafe apus_fsopen($0) }
    return FileDescriptor(owning: Int32(try check(answer, "fsopen", type)))
  }

  /// Sets `key` to `value`. EINVAL's reason lies in the kernel's log of this context: `fscontextLog`.
  @inline(never)
  package static func configure(_ context: Handle, _ key: ByteString, _ value: ByteString)
    throws(SyscallError)
  {
    let answer = unsafe key.withCString { key in
      unsafe value.withCString {
        unsafe apus_fsconfig(context.raw, UInt32(APUS_FSCONFIG_SET_STRING), key, $0, 0)
      }
    }
    try check(answer, "fsconfig", key + "=" + value)
  }

  /// Sets a parameter without a value (fsconfig(2), FSCONFIG_SET_FLAG).
  @inline(never)
  package static func configure(_ context: Handle, flag: ByteString) throws(SyscallError) {
    let answer = unsafe flag.withCString {
      unsafe apus_fsconfig(context.raw, UInt32(APUS_FSCONFIG_SET_FLAG), $0, nil, 0)
    }
    try check(answer, "fsconfig", flag)
  }

  /// Makes the superblock.
  @inline(never)
  package static func create(_ context: Handle) throws(SyscallError) {
    try check(
      apus_fsconfig(context.raw, UInt32(APUS_FSCONFIG_CMD_CREATE), nil, nil, 0), "fsconfig",
      "create")
  }

  /// What the kernel wrote about a refused context: one line, empty if it wrote nothing.
  @inline(never)
  package static func fscontextLog(_ context: Handle) -> ByteString {
    do throws(SyscallError) {
      let line = ByteString(try context.read(upTo: 256))
      // Each message is `e text\n` (error), `w` or `i`.
      return line.count > 2 ? line.dropFirst(2).trimmedEnd : line
    } catch {
      return ""
    }
  }

  /// A detached mount of the filesystem (fsmount(2)).
  @inline(never)
  package static func mountFilesystem(_ context: Handle, _ attributes: MountAttributes = [])
    throws(SyscallError) -> FileDescriptor
  {
    let answer = apus_fsmount(context.raw, UInt32(truncatingIfNeeded: attributes.rawValue))
    return FileDescriptor(owning: Int32(try check(answer, "fsmount")))
  }

  /// The mount at `path` below `directory` (itself for an empty path); with `clone` a detached copy
  /// of it, with `recursive` of everything below too (open_tree(2)).
  @inline(never)
  package static func openTree(
    at directory: Handle, path: ByteString = "", clone: Bool = true, recursive: Bool = false,
    followLinks: Bool = true
  ) throws(SyscallError) -> FileDescriptor {
    var flags = Int64(APUS_O_CLOEXEC) | Int64(path.isEmpty ? APUS_AT_EMPTY_PATH : 0)
    if clone { flags |= Int64(APUS_OPEN_TREE_CLONE) }
    if recursive { flags |= Int64(APUS_AT_RECURSIVE) }
    if !followLinks { flags |= Int64(APUS_AT_SYMLINK_NOFOLLOW) }
    let answer = unsafe path.withCString {
      unsafe apus_open_tree(directory.raw, $0, UInt32(truncatingIfNeeded: flags))
    }
    return FileDescriptor(owning: Int32(try check(answer, "open_tree", path)))
  }

  /// Propagation type of a mount (mount_namespaces(7), "Shared subtrees").
  package enum Propagation: Sendable {
    case unbindable, `private`, slave, shared

    package var flag: MountFlags {
      switch self {
      case .unbindable: .unbindable
      case .private: .private
      case .slave: .slave
      case .shared: .shared
      }
    }
  }

  /// mount_setattr(2), since Linux 5.12; ENOSYS before.
  @inline(never)
  package static func setAttributes(
    _ mount: Handle, set: MountAttributes = [], clear: MountAttributes = [],
    propagation: Propagation? = nil, userNamespace: Handle? = nil, recursive: Bool = false
  ) throws(SyscallError) {
    let flags = UInt32(APUS_AT_EMPTY_PATH | (recursive ? APUS_AT_RECURSIVE : 0))
    try check(
      unsafe apus_mount_setattr(
        mount.raw, "", flags, set.rawValue, clear.rawValue, propagation?.flag.rawValue ?? 0,
        UInt64(userNamespace?.raw ?? 0)), "mount_setattr")
  }

  /// Attaches the mount `mount` on the file `target` (move_mount(2)).
  @inline(never)
  package static func move(_ mount: Handle, onto target: Handle) throws(SyscallError) {
    let flags = UInt32(APUS_MOVE_MOUNT_F_EMPTY_PATH | APUS_MOVE_MOUNT_T_EMPTY_PATH)
    try check(unsafe apus_move_mount(mount.raw, "", target.raw, "", flags), "move_mount")
  }

  /// mount(2): propagation, remounts, and kernels without the newer calls.
  @inline(never)
  package static func mount(
    source: ByteString = "", target: ByteString, type: ByteString = "", flags: MountFlags,
    data: ByteString = ""
  ) throws(SyscallError) {
    let answer = unsafe source.withCString { source in
      unsafe target.withCString { target in
        unsafe type.withCString { type in
          unsafe data.withCString { unsafe apus_mount(source, target, type, flags.rawValue, $0) }
        }
      }
    }
    try check(answer, "mount", target)
  }

  /// umount2(2) with MNT_DETACH: at once, also if it is in use.
  @inline(never)
  package static func unmountDetached(_ target: ByteString) throws(SyscallError) {
    try check(
      unsafe target.withCString { unsafe apus_umount($0, UInt32(APUS_MNT_DETACH)) }, "umount",
      target)
  }

  /// pivot_root(2) with both arguments `.`: the old root lies over the new one afterwards.
  @inline(never)
  package static func pivotRootHere() throws(SyscallError) {
    try check(unsafe apus_pivot_root(".", "."), "pivot_root", ".")
  }
}

extension ByteString {
  fileprivate var trimmedEnd: ByteString {
    var text = self
    while text.hasSuffix("\n") { text = text.dropLast(1) }
    return text
  }
}
