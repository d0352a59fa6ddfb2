package import Bytes
package import Linux
package import OCISpec

/// The tree while it is built: handles that live from one step to the next. Used by init alone; all of
/// them are closed before the program runs.
package final class RootfsContext {
  let plan: RootfsPlan
  /// The root's directory, opened once in the parent; what was checked is what becomes the root.
  let directory: SharedDescriptor
  /// The root mount, once it is made.
  package internal(set) var root: SharedDescriptor
  /// Mounts that turn read-only at the end.
  var delayed: [SharedDescriptor] = []
  /// The host's `/dev/null`, detached, to be bound over files (CVE-2025-31133 is a container's own
  /// that was a link).
  var null: SharedDescriptor?
  /// Mounts that have a propagation of their own, which the root's must not replace at the end.
  var connected: [(mount: SharedDescriptor, changes: [MountChange])] = []
  /// Mounts that a later entry changes, by their place in the configuration.
  var remountable: [(destination: ByteString, mount: SharedDescriptor)] = []
  /// The bind mounts that were made: what is in them belongs to the host.
  var bound: [(mountID: UInt64, destination: ByteString)] = []
  /// Sources that were cloned in the parent, by the mount's place in the configuration.
  var pinned: [(pointer: ByteString, tree: SharedDescriptor)] = []
  /// On a container that runs: bind mounts whose sources are cloned on the way into it.
  var postponed: [MountPlan] = []
  /// User namespaces whose ids idmapped mounts have, by the mount's place in the configuration.
  let idMaps: [(pointer: ByteString, namespace: SharedDescriptor)]
  /// The host's procfs, where attributes can be changed through paths only.
  var procfs: SharedDescriptor?
  /// The directory of the last device, for the next one.
  var lastDeviceParent: DeviceParent?
  /// The tmpfs that we mounted on `/dev` ourselves.
  var ownDevMountID: UInt64?
  /// Nodes that the parent made, for a container that cannot make any.
  var pinnedDevices: [(pointer: ByteString, tree: SharedDescriptor)] = []
  /// Whether `/dev` turned out to be a bind mount, behind a link of the image.
  var isDevOfHost = false
  /// Set once the kernel refused to make a node.
  var bindsDevices = false

  package var hasMountNamespace: Bool { plan.rootSwitch != .changeRoot }

  var resolver: InRootResolver { InRootResolver(root: root.handle) }

  /// On a container that runs, called with each mount and its target right before it is attached.
  package var beforeAttach: ((Handle, Handle) throws(SyscallError) -> Void)?

  init(
    _ plan: RootfsPlan, _ directory: SharedDescriptor,
    _ idMaps: [(pointer: ByteString, namespace: SharedDescriptor)]
  ) {
    self.plan = plan
    self.idMaps = idMaps
    self.directory = directory
    root = directory
  }

  /// Opens the root's directory, on the host.
  package static func open(
    _ plan: RootfsPlan,
    idMaps: [(pointer: ByteString, namespace: SharedDescriptor)] = []
  ) throws(SyscallError) -> RootfsContext {
    let directory = SharedDescriptor(
      try Handle.currentDirectory.open(plan.path, [.path, .directory]))
    // Whatever links the path has: the host's own root is no root for a container.
    if try directory.handle.status().isSameFile(as: Handle.currentDirectory.status(ofEntry: "/")) {
      throw .unmet("is the host's own root", plan.path)
    }
    if plan.startsInside { try WorkingDirectory.change(to: directory.handle) }
    return RootfsContext(plan, directory, idMaps)
  }

  /// Clones the sources that engines have pinned as `/proc/PID/fd/N` (CVE-2021-25741): such a file
  /// belongs to our own mount namespace, and from init's it could not be cloned any more. From inside
  /// a user namespace the ids of a mount cannot be mapped, and its root may not be able to walk to a
  /// source of the host's.
  package func pinSources() throws(ConfigError) {
    if plan.startsInside { pinDevices() }
    for index in plan.mounts.indices { try pinSource(of: index) }
  }

  /// The same for the last mount, whose source is made after the others were looked at.
  package func pinLastSource() throws(ConfigError) {
    if !plan.mounts.isEmpty { try pinSource(of: plan.mounts.count - 1) }
  }

  private func pinSource(of index: Int) throws(ConfigError) {
    let mount = plan.mounts[index]
    let isMappedHere = mount.idMap != nil && plan.startsInside
    guard case .bind(let source, let recursive) = mount.kind, plan.pinsSource(of: mount) else {
      return
    }
    do throws(SyscallError) {
      let tree =
        try isMappedHere
        ? earlierMount(index, recursive: recursive)
        : SharedDescriptor(
          try Mounting.openTree(
            at: .currentDirectory, path: source, clone: true, recursive: recursive,
            followLinks: !mount.keepsSourceLink))
      if isMappedHere { try mapIDs(of: tree.handle, mount) }
      pinned.append((mount.pointer, tree))
    } catch {
      // Inside there would be no more descriptors than here.
      if isMappedHere || error.errno == .EMFILE { throw ConfigError(mount.pointer, error.message) }
      // Init says it with the step's name, if it is an error there too.
    }
  }
}

extension RootfsPlan {
  /// How many descriptors `RootfsContext.pinSources` keeps open, at most.
  package var pinnedCount: Int {
    let nodes = userNamespaceIDs == nil ? [] : devices.filter { $0.isPinned }
    return mounts.filter(pinsSource).count + nodes.count
  }

  fileprivate func pinsSource(of mount: MountPlan) -> Bool {
    guard case .bind(let source, _) = mount.kind else { return false }
    return source.hasPrefix("/proc/")
      || startsInside && (mount.idMap != nil || mount.sourceInRoot == nil)
  }
}
