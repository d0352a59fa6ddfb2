import Bytes
import Linux

extension RootfsContext {
  /// Gives a detached mount the ids of its plan (ID-5).
  func mapIDs(of mount: Handle, _ plan: MountPlan) throws(SyscallError) {
    guard let map = plan.idMap, let entry = idMaps.first(where: { $0.pointer == plan.pointer })
    else { throw .unmet("there is no user namespace for the ids of the mount", plan.destination) }
    do throws(SyscallError) {
      try Mounting.setAttributes(
        mount, set: .idMapped, userNamespace: entry.namespace.handle, recursive: map.recursive)
    } catch {
      guard error.errno == .EINVAL else { throw error }
      throw .unmet(
        "the filesystem " + filesystemName(of: plan) + " does not support idmapped mounts",
        plan.destination)
    }
  }

  /// A clone of the source of an idmapped mount, made in the parent. One in the root filesystem may lie
  /// in an earlier bind mount of the configuration, which is nowhere mounted yet: it is found below
  /// that one's source.
  func earlierMount(_ index: Int, recursive: Bool) throws(SyscallError) -> SharedDescriptor {
    guard case .bind(let source, _) = plan.mounts[index].kind else {
      throw .unmet("only a bind mount can be idmapped", plan.mounts[index].destination)
    }
    guard let inRoot = plan.mounts[index].sourceInRoot,
      let earlier = plan.mounts[..<index].last(where: {
        inRoot.path(below: $0.destination) != nil && $0.showsMount
      }), let rest = inRoot.path(below: earlier.destination)
    else {
      return SharedDescriptor(
        try Mounting.openTree(
          at: .currentDirectory, path: source, clone: true, recursive: recursive))
    }
    guard case .bind(let outer, _) = earlier.kind, earlier.sourceInRoot == nil else {
      throw .unmet(
        "an idmapped mount of what the earlier mount on " + quoted(earlier.destination)
          + " shows is not supported", earlier.destination)
    }
    let directory = SharedDescriptor(try Handle.currentDirectory.open(outer, .path))
    if rest == "/" {
      return SharedDescriptor(
        try Mounting.openTree(at: directory.handle, clone: true, recursive: recursive))
    }
    let found = SharedDescriptor(
      try directory.handle.open(rest, .path, resolve: [.inRoot, .noMagicLinks]))
    return SharedDescriptor(
      try Mounting.openTree(at: found.handle, clone: true, recursive: recursive))
  }

  /// What mountinfo calls it.
  private func filesystemName(of plan: MountPlan) -> ByteString {
    guard case .bind(let source, _) = plan.kind else { return "" }
    do throws(SyscallError) {
      let file = try Handle.currentDirectory.open(source, .path)
      return try Mounting.filesystemName(mountID: file.handle.status().mountID)
    } catch {
      return "of `" + source + "`"
    }
  }
}
