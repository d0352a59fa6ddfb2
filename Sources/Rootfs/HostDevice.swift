import Bytes
import Linux
import OCISpec

/// A node of the host that stands in for one that cannot be made.
enum HostDevice {
  /// More names than any `/dev` has, and deeper.
  private static var mostEntries: Int { 20_000 }
  private static var mostDepth: Int { 4 }

  /// A detached mount of the node with the number of `plan`: the same path has it mostly, else sysfs
  /// knows its name, else `/dev` is looked through.
  static func find(_ plan: DevicePlan) throws(SyscallError) -> SharedDescriptor {
    if let node = try open(plan, plan.path) { return node }
    if let name = try nameFromSysfs(plan), let node = try open(plan, "/dev/" + name) {
      return node
    }
    var left = mostEntries
    if let node = try search(plan, "/dev", depth: 0, left: &left) { return node }
    throw .unmet("the host has no node of the device " + quoted(plan.path), plan.path)
  }

  private static func open(_ plan: DevicePlan, _ path: ByteString) throws(SyscallError)
    -> SharedDescriptor?
  {
    do throws(SyscallError) {
      let node = SharedDescriptor(
        try Mounting.openTree(
          at: .currentDirectory, path: path, clone: true, followLinks: false))
      return plan.describes(try node.handle.status()) ? node : nil
    } catch {
      switch error.errno {
      case .ENOENT, .ENOTDIR, .EACCES, .ELOOP: return nil
      default: throw error
      }
    }
  }

  private static func nameFromSysfs(_ plan: DevicePlan) throws(SyscallError) -> ByteString? {
    let kind: ByteString = plan.kind == .block ? "block/" : "char/"
    let number = ByteString(decimal: plan.major) + ":" + ByteString(decimal: plan.minor)
    let text: ByteString
    do throws(SyscallError) {
      let file = SharedDescriptor(
        try Handle.currentDirectory.open("/sys/dev/" + kind + number + "/uevent", .readOnly))
      text = ByteString(try file.handle.readAll(limit: 65536))
    } catch _ {
      // A help, not a need.
      return nil
    }
    for line in text.split(on: UInt8(ascii: "\n")) where line.hasPrefix("DEVNAME=") {
      return line.dropFirst(8)
    }
    return nil
  }

  /// False for what has gone since it was listed.
  private static func isDescribed(_ plan: DevicePlan, _ path: ByteString) throws(SyscallError)
    -> Bool
  {
    do throws(SyscallError) {
      return plan.describes(try Handle.currentDirectory.status(ofEntry: path))
    } catch {
      if error.errno == .ENOENT { return false }
      throw error
    }
  }

  private static func search(
    _ plan: DevicePlan, _ directory: ByteString, depth: Int, left: inout Int
  ) throws(SyscallError) -> SharedDescriptor? {
    let entries: [DirectoryEntry]
    do throws(SyscallError) {
      let listing = SharedDescriptor(
        try Handle.currentDirectory.open(directory, [.readOnly, .directory, .noFollow]))
      entries = try listing.handle.entries()
    } catch {
      if error.errno == .EACCES || error.errno == .ENOENT { return nil }
      throw error
    }
    for entry in entries {
      left -= 1
      if left < 0 { return nil }
      let path = directory + "/" + entry.name
      if entry.kind == plan.kind.kind {
        if try isDescribed(plan, path), let node = try open(plan, path) { return node }
      } else if entry.kind == .directory, depth < mostDepth,
        let node = try search(plan, path, depth: depth + 1, left: &left)
      {
        return node
      }
    }
    return nil
  }
}

extension RootfsContext {
  /// The nodes that the configuration asks for, made where the kernel still lets us: with the mode and
  /// the owner that they are to have. The default ones are the host's, which are the same.
  ///
  /// Nothing of it is an error: before Linux 6.15 a mount that is not attached cannot be cloned, and a
  /// caller who is not root in the initial user namespace makes no nodes. The host's own node is bound then.
  func pinDevices() {
    guard let ids = plan.userNamespaceIDs,
      plan.devices.contains(where: { $0.isPinned })
    else { return }
    do throws(SyscallError) {
      let nodes = try FilesystemMount.scratch()
      for (index, device) in plan.devices.enumerated() where device.isPinned {
        guard let user = ids.users.hostID(of: device.user),
          let group = ids.groups.hostID(of: device.group)
        else { continue }
        let name = ByteString(decimal: index)
        try nodes.handle.makeNode(
          name, device.kind, mode: 0, major: device.major, minor: device.minor)
        try nodes.handle.changeOwner(name, user: user, group: group)
        // The umask is the caller's here.
        try nodes.handle.changeMode(ofEntry: name, device.mode)
        let tree = SharedDescriptor(
          try Mounting.openTree(at: nodes.handle, path: name, clone: true, followLinks: false))
        pinnedDevices.append((device.pointer, tree))
      }
    } catch _ {}
  }
}

extension DevicePlan {
  /// Whether the parent makes it where init cannot.
  var isPinned: Bool { !pointer.isEmpty && kind != .fifo }
}

extension [IDMapping] {
  /// What `id` of the container is outside.
  fileprivate func hostID(of id: UInt32) -> UInt32? {
    for map in self where id >= map.containerID && id - map.containerID < map.size {
      return map.hostID + (id - map.containerID)
    }
    return nil
  }
}
