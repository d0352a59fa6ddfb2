import Bytes
package import Linux

/// The tree while it is built: handles that live from one step to the next. Used by init alone; all of
/// them are closed before the program runs.
package final class RootfsContext {
  let plan: RootfsPlan
  /// The root's directory, opened once in the parent; what was checked is what becomes the root.
  let directory: SharedDescriptor
  /// The root mount, once it is made.
  var root: SharedDescriptor
  /// Mounts that turn read-only at the end.
  var delayed: [SharedDescriptor] = []
  /// The host's `/dev/null`, detached, to be bound over files (CVE-2025-31133 is a container's own
  /// that was a link).
  var null: SharedDescriptor?
  /// The host's procfs, where attributes can be changed through paths only.
  var procfs: SharedDescriptor?
  /// The directory of the last device, for the next one.
  var lastDeviceParent: DeviceParent?
  /// The tmpfs that we mounted on `/dev` ourselves.
  var ownDevMountID: UInt64?
  /// Set once the kernel refused to make a node.
  var bindsDevices = false

  var resolver: InRootResolver { InRootResolver(root: root.handle) }

  private init(_ plan: RootfsPlan, _ directory: SharedDescriptor) {
    self.plan = plan
    self.directory = directory
    root = directory
  }

  /// Opens the root's directory, on the host.
  package static func open(_ plan: RootfsPlan) throws(SyscallError) -> RootfsContext {
    let directory = SharedDescriptor(
      try Handle.currentDirectory.open(plan.path, [.path, .directory]))
    // Whatever links the path has: the host's own root is no root for a container (P9).
    if try directory.handle.status().isSameFile(as: Handle.currentDirectory.status(ofEntry: "/")) {
      throw SyscallError("open", plan.path, .EINVAL)
    }
    return RootfsContext(plan, directory)
  }
}
