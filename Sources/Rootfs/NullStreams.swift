import Bytes
package import Linux

/// Standard streams that are the host's `/dev/null` become the container's: its root could change the
/// mode of the host's through them. A device is known by its type and number (CVE-2026-88265).
package enum NullStreams {
  /// `root` is the container's root, nil where it is our own.
  ///
  /// A container without a null device of its own gets an error and not the host's: unless it
  /// `mayLackOne`, being in the host's mount namespace, where no node is made for it.
  package static func replace(root: Handle?, mayLackOne: Bool) throws(SyscallError) {
    var null: SharedDescriptor?
    for number: Int32 in 0...2 {
      guard try Handle(raw: number).status().isCharacterDevice(1, 3) else { continue }
      if null == nil {
        if let root {
          null = try open(InRootResolver(root: root), mayLackOne)
        } else {
          let own = SharedDescriptor(try Handle.currentDirectory.open("/", [.path, .directory]))
          null = try open(InRootResolver(root: own.handle), mayLackOne)
        }
      }
      try null?.handle.duplicate(onto: number)
    }
  }

  /// Looked at before it is opened, since opening may wait or have an effect, and afterwards.
  private static func open(_ resolver: InRootResolver, _ mayLackOne: Bool) throws(SyscallError)
    -> SharedDescriptor?
  {
    let node = try resolver.openIfPresent("/dev/null")
    if node == nil, mayLackOne { return nil }
    guard try node?.handle.status().isCharacterDevice(1, 3) == true else { throw missing }
    let opened = try resolver.open(
      "/dev/null", [.readWrite, .noFollow, .noControllingTerminal])
    guard try opened.handle.status().isCharacterDevice(1, 3) else { throw missing }
    return opened
  }

  private static var missing: SyscallError {
    .unmet("the container has no null device at `/dev/null`", "/dev/null")
  }
}
