package import Bytes
package import Linux

/// A mount of a running container with what it lacks of the attributes that the plan gives it.
package struct LackingMount: Equatable, Sendable {
  package var id: UInt64
  package var mountPoint: ByteString
  package var attributes: MountAttributes
  /// Where the configuration asks for them.
  package var pointer: ByteString
}

extension RootfsPlan {
  /// The attributes that have a word in mountinfo.
  private static let visible: MountAttributes = [
    .readOnly, .noSetUserID, .noDevices, .noExecute, .noSymlinkFollow,
  ]

  /// What of `present`, a container's mounts, does not protect as it should. `place` says where in the container
  /// a path of the plan is, and whether it is a directory; nil where nothing is.
  ///
  /// - Throws: a mount that is not there at all.
  package func lacking(
    _ present: [MountInfo],
    at place: (ByteString) throws(SyscallError) -> (
      path: ByteString, mountID: UInt64, isDirectory: Bool
    )?
  ) throws(SyscallError) -> [LackingMount] {
    var lacking = [LackingMount]()
    func demand(
      _ path: ByteString, _ attributes: MountAttributes, _ pointer: ByteString,
      isCover: Bool = false
    ) throws(SyscallError) {
      let wanted = attributes.intersection(RootfsPlan.visible)
      guard let (found, id, isDirectory) = try place(path),
        let mount = present.last(where: { $0.id == id })
      else {
        if isCover { return }
        throw .unmet("nothing is mounted on " + quoted(path) + " [" + pointer + "]")
      }
      guard mount.mountPoint == found else {
        // One of several paths that may be missing when the container is made.
        if isCover { return }
        throw .unmet("nothing is mounted on " + quoted(path) + " [" + pointer + "]")
      }
      let missing = (isCover && isDirectory ? wanted.intersection(.readOnly) : wanted)
        .subtracting(mount.attributes)
      if missing.isEmpty { return }
      lacking.append(
        LackingMount(id: id, mountPoint: found, attributes: missing, pointer: pointer))
    }
    if isReadOnly { try demand("/", .readOnly, "/root/readonly") }
    for (index, mount) in mounts.enumerated() where mount.isShown(in: mounts, after: index) {
      try demand(mount.destination, mount.options.attributes.set, mount.pointer)
    }
    for path in readonlyPaths { try demand(path.path, .readOnly, path.pointer, isCover: true) }
    for path in maskedPaths {
      try demand(
        path.path, [.readOnly, .noSetUserID, .noExecute], "/linux/maskedPaths", isCover: true)
    }
    return lacking
  }
}

extension MountPlan {
  /// Whether nothing later is mounted over it.
  fileprivate func isShown(in all: [MountPlan], after index: Int) -> Bool {
    !all[(index + 1)...].contains {
      destination.path(below: $0.destination) != nil && $0.showsMount
    }
  }
}
