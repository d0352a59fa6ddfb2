import Bytes
import Linux
import Namespaces
import Plan
import Rootfs

// How a process gets into namespaces, and what it sets in them.
extension InitStage {
  func perform(_ step: NamespaceStep) throws(SyscallError) {
    switch step {
    case .join(let kind): try join(kind)
    case .joinWithUserNamespace(let kinds): try joinWithUserNamespace(kinds)
    case .unshare(let kinds):
      try ThisProcess.unshare(kinds.reduce(into: []) { $0.insert($1.flag) })
    case .becomeRoot: try becomeRoot()
    case .secondClone(let namespaces): try secondClone(namespaces)
    case .enterRoot: try enterRoot()
    case .copyMounts:
      try ThisProcess.unshare(.mount)
      try Mounting.mount(target: "/", flags: [.private, .recursive])
    case .toolRoot(let pivots): try context.toolRoot?.enter(pivots: pivots)
    case .loopback: try Socket.bringLoopbackUp()
    case .hostNames(let names): try names.apply()
    case .sysctl(let plan): try plan.apply(procfs: try privateProcfs())
    }
  }

  private func join(_ kind: NamespaceKind) throws(SyscallError) {
    // The host's procfs speaks of other processes once we are elsewhere.
    procfs = nil
    for namespace in context.joined where namespace.kind == kind { try namespace.join() }
  }

  private func joinWithUserNamespace(_ kinds: [NamespaceKind]) throws(SyscallError) {
    procfs = nil
    try OpenedNamespace.joinWithUserNamespace(context.joined.filter { kinds.contains($0.kind) })
  }

  /// Until the parent has written the maps, our ids are unmapped.
  private func becomeRoot() throws(SyscallError) {
    procfs = nil
    try Credentials.setGroup(0)
    try Credentials.setUser(0)
    try followParent()
  }

  /// Clones a process beside this one, a child of the same parent, which performs what is left.
  private func secondClone(_ namespaces: NamespaceFlags) throws(SyscallError) {
    switch try ThisProcess.clone(new: namespaces, asSibling: true) {
    case .child:
      try followParent()
      if context.waitsWhenCloned { try channel.awaitProceed() }
    case .parent(let child):
      try channel.send(.cloned, child.handle)
      ThisProcess.exit(0)
    }
  }

  /// A process that joins no mount namespace would keep the host's root.
  private func enterRoot() throws(SyscallError) {
    guard var root = context.joinedRoot else {
      throw .unmet("the container's root is not open")
    }
    if let path = context.toolRoot?.containerRoot {
      // The same directory in the copy of the mount namespace.
      let own = SharedDescriptor(try Handle.currentDirectory.open(path, [.path, .directory]))
      guard try own.handle.status().isSameFile(as: root.handle.status()) else {
        throw .violation(quoted(path) + " is not the container's root", path)
      }
      root = own
    }
    try WorkingDirectory.change(to: root.handle)
    try WorkingDirectory.changeRoot(to: ".")
  }
}
