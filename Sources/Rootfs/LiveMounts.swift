package import Bytes
package import Linux
package import OCISpec

// Mounts on a container that runs: the same entries as those of its configuration, on a tree that
// belongs to the container by now and can change at any moment.
extension RootfsPlan {
  /// `mounts` instead of those of the configuration. Pointers begin with `pointer`, which is where
  /// the list stands in its document.
  package static func live(
    _ mounts: [Mount], at pointer: ByteString, _ config: Config, bundle: ByteString,
    host: HostFacts, warnings: inout [ByteString]
  ) throws(ConfigError) -> RootfsPlan {
    var config = config
    config.mounts = mounts
    config.linux.devices = []
    var unrelated = [ByteString]()
    var plan: RootfsPlan
    do throws(ConfigError) {
      plan = try make(
        config: config, bundle: bundle, hasMountNamespace: true, noPivot: false, host: host,
        warnings: &unrelated)
      for mount in plan.mounts { try plan.checkLive(mount) }
    } catch {
      throw ConfigError(moved(error.pointer, to: pointer), error.reason)
    }
    for warning in unrelated where warning.hasPrefix("/mounts") {
      warnings.append(moved(warning, to: pointer))
    }
    // Whatever is the host's is opened before the container is entered.
    plan.startsInside = true
    for index in plan.mounts.indices {
      plan.mounts[index].pointer = pointer + "/" + ByteString(decimal: index)
      if case .cgroup(let hierarchy, false) = plan.mounts[index].kind {
        plan.mounts[index].kind = .bind(source: hierarchy, recursive: false)
      }
    }
    return plan
  }

  package static var nothing: RootfsPlan {
    RootfsPlan(
      path: "/", isReadOnly: false, rootSwitch: .pivot, mounts: [], devices: [],
      createsDevices: false, maskedPaths: [], readonlyPaths: [])
  }

  private static func moved(_ pointer: ByteString, to place: ByteString) -> ByteString {
    pointer.hasPrefix("/mounts") ? place + pointer.dropFirst(7) : pointer
  }

  /// What only a container that is being created can have.
  private func checkLive(_ mount: MountPlan) throws(ConfigError) {
    let pointer = mount.pointer
    if case .remount = mount.kind {
      throw ConfigError(pointer + "/options", "`remount` cannot change a container that exists")
    }
    if mount.destination == "/" {
      throw ConfigError(pointer + "/destination", "the root itself cannot be mounted over")
    }
    if mount.options.links.contains(.copySource) {
      throw ConfigError(pointer + "/options", "`copy-symlink` is possible at create only")
    }
    if mount.type == "proc" {
      // It would be of the pid namespace of the process that mounts it, which the container must not see.
      throw ConfigError(pointer + "/type", "a procfs can be mounted at create only")
    }
    if mount.needsClassicCall {
      throw ConfigError(
        pointer + "/options",
        "`iversion`, `silent` and values of more than 255 bytes are possible at create only")
    }
    if mount.idMap != nil, mount.sourceInRoot != nil {
      throw ConfigError(
        pointer + "/source", "a directory of the root filesystem can be idmapped at create only")
    }
    let covered = maskedPaths.map { $0.path } + readonlyPaths.map { $0.path }
    for path in covered {
      guard let rest = path.path(below: mount.destination), rest != "/" else { continue }
      throw ConfigError(
        pointer + "/destination", "would uncover " + quoted(path) + ", a masked or read-only path")
    }
  }
}

extension MountPlan {
  /// For the record.
  package var source: ByteString {
    switch kind {
    case .bind(let source, _), .filesystem(_, let source): source
    case .cgroup, .remount: "cgroup"
    }
  }

  package var typeName: ByteString {
    switch kind {
    case .bind: "bind"
    case .filesystem(let type, _): type
    case .cgroup, .remount: "cgroup2"
    }
  }

  /// Whether the filesystem is made in the container: what it shows depends on its namespaces. All
  /// others are made on the host, where the paths and devices in their options mean the host's.
  fileprivate var isMadeInside: Bool {
    switch type {
    case "sysfs", "mqueue", "cgroup2", "devpts", "tmpfs", "ramfs": true
    default: false
    }
  }
}

extension RootfsContext {
  /// For a container that runs, of whose tree nothing is open yet. `procfs` is the host's.
  package static func live(
    _ plan: RootfsPlan = .nothing, procfs: SharedDescriptor,
    idMaps: [(pointer: ByteString, namespace: SharedDescriptor)] = []
  ) -> RootfsContext {
    let context = RootfsContext(plan, procfs, idMaps)
    context.procfs = procfs
    return context
  }

  package var mounts: [MountPlan] { plan.mounts }

  /// Opens or makes what a mount takes from the host, which is not in sight inside.
  package func pinLive(_ mount: MountPlan) throws(SyscallError) {
    let tree: SharedDescriptor
    switch mount.kind {
    case .bind(let source, let recursive) where mount.sourceInRoot == nil:
      do throws(SyscallError) {
        tree = SharedDescriptor(
          try Mounting.openTree(
            at: .currentDirectory, path: source, clone: true, recursive: recursive,
            followLinks: !mount.keepsSourceLink))
      } catch {
        throw error.during("open the source").about(source)
      }
      if mount.idMap != nil { try mapIDs(of: tree.handle, mount) }
    case .filesystem(let type, let source) where !mount.isMadeInside:
      tree = try FilesystemMount.make(type, source: source, mount, data: mount.options.data)
    case .bind, .filesystem, .cgroup, .remount: return
    }
    pinned.append((mount.pointer, tree))
  }

  /// Leaves a bind mount whose source may not be cloned from here to `pinPostponed`.
  package func postpone(_ mount: MountPlan) { postponed.append(mount) }

  package var hasPostponed: Bool { !postponed.isEmpty }

  /// In the container's user namespace, with a mount namespace that belongs to it and has the host's
  /// mounts: there an unprivileged caller has the right.
  package func pinPostponed() throws(SyscallError) {
    for mount in postponed { try pinLive(mount) }
  }

  /// In a process that has joined the container's mount namespace, where `/` is the container's root,
  /// whatever root its init has given itself.
  package func openLiveRoot() throws(SyscallError) {
    root = SharedDescriptor(try Handle.currentDirectory.open("/", [.path, .directory]))
  }

  /// A handle on what is at `path`, for a mount that is going to be removed.
  package func findLive(_ path: ByteString) throws(SyscallError) -> SharedDescriptor {
    try resolver.open(path)
  }

  /// Whether `target` is the root, by way of a link.
  package func isRoot(_ target: Handle) throws(SyscallError) -> Bool {
    let (status, own) = (try target.status(), try root.handle.status())
    return status.isSameFile(as: own) && status.mountID == own.mountID
  }

  /// Unmounts what `mount` is a handle on, with everything below. By its link in the host's procfs:
  /// umount2(2) takes a path only, and the container's paths lead wherever the container wants.
  package func unmountLive(_ mount: Handle) throws(SyscallError) {
    guard let procfs else { throw .unmet("there is no procfs to unmount through") }
    try WorkingDirectory.change(to: procfs.handle)
    let result: SyscallError?
    do throws(SyscallError) {
      try Mounting.unmountDetached("self/fd/" + ByteString(decimal: mount.raw))
      result = nil
    } catch {
      result = error
    }
    try WorkingDirectory.change(to: "/")
    if let result { throw result }
  }
}
