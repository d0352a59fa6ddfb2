import Bytes
package import Linux

// One entry of `mounts`: a mount is made detached, gets its attributes, and is then attached to a
// handle. At no time it is named by a path that could mean something else by then.
extension RootfsContext {
  package func mount(_ plan: MountPlan) throws(SyscallError) {
    switch plan.kind {
    case .bind(let source, let recursive):
      let tree = try openTree(plan, source, recursive: recursive)
      try bind(tree, plan, isTree: recursive)
    case .filesystem(let type, let source):
      let place = try resolver.make(plan.destination, .directory, plan.links)
      try checkPlace(place.handle, plan)
      if plan.needsClassicCall {
        return try mountClassically(type, source, plan, on: place.handle)
      }
      try attachFilesystem(type, source, plan, on: place)
    case .cgroup(let hierarchy, let isNew):
      try mountCgroup(hierarchy, isNew: isNew, plan)
    case .remount(let isBind, let source, let type):
      try remount(plan, isBind: isBind, source, type)
    }
  }

  private func bind(_ tree: SharedDescriptor, _ plan: MountPlan, isTree: Bool)
    throws(SyscallError)
  {
    let status = try tree.handle.status()
    if status.kind == .symlink, plan.options.links.contains(.copySource) {
      return try copyLink(try tree.handle.readLink(""), plan)
    }
    let isDirectory = status.kind == .directory
    if plan.idMap != nil, !isPinned(plan) || !self.plan.startsInside {
      try mapIDs(of: tree.handle, plan)
    }
    if plan.destination == "/proc" { try checkIsProcRoot(tree.handle) }
    let place = try resolver.make(plan.destination, isDirectory ? .directory : .file, plan.links)
    try checkPlace(place.handle, plan)
    var changes = MountChange.all(for: plan, isTree: isTree)
    if isPinned(plan), let inherited = inheritedPropagation {
      // It was cloned where the host's mounts are shared, and is to be what it would be here.
      changes.insert(MountChange(propagation: inherited, recursive: isTree), at: 0)
    }
    try attach(tree.handle, onto: place.handle, after: changes)
    bound.append((status.mountID, plan.destination))
    remember(tree, plan, isTree: isTree)
  }

  /// A link at the destination, or the same one that is there already.
  private func copyLink(_ target: ByteString, _ plan: MountPlan) throws(SyscallError) {
    let directory = try resolver.make(plan.destination.directoryName, .directory)
    try checkPlace(directory.handle, plan)
    let name = plan.destination.baseName
    do throws(SyscallError) { try directory.handle.makeSymlink(name, to: target) } catch {
      guard error.errno == .EEXIST else { throw error }
      let present = try directory.handle.status(ofEntry: name)
      if present.kind == .symlink, try directory.handle.readLink(name) == target { return }
      throw .unmet(
        quoted(plan.destination) + " exists and is not the link to " + quoted(target),
        plan.destination)
    }
  }

  /// What `prepareRoot` made of the host's mounts. The kernel cuts them off itself for a user
  /// namespace, whose root shall mount nothing on the host.
  private var inheritedPropagation: Mounting.Propagation? {
    switch plan.propagation?.type {
    case .shared: plan.startsInside ? .slave : nil
    case .private: .private
    case .slave, .unbindable, nil: .slave
    }
  }

  /// What later steps need of a mount that was attached.
  private func remember(_ mount: SharedDescriptor, _ plan: MountPlan, isTree: Bool) {
    if plan.destination == "/" { root = mount }
    if plan.delaysReadOnly { delayed.append(mount) }
    if let overall = self.plan.propagation, overall.recursive,
      overall.type == .shared || overall.type == .unbindable, !plan.options.propagation.isEmpty
    {
      connected.append((mount, MountChange.propagations(for: plan, isTree: isTree)))
    }
    if self.plan.isRemounted(plan.destination) { remountable.append((plan.destination, mount)) }
  }

  private func isPinned(_ plan: MountPlan) -> Bool {
    pinned.contains { $0.pointer == plan.pointer }
  }

  private func openTree(_ plan: MountPlan, _ source: ByteString, recursive: Bool)
    throws(SyscallError) -> SharedDescriptor
  {
    for entry in pinned where entry.pointer == plan.pointer { return entry.tree }
    guard let inRoot = plan.sourceInRoot else {
      do throws(SyscallError) {
        return SharedDescriptor(
          try Mounting.openTree(
            at: .currentDirectory, path: source, clone: true, recursive: recursive,
            followLinks: !plan.keepsSourceLink))
      } catch {
        throw error.during("open the source").about(source)
      }
    }
    let found = try resolver.open(inRoot, .path, plan.keepsSourceLink ? .followParents : .follow)
    return SharedDescriptor(
      try Mounting.openTree(at: found.handle, clone: true, recursive: recursive))
  }

  /// A link may have led into procfs, where the configuration did not say so: its text was checked
  /// by the plan, here it is what was found.
  private func checkPlace(_ place: Handle, _ plan: MountPlan) throws(SyscallError) {
    if ProcRule.allows(plan.destination) { return }
    if try place.filesystem().type == FilesystemStatus.proc {
      throw .violation(
        "refused because the destination is inside procfs", plan.destination)
    }
  }

  private func checkIsProcRoot(_ tree: Handle) throws(SyscallError) {
    guard try tree.filesystem().type == FilesystemStatus.proc, try tree.status().inode == 1 else {
      throw .violation("refused because the source is not a procfs", "/proc")
    }
  }

