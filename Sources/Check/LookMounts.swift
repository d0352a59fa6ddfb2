import Bytes
import Diagnosis
import Linux
import Namespaces
import OCISpec
import Plan
import Rootfs

/// What the mounts find, in the root filesystem and on the host.
struct RootLooks {
  let looks: Looks
  private let root: SharedDescriptor
  private var resolver: InRootResolver { InRootResolver(root: root.handle) }

  init(_ looks: Looks, _ root: SharedDescriptor) {
    self.looks = looks
    self.root = root
  }

  var findings: [Finding] { mounts + devices + workingDirectory }

  private var isReadOnly: Bool {
    do throws(SyscallError) { return try root.handle.filesystem().isReadOnly } catch {
      return false
    }
  }

  /// What is at `path` in the root; nil where nothing is, or nothing can be told.
  private func status(inRoot path: ByteString) -> FileStatus? {
    do throws(SyscallError) {
      guard let file = try resolver.openIfPresent(path) else { return nil }
      return try file.handle.status()
    } catch {
      return nil
    }
  }

  private var mounts: [Finding] {
    var found = [Finding]()
    let plans = looks.plan.rootfs.mounts
    for (index, mount) in plans.enumerated() where !mount.pointer.isEmpty {
      let isCovered = plans[..<index].contains { mount.destination.isPath(below: $0.destination) }
      switch mount.kind {
      case .bind(let source, _):
        found += bind(mount, source, isCovered: isCovered)
      case .filesystem(let type, let source):
        found += filesystem(mount, type, source)
        if !isCovered { found += target(mount, isDirectory: true) }
      case .cgroup:
        found += MountData.findings(mount, "cgroup2")
        if !isCovered { found += target(mount, isDirectory: true) }
      case .remount: break
      }
    }
    return found
  }

  private func bind(_ mount: MountPlan, _ source: ByteString, isCovered: Bool) -> [Finding] {
    let pointer = mount.pointer + "/source"
    let status: FileStatus
    do throws(SyscallError) {
      if let inside = mount.sourceInRoot {
        // An earlier mount may put it there.
        guard let found = try resolver.openIfPresent(inside) else { return [] }
        status = try found.handle.status()
      } else {
        let file = SharedDescriptor(
          try Handle.currentDirectory.open(
            source, mount.keepsSourceLink ? [.path, .noFollow] : .path))
        status = try file.handle.status()
      }
    } catch {
      if error.errno == .EACCES, let closed = looks.caller.closedDirectory(on: source) {
        return [looks.closedFinding(closed, at: pointer)]
      }
      let reason: ByteString =
        switch error.errno {
        case .ENOENT: " does not exist on the host (no such file or directory)"
        case .ELOOP: ": its links lead in a circle"
        case .ENOTDIR: " cannot be opened: a file is on the way to it, or it ends in a slash"
        default: " cannot be opened: " + error.errno.symbol
        }
      var remedy: ByteString = "make it, or correct the path"
      let slip = source.split(on: UInt8(ascii: "/")).first { SourceSlip.shellWord($0) != nil }
      if let slip {
        remedy = "no shell reads it: write out what `" + slip.escaped(limit: 40) + "` stands for"
      } else if error.errno == .ENOENT, let near = looks.nearest(to: source) {
        remedy = "did you mean " + shown(near) + "?"
      }
      return [
        .error(
          "mount-source", at: pointer, "the source " + shown(source) + reason, remedy: remedy)
      ]
    }
    var found = looks.closed(source, at: pointer)
    if !isCovered { found += target(mount, isDirectory: status.kind == .directory) }
    if mount.idMap != nil, let type = refusingFilesystem(source) {
      found.append(
        .error(
          "mount-unmapped", at: mount.pointer,
          "the filesystem of " + shown(source) + ", " + type + ", has no idmapped mounts"))
    }
    return found
  }

  /// What the destination is, beside what is put on it.
  private func target(_ mount: MountPlan, isDirectory: Bool) -> [Finding] {
    let pointer = mount.pointer + "/destination"
    let place = shown(mount.destination)
    guard let status = status(inRoot: mount.destination) else {
      if isCircle(mount.destination) {
        return [
          .error(
            "mount-target", at: pointer, "the links at " + place + " lead in a circle",
            remedy: "make it a directory in the root filesystem, or correct the destination")
        ]
      }
      if let file = file(onTheWayTo: mount.destination) {
        return [
          .error(
            "mount-kinds", at: pointer, shown(file) + " on the way to the destination is a file",
            remedy: "correct the destination")
        ]
      }
      guard isReadOnly else { return [] }
      return [
        .error(
          "mount-target", at: pointer,
          place + " does not exist, and cannot be made: the root filesystem is mounted read-only",
          remedy: "make it in the image")
      ]
    }
    if isDirectory == (status.kind == .directory) {
      guard mount.refusesLinks, let target = linkTarget(mount.destination) else { return [] }
      return [
        .error(
          "mount-target", at: pointer,
          place + " in the root filesystem is a link, and leads to " + shown(target),
          remedy: "make it a directory")
      ]
    }
    return [
      .error(
        "mount-kinds", at: pointer,
        isDirectory
          ? "a directory cannot be mounted on " + place + ", which is " + status.kind.title
          : "a file cannot be mounted on " + place + ", which is a directory",
        remedy: "source and destination have to be of one kind")
    ]
  }

  private func isCircle(_ path: ByteString) -> Bool {
    if case .endless = RootView(root: root).find(path, for: nil) { return true }
    return false
  }

  /// Where a path with links leads; nil without links.
  private func linkTarget(_ path: ByteString) -> ByteString? {
    guard case .found(let real, _, _) = RootView(root: root).find(path, for: nil), real != path
    else { return nil }
    return real
  }

