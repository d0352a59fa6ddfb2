package import Bytes
package import Linux
package import OCISpec

/// What the container sees as its files, as a value.
package struct RootfsPlan: Equatable, Sendable {
  /// How init changes its root.
  package enum Switch: Equatable, Sendable {
    case pivot
    /// MS_MOVE and chroot(2), for a root that pivot_root(2) refuses (an initramfs).
    case move
    /// No mount namespace: chroot(2) alone.
    case changeRoot
  }

  /// On the host, absolute.
  package var path: ByteString
  package var isReadOnly: Bool
  /// As configured; nil is the default, slave.
  package var propagation: PropagationChange?
  package var rootSwitch: Switch
  /// Whether init is cloned with the root as its working directory: with the rights of a user
  /// namespace it may not be able to walk there.
  package var startsInside: Bool = false
  /// The ids of the container's user namespace, as far as the configuration has them.
  package var userNamespaceIDs: MountIDMap?
  package var mounts: [MountPlan]
  package var devices: [DevicePlan]
  /// False when `/dev` is the host's: nothing is made in a directory of the host.
  package var createsDevices: Bool
  package var maskedPaths: [MaskedPath]
  package var readonlyPaths: [ReadonlyPath]

  package static func make(
    config: Config, bundle: ByteString, hasMountNamespace: Bool, noPivot: Bool, host: HostFacts,
    warnings: inout [ByteString]
  ) throws(ConfigError) -> RootfsPlan {
    let root = try rootPath(config.root, bundle: bundle)
    if config.root.readonly, !hasMountNamespace {
      throw ConfigError("/root/readonly", "needs a mount namespace in /linux/namespaces")
    }
    let surroundings = MountSurroundings(
      bundle: bundle, rootPath: root, hierarchy: host.cgroup.mountPoint,
      hasCgroupNamespace: config.linux.namespaces.contains { $0.type == "cgroup" },
      userNamespace: config.linux.namespaces.contains { $0.type == "user" }
        ? (config.linux.uidMappings, config.linux.gidMappings) : nil,
      isRootless: host.isRootless)
    var mounts = [MountPlan]()
    for (index, mount) in config.mounts.enumerated() {
      mounts.append(
        try MountPlan.make(mount, index: index, surroundings, warnings: &warnings))
    }
    try label(&mounts, config)
    let devices = try DevicePlan.make(config.linux.devices)
    let dev = mounts.last { $0.destination == "/dev" }
    let createsDevices = hasMountNamespace && !(dev?.showsHostDevices ?? false)
    return RootfsPlan(
      path: root, isReadOnly: config.root.readonly,
      propagation: try propagation(config.linux.rootfsPropagation, noPivot: noPivot),
      rootSwitch: hasMountNamespace ? (noPivot ? .move : .pivot) : .changeRoot,
      userNamespaceIDs: surroundings.userNamespace.map {
        MountIDMap(users: $0.users, groups: $0.groups, recursive: false)
      },
      mounts: mounts, devices: createsDevices ? devices : [], createsDevices: createsDevices,
      maskedPaths: try paths(config.linux.maskedPaths, "/linux/maskedPaths/").map {
        MaskedPath(path: $0.path)
      },
      readonlyPaths: try paths(config.linux.readonlyPaths, "/linux/readonlyPaths/").map {
        ReadonlyPath(
          path: $0.path, pointer: "/linux/readonlyPaths/" + ByteString(decimal: $0.index))
      })
  }

  /// Whether an entry changes what another one mounts there.
  func isRemounted(_ destination: ByteString) -> Bool {
    mounts.contains {
      if case .remount = $0.kind { return $0.destination == destination }
      return false
    }
  }

  /// Filesystems that have no labels of their own get the context as an option; where SELinux is
  /// absent the kernel refuses it, and the container (LX-5).
  private static func label(_ mounts: inout [MountPlan], _ config: Config) throws(ConfigError) {
    let type = config.annotations[.mountContext] ?? "context"
    switch type {
    case "context", "fscontext", "defcontext", "rootcontext": break
    default:
      throw ConfigError(Annotation.mountContext.pointer, quoted(type) + " is not a kind of context")
    }
    guard let label = config.linux.mountLabel, !label.isEmpty else { return }
    // Part of mount(2)'s options, too, where a comma would end it.
    if label.count > 255 || label.contains(UInt8(ascii: "\"")) || label.contains(0x0a) {
      throw ConfigError("/linux/mountLabel", quoted(label) + " is not a label")
    }
    for index in mounts.indices {
      switch mounts[index].type {
      case nil, "proc", "sysfs", "mqueue": continue
      default:
        let option = type + "="
        mounts[index].options.data.append(
          option + (mounts[index].needsClassicCall ? "\"" + label + "\"" : label))
      }
    }
  }

  private static func rootPath(_ root: Config.Root, bundle: ByteString) throws(ConfigError)
    -> ByteString
  {
    if root.path.isEmpty { throw ConfigError("/root/path", "is empty") }
    let path = root.path.hasPrefix("/") ? root.path : bundle + "/" + root.path
    if path.cleanedPath == "/" { throw ConfigError("/root/path", "is the host's own root") }
    return path
  }

  private static func propagation(_ name: ByteString?, noPivot: Bool) throws(ConfigError)
    -> PropagationChange?
  {
    guard let name, !name.isEmpty else { return nil }
    guard case .propagation(let type, let recursive) = MountOptionTable.effect(of: name) else {
      throw ConfigError("/linux/rootfsPropagation", "unknown propagation " + quoted(name))
    }
    if type == .private, noPivot {
      throw ConfigError("/linux/rootfsPropagation", "`private` is not supported with --no-pivot")
    }
    return PropagationChange(type, recursive: recursive)
  }

  /// Absolute, each once (LX-3, LX-4), with its place in the list, which begins at `pointer`.
  private static func paths(_ paths: [ByteString], _ pointer: StaticString) throws(ConfigError)
    -> [(path: ByteString, index: Int)]
  {
    var unique = [(path: ByteString, index: Int)]()
    unique.reserveCapacity(paths.count)
    for (index, path) in paths.enumerated() {
      let here = { pointer.text + ByteString(decimal: index) }
      guard path.hasPrefix("/") else {
        throw ConfigError(here(), quoted(path) + " is not an absolute path")
      }
      let cleaned = path.cleanedPath
      if cleaned == "/" { throw ConfigError(here(), "is the root itself") }
      // The program would start without one, and nothing could say what it may do there.
      if cleaned == "/proc" { throw ConfigError(here(), "is all of `/proc`") }
      if !unique.contains(where: { $0.path == cleaned }) { unique.append((cleaned, index)) }
    }
    return unique
  }
}

/// An entry of `linux.readonlyPaths`.
package struct ReadonlyPath: Equatable, Sendable {
  package var path: ByteString
  package var pointer: ByteString
}

/// An entry of `linux.maskedPaths`.
package struct MaskedPath: Equatable, Sendable {
  package var path: ByteString
}
