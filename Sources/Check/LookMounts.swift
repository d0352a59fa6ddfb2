import Bytes
import Linux
import Namespaces
import OCISpec
import Plan
import Rootfs

/// What the mounts find, in the root filesystem and on the host.
struct RootLooks {
  private let looks: Looks
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
      let reason =
        error.errno == .ENOENT
        ? " does not exist on the host (no such file or directory)"
        : " cannot be opened: " + error.errno.symbol
      return [
        .error(
          "mount-source", at: pointer, "the source " + shown(source) + reason,
          remedy: "make it, or correct the path")
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
    if isDirectory == (status.kind == .directory) { return [] }
    return [
      .error(
        "mount-kinds", at: pointer,
        isDirectory
          ? "a directory cannot be mounted on " + place + ", which is " + status.kind.title
          : "a file cannot be mounted on " + place + ", which is a directory",
        remedy: "source and destination have to be of one kind")
    ]
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
    guard let status = status(inRoot: path), status.kind != .directory else { return [] }
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

  private func overlay(_ mount: MountPlan) -> [Finding] {
    var found = [Finding]()
    func fault(_ message: ByteString, _ remedy: ByteString) {
      found.append(
        .error("mount-overlay", at: mount.pointer + "/options", message, remedy: remedy))
    }
    func value(_ name: ByteString) -> ByteString? {
      let options = mount.options.data.compactMap { $0.cut(at: UInt8(ascii: "=")) }
      return options.first { $0.before == name || $0.before == name + "+" }?.after
    }
    let (lower, upper, work) = (value("lowerdir"), value("upperdir"), value("workdir"))
    if lower == nil {
      fault("lowerdir is missing", "add lowerdir=DIR")
    } else if upper == nil, lower?.contains(UInt8(ascii: ":")) == false,
      !mount.options.data.contains(where: {
        $0.hasPrefix("lowerdir+=") || $0.hasPrefix("datadir+=")
      })
    {
      fault("without upperdir it needs two directories in lowerdir", "bind lowerdir alone")
    }
    if let upper {
      guard let work else {
        fault("upperdir needs a workdir", "add workdir=, an empty directory beside it")
        return found
      }
      if work == upper || work.isPath(below: upper) {
        fault("workdir " + shown(work) + " lies in upperdir", "make it beside upperdir")
      } else if let one = HostFile.status(upper), let other = HostFile.status(work),
        one.mountID != other.mountID
      {
        fault("upperdir and workdir lie on different mounts", "make workdir beside upperdir")
      }
      if HostFile.isReadOnly(upper) {
        fault("upperdir " + shown(upper) + " lies on a read-only filesystem", "give a writable one")
      }
    }
    for option in mount.options.data {
      guard let (name, value) = option.cut(at: UInt8(ascii: "=")) else { continue }
      let layers: [ByteString]
      switch name {
      case "lowerdir", "lowerdir+": layers = value.split(on: UInt8(ascii: ":"))
      case "upperdir", "workdir": layers = [value]
      default: continue
      }
      for layer in layers where layer.hasPrefix("/") && !layer.contains(UInt8(ascii: "\\")) {
        guard HostFile.status(layer)?.kind != .directory else { continue }
        found.append(
          .error(
            "mount-overlay", at: mount.pointer + "/options",
            name + " " + shown(layer)
              + (HostFile.exists(layer) ? " is not a directory" : " does not exist on the host")))
      }
    }
    return found
  }
}

enum KernelFilesystems {
  /// Whether it is mounted from a block device: /proc/filesystems has no `nodev` before it.
  static func isOfDevice(_ type: ByteString) -> Bool {
    (HostFile.text("/proc/filesystems") ?? "").split(on: 0x0a).contains("\t" + type)
  }

  /// The one that was probably meant, of those that are loaded.
  static func nearest(to type: ByteString) -> ByteString? {
    let lines = (HostFile.text("/proc/filesystems") ?? "").split(on: 0x0a)
    return type.nearest(among: lines.compactMap { $0.split(on: 0x09).last })
  }

  /// Whether the kernel has the type, or a module that it would load for it.
  static func has(_ type: ByteString) -> Bool {
    // `fuse.sshfs` is fuse.
    let name = type.cut(at: UInt8(ascii: "."))?.before ?? type
    guard let known = HostFile.text("/proc/filesystems") else { return true }
    for line in known.split(on: 0x0a) where line.split(on: 0x09).last == name { return true }
    guard let release = HostFile.line("/proc/sys/kernel/osrelease") else { return true }
    let directory = "/lib/modules/" + release + "/"
    let aliases = ["alias fs-" + name + " "]
    if let text = HostFile.text(directory + "modules.alias", limit: 64 << 20) {
      if text.split(on: 0x0a).contains(where: { $0.hasPrefix(aliases[0]) }) { return true }
    }
    guard let modules = HostFile.text(directory + "modules.dep", limit: 64 << 20) else {
      return false
    }
    let file = "/" + name + ".ko"
    return modules.split(on: 0x0a).contains { line in
      line.split(on: UInt8(ascii: ":"))[0].contains(file)
    }
  }
}

/// Whether a user namespace may have a new procfs (mount_too_revealing() of the kernel): only if some
/// procfs in sight shows all of itself.
enum ProcfsVisibility {
  static func hiddenPlace(_ looks: Looks) -> ByteString? {
    guard looks.plan.namespaces.creates(.user) || looks.host.isInUserNamespace else { return nil }
    do throws(SyscallError) { return hiddenPlace(try MountInfo.read()) } catch { return nil }
  }

  static func hiddenPlace(_ mounts: [MountInfo]) -> ByteString? {
    var hidden: ByteString?
    for mount in mounts where mount.type == "proc" && mount.root == "/" {
      let place = mount.mountPoint
      let above = mounts.first {
        $0.parent == mount.id && !isEmptyDirectory($0.mountPoint, of: place)
      }
      guard let above else { return nil }
      hidden = hidden ?? above.mountPoint
    }
    return hidden
  }

  /// Directories that are made to be mounted over.
  private static func isEmptyDirectory(_ path: ByteString, of proc: ByteString) -> Bool {
    path == proc + "/sys/fs/binfmt_misc" || path == proc + "/fs/nfsd"
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
