import Bytes
import Linux
import Namespaces
import Plan
import Rootfs

// How a process gets into namespaces, and what it leaves behind before anybody there can see it.
extension InitStage {
  func join(_ kind: NamespaceKind) throws(SyscallError) {
    // The host's procfs speaks of other processes once we are elsewhere.
    procfs = nil
    for namespace in context.joined where namespace.kind == kind { try namespace.join() }
  }

  func joinAroundUser(_ kinds: [NamespaceKind]) throws(SyscallError) {
    procfs = nil
    try OpenedNamespace.join(aroundUser: context.joined.filter { kinds.contains($0.kind) })
  }

  /// Until now our ids had no meaning in the user namespace.
  func becomeRoot() throws(SyscallError) {
    procfs = nil
    try Credentials.setGroup(0)
    try Credentials.setUser(0)
    try followParent()
  }

  /// Clones a process beside this one, a child of the same parent, which performs what is left.
  func rebirth(_ namespaces: NamespaceFlags) throws(SyscallError) {
    switch try ThisProcess.clone(new: namespaces, asSibling: true) {
    case .child:
      try followParent()
      try channel.awaitProceed()
    case .parent(let child):
      try channel.send(.reborn, child.handle)
      ThisProcess.exit(0)
    }
  }

  /// A process that joins no mount namespace would keep the host's root.
  func enterRoot() throws(SyscallError) {
    guard let root = context.joinedRoot else {
      throw SyscallError("chroot", "the container's root", .ENODEV)
    }
    try WorkingDirectory.change(to: root.handle)
    try WorkingDirectory.changeRoot(to: ".")
  }

  /// The host's `/dev/null` becomes the container's.
  func replaceNullStreams() throws(SyscallError) {
    let hasNoMounts =
      context.joinedRoot != nil || context.creation?.rootfs.hasMountNamespace == false
    try NullStreams.replace(root: context.creation?.rootfs.root.handle, mayLackOne: hasNoMounts)
  }

  /// Closes everything but the channel, the standard streams and what is passed to the program. The
  /// placeholder of a number that nothing is passed with is a file of the host too: the channel takes
  /// its place, and nothing that is opened later gets the number.
  func leaveHost() throws(SyscallError) {
    procfs = nil
    let passed = passedDescriptors()
    passedBefore = passed
    for number in 0..<context.preservedDescriptors {
      let handle = Handle(raw: Int32(3 + number))
      if !passed.contains(handle) { try channel.handle.occupy(handle.raw) }
    }
    try closeAllBut(channel.handle)
  }

  /// Those of the numbers from 3 on that hold a file of the caller's. The others hold a placeholder,
  /// which stays close-on-exec.
  func passedDescriptors() -> [Handle] {
    if let passedBefore { return passedBefore }
    return (0..<context.preservedDescriptors).map { Handle(raw: Int32(3 + $0)) }
      .filter { !PreservedDescriptors.isPlaceholder($0) }
  }
}
