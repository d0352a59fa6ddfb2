import Bytes
import Linux

/// A new filesystem: fsopen(2), its options one by one, fsmount(2).
enum FilesystemMount {
  /// A detached mount with the attributes of `plan`.
  static func make(
    _ type: ByteString, source: ByteString, _ plan: MountPlan, data: [ByteString]
  ) throws(SyscallError) -> SharedDescriptor {
    let context = SharedDescriptor(try Mounting.openFilesystem(type))
    do throws(SyscallError) {
      if !source.isEmpty { try Mounting.configure(context.handle, "source", source) }
      for option in data { try configure(context.handle, option) }
      for flag in superblockFlags(type, plan.options) {
        try Mounting.configure(context.handle, flag: flag)
      }
      try Mounting.create(context.handle)
    } catch {
      // The kernel tells more than a number, to this context only.
      let log = Mounting.fscontextLog(context.handle)
      throw log.isEmpty
        ? error : error.about(error.subject + ": " + log)
    }
    var attributes = plan.options.attributes.set
    if plan.delaysReadOnly { attributes.remove(.readOnly) }
    attributes.remove(.noSymlinkFollow)
    return SharedDescriptor(try Mounting.mountFilesystem(context.handle, attributes))
  }

  /// A place for one mount that is made in passing.
  static func scratch() throws(SyscallError) -> SharedDescriptor {
    let context = SharedDescriptor(try Mounting.openFilesystem("tmpfs"))
    try Mounting.configure(context.handle, "mode", "0700")
    try Mounting.create(context.handle)
    return SharedDescriptor(try Mounting.mountFilesystem(context.handle))
  }

  private static func configure(_ context: Handle, _ option: ByteString) throws(SyscallError) {
    if let (key, value) = option.cut(at: UInt8(ascii: "=")) {
      try Mounting.configure(context, key, value)
    } else {
      try Mounting.configure(context, flag: option)
    }
  }

  /// Whether it is on no disk and asks no server.
  static func isKernelsOwn(_ type: ByteString) -> Bool {
    switch type {
    case "proc", "sysfs", "tmpfs", "devpts", "mqueue", "cgroup2", "devtmpfs", "securityfs",
      "debugfs", "tracefs", "bpf":
      true
    default: false
    }
  }

  /// The flags of the filesystem itself. A disk is opened read-only as a whole; of the kernel's own
  /// filesystems the instance may have other mounts, which are to stay as they are.
  static func superblockFlags(_ type: ByteString, _ options: MountOptions) -> [ByteString] {
    var flags = [ByteString]()
    if options.attributes.set.contains(.readOnly), !isKernelsOwn(type) { flags.append("ro") }
    if options.superblock.contains(.synchronous) { flags.append("sync") }
    if options.superblock.contains(.directorySync) { flags.append("dirsync") }
    if options.superblock.contains(.lazyTime) { flags.append("lazytime") }
    if options.superblock.contains(.mandatoryLocks) { flags.append("mand") }
    return flags
  }
}
