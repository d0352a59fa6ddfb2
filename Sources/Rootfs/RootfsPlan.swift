package import Bytes
package import Linux
package import OCISpec

/// What the container sees as its files, as a value.
package struct RootfsPlan: Equatable, Sendable {
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
  package var propagation: Mounting.Propagation?
  package var rootSwitch: Switch
  package var mounts: [MountPlan]
  package var devices: [DevicePlan]
  /// False when `/dev` is a bind mount: nothing is made in a directory of the host.
  package var createsDevices: Bool
  package var maskedPaths: [MaskedPath]
  package var readonlyPaths: [ByteString]

  package static func make(
    config: Config, bundle: ByteString, hasMountNamespace: Bool, noPivot: Bool, host: HostFacts,
    warnings: inout [ByteString]
  ) throws(ConfigError) -> RootfsPlan {
    if config.root.path.isEmpty { throw ConfigError("/root/path", "is empty") }
    var mounts = [MountPlan]()
    for (index, mount) in config.mounts.enumerated() {
      mounts.append(
        try MountPlan.make(mount, index: index, bundle: bundle, host: host, warnings: &warnings))
    }
    let bindsDev = mounts.contains { $0.destination == "/dev" && $0.isBind }
    let devices = try DevicePlan.make(config.linux.devices)
    return RootfsPlan(
      path: config.root.path.hasPrefix("/") ? config.root.path : bundle + "/" + config.root.path,
      isReadOnly: config.root.readonly,
      propagation: try propagation(config.linux.rootfsPropagation, noPivot: noPivot),
      rootSwitch: hasMountNamespace ? (noPivot ? .move : .pivot) : .changeRoot,
      mounts: mounts,
      devices: bindsDev || !hasMountNamespace ? [] : devices,
      createsDevices: !bindsDev && hasMountNamespace,
      maskedPaths: try paths(config.linux.maskedPaths, "/linux/maskedPaths").map {
        MaskedPath(path: $0)
      },
      readonlyPaths: try paths(config.linux.readonlyPaths, "/linux/readonlyPaths"))
  }

  private static func propagation(_ name: ByteString?, noPivot: Bool) throws(ConfigError)
    -> Mounting.Propagation?
  {
    switch name {
    case nil, "": return nil
    case "slave", "rslave": return .slave
    case "shared", "rshared": return .shared
    case "unbindable", "runbindable": return .unbindable
    case "private", "rprivate":
      if noPivot {
        throw ConfigError("/linux/rootfsPropagation", "`private` cannot be had without pivot_root")
      }
      return .private
    case .some(let name):
      throw ConfigError("/linux/rootfsPropagation", "unknown propagation " + quoted(name))
    }
  }

  /// Absolute, each once (LX-3, LX-4).
  private static func paths(_ paths: [ByteString], _ pointer: ByteString) throws(ConfigError)
    -> [ByteString]
  {
    var unique = [ByteString]()
    for (index, path) in paths.enumerated() {
      let here = pointer + "/" + ByteString(decimal: index)
      guard path.hasPrefix("/") else {
        throw ConfigError(here, quoted(path) + " is not an absolute path")
      }
      guard !path.components.isEmpty else { throw ConfigError(here, "is the root itself") }
      if !unique.contains(path) { unique.append(path) }
    }
    return unique
  }
}

package struct MaskedPath: Equatable, Sendable {
  package var path: ByteString
}

extension MountPlan {
  var isBind: Bool {
    if case .bind = kind { return true }
    return false
  }
}
