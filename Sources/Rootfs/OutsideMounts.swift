package import Bytes
package import Linux

/// A mount whose files are not the container's own: an image of the container has its name only.
package struct OutsideMount: Equatable, Sendable {
  /// What images call it.
  package var name: ByteString
  /// In the container, as the configuration has it.
  package var destination: ByteString
  /// On the host.
  package var source: ByteString
  package var recursive = false
  /// Whether the runtime made it of its own accord, where the destination is there and no directory.
  package var isCover = false

  package init(
    name: ByteString, destination: ByteString, source: ByteString, recursive: Bool = false,
    isCover: Bool = false
  ) {
    self.name = name
    self.destination = destination
    self.source = source
    self.recursive = recursive
    self.isCover = isCover
  }
}

extension RootfsPlan {
  /// All that there may be. A bind mount is called by its destination, as other runtimes call it.
  package var outside: [OutsideMount] {
    var all = [OutsideMount]()
    for mount in mounts {
      switch mount.kind {
      case .bind(let source, let recursive):
        all.append(
          OutsideMount(
            name: mount.destination, destination: mount.destination, source: source,
            recursive: recursive))
      case .cgroup(let hierarchy, false):
        // CRIU would mount it anew, which resets the options of the one hierarchy that there is.
        all.append(
          OutsideMount(
            name: mount.destination, destination: mount.destination, source: hierarchy))
      case .cgroup, .filesystem, .remount: break
      }
    }
    for device in devices where userNamespaceIDs != nil {
      all.append(
        OutsideMount(
          name: device.path, destination: device.path, source: device.path, isCover: true))
    }
    for path in maskedPaths {
      all.append(
        OutsideMount(
          name: "/dev/null", destination: path.path, source: "/dev/null", isCover: true))
    }
    return all
  }

  /// The first mount whose ids are mapped, of which CRIU knows nothing: its pointer.
  package var mappedMount: ByteString? { mounts.first { $0.idMap != nil }?.pointer }
}

/// Where the outside mounts of a running container are.
package struct OutsideMounts {
  private let resolver: InRootResolver
  private let mounts: [MountInfo]

  /// - Parameters:
  ///   - root: the container's.
  ///   - mountInfo: of its init.
  package init(root: Handle, mountInfo: [UInt8]) {
    resolver = InRootResolver(root: root)
    mounts = MountInfo.parse(mountInfo[...])
  }

  /// The mount points with the names that images are to have, mounts below recursive ones among them.
  package func find(_ outside: [OutsideMount]) throws(SyscallError)
    -> [(mountPoint: ByteString, name: ByteString)]
  {
    var found = [(mountPoint: ByteString, name: ByteString)]()
    var trees = [(mount: MountInfo, name: ByteString)]()
    for one in outside {
      guard let place = try resolver.openIfPresent(one.destination) else { continue }
      let status = try place.handle.status()
      if one.isCover, status.kind == .directory { continue }
      let path = try Handle.currentDirectory.readLink(place.handle.descriptorPath)
      guard let mount = mounts.last(where: { $0.id == status.mountID && $0.mountPoint == path })
      else { continue }
      if found.contains(where: { $0.mountPoint == path }) { continue }
      found.append((path, one.name))
      if one.recursive { trees.append((mount, one.name)) }
    }
    for tree in trees {
      for mount in mounts where isBelow(mount, tree.mount.id) {
        guard let rest = mount.mountPoint.path(below: tree.mount.mountPoint),
          !found.contains(where: { $0.mountPoint == mount.mountPoint })
        else { continue }
        found.append((mount.mountPoint, tree.name + rest))
      }
    }
    return found
  }

  private func isBelow(_ mount: MountInfo, _ id: UInt64) -> Bool {
    var parent = mount.parent
    for _ in 0..<mounts.count {
      if parent == id { return true }
      guard let next = mounts.first(where: { $0.id == parent }), next.parent != parent else {
        return false
      }
      parent = next.parent
    }
    return false
  }
}

extension OutsideMount {
  /// What is to be found by a name of an image: the mount, and the host's mounts below a recursive one.
  package func sources(_ host: [MountInfo]) -> [(name: ByteString, source: ByteString)] {
    let source = place
    var all = [(name: name, source: source)]
    if recursive {
      for mount in host {
        guard let rest = mount.mountPoint.path(below: source), rest != "/" else {
          continue
        }
        all.append((name + rest, mount.mountPoint))
      }
    }
    return all
  }

  /// Where the source is without links: criu binds a link itself, not what it leads to. That one is absent, criu says.
  private var place: ByteString {
    do throws(SyscallError) {
      let file = try Handle.currentDirectory.open(source, .path)
      return try Handle.currentDirectory.readLink(file.handle.descriptorPath)
    } catch {
      return source.cleanedPath
    }
  }
}