  /// What is there and no directory, so that nothing can be below it.
  private func file(onTheWayTo path: ByteString) -> ByteString? {
    var parent = path
    while let slash = parent.bytes.lastIndex(of: UInt8(ascii: "/")), slash > 0 {
      parent = parent.prefix(slash)
      guard let status = status(inRoot: parent) else { continue }
      return status.kind == .directory || status.kind == .symlink ? nil : parent
    }
    return nil
  }

  /// Device nodes whose place is taken by something else.
  private var devices: [Finding] {
    let mounts = looks.plan.rootfs.mounts
    return looks.plan.rootfs.devices.compactMap { device in
      if device.pointer.isEmpty { return nil }
      if mounts.contains(where: { device.path.isPath(below: $0.destination) }) { return nil }
      if let file = file(onTheWayTo: device.path) {
        return .error(
          "mount-target", at: device.pointer + "/path",
          shown(file) + " on the way to " + shown(device.path) + " is a file",
          remedy: "correct the path")
      }
      guard let status = status(inRoot: device.path), status.kind != .character,
        status.kind != .block, status.kind != .fifo
      else { return nil }
      return .error(
        "mount-target", at: device.pointer + "/path",
        shown(device.path) + " is there already, and is " + status.kind.title,
        remedy: "remove it from the root filesystem, or correct the path")
    }
  }

  private func refusingFilesystem(_ path: ByteString) -> ByteString? {
    do throws(SyscallError) {
      let file = SharedDescriptor(try Handle.currentDirectory.open(path, .path))
      switch try file.handle.filesystem().type {
      case FilesystemStatus.proc: return "procfs"
      case FilesystemStatus.sysfs: return "sysfs"
      case FilesystemStatus.cgroup2: return "cgroup2"
      case FilesystemStatus.devpts: return "devpts"
      default: return nil
      }
    } catch {
      return nil
    }
  }

  private var workingDirectory: [Finding] {
    guard let path = looks.plan.exec.program?.workingDirectory else { return [] }
    if looks.plan.rootfs.mounts.contains(where: { path.isPath(below: $0.destination) }) {
      return []
    }
    guard let status = status(inRoot: path) else {
      if case .missing(let step, nil) = RootView(root: root).find(path, for: nil) {
        return [
          Finding(
            .note, "cwd", at: "/process/cwd",
            shown(step) + " is not in the root filesystem: it is made, and empty",
            remedy: isReadOnly ? "make it in the image" : "")
        ]
      }
      return []
    }
    if status.kind == .directory { return [] }
    return [
      .error("cwd", at: "/process/cwd", shown(path) + " is " + status.kind.title + ", no directory")
    ]
  }
}

// New filesystems.
extension RootLooks {
  private func filesystem(_ mount: MountPlan, _ type: ByteString, _ source: ByteString)
    -> [Finding]
  {
    var found = [Finding]()
    if type == "none" || type == "bind" || type == "rbind" {
      found.append(
        .error(
          "mount-filesystem", at: mount.pointer + "/type",
          "a mount of the type " + shown(type) + " is a bind mount",
          remedy: "add \"rbind\" to " + mount.pointer + "/options"))
    } else if source.hasPrefix("/"), !KernelFilesystems.has(type),
      let kind = HostFile.status(source)?.kind, kind == .directory || kind == .regular
    {
      found.append(
        .error(
          "mount-filesystem", at: mount.pointer + "/type",
          shown(type) + " is no filesystem, and the source is " + kind.title + " of the host",
          remedy: "add \"rbind\" to " + mount.pointer + "/options, and leave the type out"))
    } else if !KernelFilesystems.has(type) {
      found.append(
        .error(
          "mount-filesystem", at: mount.pointer + "/type",
          "unknown filesystem " + shown(type)
            + ": the kernel does not have it, and there is no module of that name",
          remedy: KernelFilesystems.nearest(to: type).map { "did you mean `" + $0 + "`?" }
            ?? "/proc/filesystems lists those that it knows"))
    }
    found += MountData.findings(mount, type)
    if type == "overlay" { found += overlay(mount) }
    if let status = HostFile.status(source), source.hasPrefix("/"),
      KernelFilesystems.isOfDevice(type),
      status.kind != .block, type != "erofs" || status.kind != .regular
    {
      found.append(
        .error(
          "mount-source", at: mount.pointer + "/source",
          "the source " + shown(source) + " is " + status.kind.title + ", no block device",
          remedy: status.kind == .regular
            ? "attach it to a loop device (losetup -f --show), and name that"
            : "name the device, or add \"rbind\" to the options"))
    } else if source.hasPrefix("/"), KernelFilesystems.isOfDevice(type), HostFile.isAbsent(source) {
      found.append(
        .error(
          "mount-source", at: mount.pointer + "/source",
          "the source " + shown(source) + " does not exist on the host",
          remedy: "make it, or correct the path"))
    }
    if type == "proc", let hidden = ProcfsVisibility.hiddenPlace(looks) {
      found.append(
        .error(
          "mount-over-mounted", at: mount.pointer,
          "a new procfs is refused: " + shown(hidden)
            + " of the one here is mounted over, and a user namespace must not see more",
          remedy: "bind /proc instead, or call from where it is not masked"))
    }
    return found
  }
}

extension ByteString {
  /// Whether this path lies below `directory`, or is the same. Both are cleaned paths.
  func isPath(below directory: ByteString) -> Bool {
    self == directory || hasPrefix(directory == "/" ? "/" : directory + "/")
  }

  func contains(_ text: ByteString) -> Bool {
    guard text.count <= count else { return false }
    return (0...(count - text.count)).contains { start in
      bytes[start..<(start + text.count)].elementsEqual(text.bytes)
    }
  }
}
