import Bytes
import Linux

/// Changes attributes and propagation of a mount in hand, on every kernel.
enum AttributeCalls {
  /// On kernels before 5.12 only an attached mount can be changed, and only with all of its flags
  /// written anew: see `setAttached`.
  static func set(
    _ mount: Handle, _ change: AttributeChange, propagation: Mounting.Propagation? = nil,
    recursive: Bool = false
  ) throws(SyscallError) {
    do throws(SyscallError) {
      try Mounting.setAttributes(
        mount, set: change.set, clear: change.clear, propagation: propagation,
        recursive: recursive)
    } catch {
      guard error.errno == .ENOSYS else { throw error }
      if recursive && !change.isEmpty { throw error }
      try setAttached(mount, change, propagation, recursive: recursive)
    }
  }

  /// The same with mount(2), through the descriptor's own link in the host's procfs.
  private static func setAttached(
    _ mount: Handle, _ change: AttributeChange, _ propagation: Mounting.Propagation?,
    recursive: Bool
  ) throws(SyscallError) {
    let path = "/proc/self/fd/" + ByteString(decimal: mount.raw)
    if !change.isEmpty {
      // What is not named stays: a remount sets all flags of the mount.
      var flags = MountFlags(rawValue: try mount.filesystem().flags & 0x2f | 0)
      flags.formUnion(legacy(change.set))
      flags.subtract(legacy(change.clear.subtracting(.accessTimeMask)))
      try Mounting.mount(target: path, flags: [flags, .remount, .bind])
    }
    if let propagation {
      var flags = MountFlags(rawValue: propagation.rawValue)
      if recursive { flags.insert(.recursive) }
      try Mounting.mount(target: path, flags: flags)
    }
  }

  static func legacy(_ attributes: MountAttributes) -> MountFlags {
    var flags: MountFlags = []
    if attributes.contains(.readOnly) { flags.insert(.readOnly) }
    if attributes.contains(.noSetUserID) { flags.insert(.noSetUserID) }
    if attributes.contains(.noDevices) { flags.insert(.noDevices) }
    if attributes.contains(.noExecute) { flags.insert(.noExecute) }
    if attributes.contains(.noDirectoryAccessTime) { flags.insert(.noDirectoryAccessTime) }
    if attributes.contains(.noSymlinkFollow) { flags.insert(.noSymlinkFollow) }
    if attributes.contains(.noAccessTime) { flags.insert(.noAccessTime) }
    if attributes.contains(.strictAccessTime) { flags.insert(.strictAccessTime) }
    return flags
  }
}