  private func attachFilesystem(
    _ type: ByteString, _ source: ByteString, _ plan: MountPlan, on place: InRootResolver.Place
  ) throws(SyscallError) {
    var data = plan.options.data
    var covered: FileStatus?
    if type == "tmpfs", !place.isNew {
      // A directory that is covered lends its mode; a new one gets the kernel's default, 1777.
      covered = try place.handle.status()
      if let covered, !data.contains(where: { $0.hasPrefix("mode=") }) {
        data.append("mode=" + ByteString(octal: covered.permissions))
      }
    }
    let made: SharedDescriptor
    do throws(SyscallError) {
      if let known = pinned.first(where: { $0.pointer == plan.pointer }) {
        made = known.tree
      } else {
        made = try FilesystemMount.make(type, source: source, plan, data: data)
      }
    } catch {
      // Paths are the container's by now: nothing is bound from them, or read to explain anything.
      if beforeAttach != nil { throw error }
      // A user namespace without a network namespace of its own may not have a sysfs.
      guard error.errno == .EPERM, type == "sysfs" || type == "proc" else { throw error }
      if type == "sysfs" { return try bindHostSysfs(plan, on: place.handle) }
      throw explained(error)
    }
    if plan.options.copiesUp, let covered {
      try made.handle.changeOwner(user: covered.userID, group: covered.groupID)
      try TreeCopy.fill(made.handle, from: place.handle)
    }
    let changes = MountChange.all(for: plan, isTree: false)
    try attach(made.handle, onto: place.handle, after: changes)
    remember(made, plan, isTree: false)
    if plan.showsHostDevices {
      bound.append((try made.handle.status().mountID, plan.destination))
    }
    if plan.destination == "/dev", type == "tmpfs" {
      ownDevMountID = try made.handle.status().mountID
    }
  }

  /// The kernel shows a user namespace no more of procfs than is in sight outside.
  private func explained(_ error: SyscallError) -> SyscallError {
    do throws(SyscallError) {
      guard let cover = HostPseudoFilesystems.cover(try MountInfo.read()) else { return error }
      return error.during("a new procfs must not show what is mounted over in the host's")
        .about(cover)
    } catch _ {
      return error
    }
  }

  private func bindHostSysfs(_ plan: MountPlan, on place: Handle) throws(SyscallError) {
    let tree = SharedDescriptor(
      try Mounting.openTree(at: .currentDirectory, path: "/sys", clone: true, recursive: true))
    let change = AttributeChange(set: plan.options.attributes.set.union(.readOnly))
    try attach(
      tree.handle, onto: place,
      after: [MountChange(attributes: change, propagation: .private, recursive: true)])
  }

  private func mountCgroup(_ hierarchy: ByteString, isNew: Bool, _ plan: MountPlan)
    throws(SyscallError)
  {
    if isNew {
      do throws(SyscallError) {
        let place = try resolver.make(plan.destination, .directory)
        try checkPlace(place.handle, plan)
        let made = try FilesystemMount.make(
          "cgroup2", source: "cgroup", plan, data: plan.options.data)
        let changes = MountChange.all(for: plan, isTree: false)
        try attach(made.handle, onto: place.handle, after: changes)
        return remember(made, plan, isTree: false)
      } catch {
        // A user namespace around a cgroup namespace that is not its own.
        if error.errno != .EPERM || beforeAttach != nil { throw error }
      }
    }
    var plan = plan
    plan.kind = .bind(source: hierarchy, recursive: false)
    if plan.options.propagation.isEmpty {
      // It stands in for a mount of the container's own.
      plan.options.propagation = [PropagationChange(.private)]
    }
    try mount(plan)
  }

  /// mount(2) for what the newer calls cannot say. It needs an attached place, which is on a tmpfs
  /// that only init can reach: no path of the container's is looked up again to find the mount.
  private func mountClassically(
    _ type: ByteString, _ source: ByteString, _ plan: MountPlan, on place: Handle
  ) throws(SyscallError) {
    let options = plan.options
    var attributes = options.attributes.set
    if plan.delaysReadOnly { attributes.remove(.readOnly) }
    let scratch = try FilesystemMount.scratch()
    try Mounting.move(scratch.handle, onto: root.handle)
    try scratch.handle.makeDirectory("new", mode: 0o700)
    let target = SharedDescriptor(try scratch.handle.open("new", [.path, .directory]))
    try Mounting.mount(
      source: source, target: target.handle.descriptorPath, type: type,
      flags: ClassicFlags.flags(attributes).union(options.superblock),
      data: options.data.joined(by: ","))
    let made = SharedDescriptor(
      try Mounting.openTree(at: scratch.handle, path: "new", clone: true))
    try Mounting.unmountDetached(scratch.handle.descriptorPath)
    try attach(made.handle, onto: place, after: MountChange.all(for: plan, isTree: false))
    remember(made, plan, isTree: false)
  }

  private func remount(
    _ plan: MountPlan, isBind: Bool, _ source: ByteString, _ type: ByteString
  ) throws(SyscallError) {
    let options = plan.options
    // What was mounted there before, not what its path may lead to by now.
    let mount: SharedDescriptor
    if let last = remountable.last(where: { $0.destination == plan.destination }) {
      mount = last.mount
    } else {
      mount = try resolver.open(plan.destination)
    }
    if isBind {
      try apply(MountChange(attributes: options.attributes), to: mount.handle)
    } else {
      let present = ClassicFlags.attributes(statfs: try mount.handle.filesystem().flags)
      let attributes = present.subtracting(options.attributes.clear).union(options.attributes.set)
      try Mounting.mount(
        source: source, target: mount.handle.descriptorPath, type: type,
        flags: ClassicFlags.flags(attributes).union(options.superblock).union(.remount),
        data: options.data.joined(by: ","))
    }
    var rest = plan
    rest.options.attributes = AttributeChange()
    for change in MountChange.all(for: rest, isTree: true) { try apply(change, to: mount.handle) }
  }
}
