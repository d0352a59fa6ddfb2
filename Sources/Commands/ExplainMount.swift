import Bytes
import Diagnosis
import Linux
import Namespaces
import OCISpec
import Plan
import Report
import Rootfs

// Mounts: what the kernel's one number means for this source, this destination and these options.
extension Explanation {
  func mount(_ failure: CommandFailure) -> Diagnosis? {
    let report = failure.report ?? FailureReport()
    guard let mount = plan.rootfs.mounts.first(where: { $0.pointer == report.pointer }) else {
      return Diagnosis(.mountFailed)
    }
    if let target = target(mount, report, failure.message) { return target }
    if let place = destination(mount, report, failure.message) { return place }
    switch mount.kind {
    case .bind(let source, _):
      return bind(mount, source, report, failure.message) ?? Diagnosis(.mountFailed)
    case .filesystem(let type, let source):
      return filesystem(mount, type, source, report, failure.message) ?? Diagnosis(.mountFailed)
    case .remount where report.errno == .EINVAL:
      return Diagnosis(
        .mountFailed, "no mount is there to be changed, or an option is none of it",
        hint: "mount it first, or correct " + mount.pointer)
    case .cgroup, .remount:
      return report.errno == .EPERM && plan.namespaces.has(.user)
        ? locked(mount) : Diagnosis(.mountFailed)
    }
  }

  // Bind mounts.

  private func bind(
    _ mount: MountPlan, _ source: ByteString, _ report: FailureReport, _ message: ByteString
  ) -> Diagnosis? {
    if mount.sourceInRoot == nil, let faulty = self.source(source, mount) { return faulty }
    if let kinds = kinds(mount, source) { return kinds }
    if report.kind == .unmet, ByteString("idmapped").occurs(in: message) {
      return Diagnosis(
        .mountOption,
        hint: "take the mappings out of " + mount.pointer + ", or use another filesystem")
    }
    if report.errno == .EPERM, plan.namespaces.has(.user) { return locked(mount) }
    if report.errno == .EINVAL, plan.namespaces.has(.user) {
      return Diagnosis(
        .mountLocked, "the source has mounts below it that a user namespace may not part",
        hint: "bind it with rbind")
    }
    return nil
  }

  /// What is there on the host, step by step as the caller.
  private func source(_ path: ByteString, _ mount: MountPlan) -> Diagnosis? {
    let hint: ByteString = "make it on the host, or correct " + mount.pointer + "/source"
    switch HostLook.view?.find(path, for: HostLook.caller) {
    case .missing(let step, let link?):
      return Diagnosis(
        .mountSource,
        "`" + link.path + "` is a link to `" + link.target.escaped(limit: 200) + "`, and `" + step
          + "` is not on the host", hint: hint)
    case .missing(let step, nil):
      let parent = step.directoryName
      if let word = SourceSlip.shellWord(step.baseName) {
        return Diagnosis(
          .mountSource, "the source `" + step + "` is not on the host, and no shell reads it",
          hint: "write out what `" + word + "` stands for")
      }
      let near = step.baseName.nearest(among: HostLook.names(parent))
      return Diagnosis(
        .mountSource, "the source `" + step + "` is not on the host",
        hint: near.map { "did you mean `" + parent.appending($0) + "`?" } ?? hint)
    case .notDirectory(let step):
      return Diagnosis(
        .mountSource, "`" + step + "` on the way to the source is no directory", hint: hint)
    case .closed(let directory, let status):
      return Diagnosis(
        .mountClosed,
        HostLook.caller.name + " may not search `" + directory + "` (" + status.rights + ")",
        hint: "let it (chmod o+x), or move the source")
    case .endless:
      return Diagnosis(
        .mountSource, "the links of the source lead in a circle",
        hint: "correct them, or " + mount.pointer + "/source")
    case .found(let real, _, let status) where path.hasSuffix("/") && status.kind != .directory:
      return Diagnosis(
        .mountSource, "`" + real + "` is a " + status.kind.noun + " and no directory",
        hint: "take the slash off the end of " + mount.pointer + "/source")
    case .found, .unknown, nil: return nil
    }
  }

  private func locked(_ mount: MountPlan) -> Diagnosis {
    let source: ByteString
    if case .bind(let path, _) = mount.kind { source = path } else { source = mount.destination }
    var flags = [ByteString]()
    do throws(SyscallError) {
      let file = try Handle.currentDirectory.open(source, [.path])
      let present = try file.handle.filesystem().flags
      for (bit, name) in [(1, "ro"), (2, "nosuid"), (4, "nodev"), (8, "noexec")]
        as [(UInt64, ByteString)]
      where present & bit != 0 {
        flags.append(name)
      }
    } catch {}
    let what =
      flags.isEmpty
      ? "a user namespace may not change the flags that it has"
      : "its source is mounted " + flags.joined(by: ",") + ", which a user namespace may not undo"
    return Diagnosis(
      .mountLocked, what,
      hint: "give " + mount.pointer + "/options "
        + (flags.isEmpty ? "the same flags" : flags.joined(by: " and ")))
  }
}

// New filesystems.
extension Explanation {
  private func filesystem(
    _ mount: MountPlan, _ type: ByteString, _ source: ByteString, _ report: FailureReport,
    _ message: ByteString
  ) -> Diagnosis? {
    let options = mount.pointer + "/options"
    if let named = unknownParameter(message) {
      let near = named.nearest(among: MountOptionTable.names + ExplainedOptions.names(of: type))
      return Diagnosis(
        .mountOption,
        "`" + named.escaped(limit: 80) + "` is no option of " + type + " or of mounts",
        hint: unknownHint(named, mount, near.map { "did you mean `" + $0 + "`?" }))
    }
    if let owner = unmapped(mount, report) { return owner }
    if let value = badValue(message) {
      return Diagnosis(
        .mountOption, "the value of `" + value + "` is none that " + type + " takes",
        hint: (MountValue.form(of: value).map { "write " + $0 } ?? "correct it") + " in " + options)
    }
    switch report.errno {
    case .ENODEV
    where ByteString("fsopen").occurs(in: message)
      || ByteString("mount `").occurs(in: message):
      return unknownFilesystem(mount, type)
    case .EPERM: return refused(mount, type)
    case .ENOENT, .ENOTBLK, .ENXIO, .ENODEV:
      if type == "overlay" { return overlay(mount) }
      return device(mount, source)
    default:
      if type == "overlay" { return overlay(mount) }
      if type == "hugetlbfs", ByteString("pagesize").occurs(in: message) {
        return Diagnosis(
          .mountOption, "page sizes here: " + HugePages.sizes.joined(by: ", "),
          hint: "correct pagesize in " + options)
      }
      return report.errno == .EINVAL
        ? Diagnosis(.mountOption, hint: "correct " + options) : nil
    }
  }

  /// In the kernel's words: ``tmpfs: Unknown parameter 'nosuidd'``.
  private func unknownParameter(_ message: ByteString) -> ByteString? {
    let words: ByteString = "Unknown parameter '"
    guard message.count > words.count else { return nil }
    for start in 0...(message.count - words.count) {
      let rest = message.dropFirst(start)
      if rest.hasPrefix(words) {
        return rest.dropFirst(words.count).cut(at: UInt8(ascii: "'"))?.before
      }
    }
    return nil
  }

  private func unknownHint(_ option: ByteString, _ mount: MountPlan, _ near: ByteString?)
    -> ByteString
  {
    if option == "context" {
      return "remove /linux/mountLabel, or enable SELinux (boot parameter lsm=)"
    }
    if option.contains(UInt8(ascii: ",")) { return KnownWord.mountOption(option) ?? "" }
    return near ?? KnownWord.mountOption(option) ?? "remove it from " + mount.pointer + "/options"
  }

  /// In the kernel's words: ``tmpfs: Bad value for 'size'``.
  private func badValue(_ message: ByteString) -> ByteString? {
    for words in ["Bad value for '", "Invalid uid '", "Invalid gid '"] as [ByteString]
    where words.occurs(in: message) {
      // The option itself stands before the text of the kernel.
      if words != "Bad value for '" { return words.hasPrefix("Invalid uid") ? "uid" : "gid" }
      for start in 0...(message.count - words.count) where message.dropFirst(start).hasPrefix(words)
      {
        let rest = message.dropFirst(start + words.count)
        return rest.cut(at: UInt8(ascii: "'"))?.before
      }
    }
    return ByteString("unknown value of hidepid").occurs(in: message) ? "hidepid" : nil
  }

  private func unknownFilesystem(_ mount: MountPlan, _ type: ByteString) -> Diagnosis {
    if type == "none" || type == "bind" || type == "rbind" {
      return Diagnosis(
        .mountFilesystem, "a mount of the type `" + type + "` is a bind mount",
        hint: "add \"rbind\" to " + mount.pointer + "/options")
    }
    if case .filesystem(_, let source) = mount.kind, source.hasPrefix("/"),
      let status = HostLook.status(source), status.kind == .directory || status.kind == .regular
    {
      return Diagnosis(
        .mountFilesystem,
        "`" + type.escaped(limit: 80) + "` is no filesystem, and the source is a "
          + status.kind.noun + " of the host",
        hint: "add \"rbind\" to " + mount.pointer + "/options, and leave the type out")
    }
    let known = HostLook.lines("/proc/filesystems").compactMap { HostLook.words($0).last }
    let near = type.nearest(among: known)
    let load: ByteString = "load its module (modprobe " + type.escaped(limit: 40) + ")"
    return Diagnosis(
      .mountFilesystem,
      "this kernel has no filesystem `" + type.escaped(limit: 80) + "` (/proc/filesystems)",
      hint: near.map { "did you mean `" + $0 + "`?" }
        ?? load + ", or correct " + mount.pointer + "/type")
  }

  /// `gid=5` of devpts, where the map has no group 5.
  private func unmapped(_ mount: MountPlan, _ report: FailureReport) -> Diagnosis? {
    guard plan.namespaces.has(.user), report.errno == .EINVAL,
      let maps = plan.namespaces.idMaps
    else { return nil }
    for option in mount.options.data {
      guard let (key, value) = option.cut(at: UInt8(ascii: "=")), key == "uid" || key == "gid",
        let id = value.unsignedDecimal
      else { continue }
      let isUser = key == "uid"
      let map = isUser ? maps.users : maps.groups
      let isMapped = map.contains {
        id >= UInt64($0.containerID) && id - UInt64($0.containerID) < UInt64($0.size)
      }
      if isMapped { continue }
      let list: ByteString = isUser ? "/linux/uidMappings" : "/linux/gidMappings"
      return Diagnosis(
        .mountUnmapped,
        key + " " + value + " is not mapped: " + list + " has no " + (isUser ? "user " : "group ")
          + value,
        hint: "map it, or remove `" + option + "` from " + mount.pointer + "/options")
    }
    return nil
  }

  private func refused(_ mount: MountPlan, _ type: ByteString) -> Diagnosis? {
    let needed: NamespaceKind? =
      switch type {
      case "proc": .pid
      case "sysfs": .network
      case "mqueue": .ipc
      case "cgroup2": .cgroup
      default: nil
      }
    if let needed, !plan.namespaces.creates(needed) {
      return Diagnosis(
        .mountNamespace,
        "a new " + type + " needs " + needed.title + " namespace of the container's own",
        hint: "add it to /linux/namespaces, or bind the host's with rbind in " + mount.pointer)
    }
    if needed != nil {
      return Diagnosis(
        .mountOverMounted,
        hint: "bind the host's with rbind in " + mount.pointer + ", or uncover it")
    }
    guard plan.namespaces.has(.user) || host.isRootless else { return nil }
    return Diagnosis(
      .mountNamespace, "in a user namespace the kernel mounts no new " + type.escaped(limit: 80),
      hint: "mount it on the host, and bind it in " + mount.pointer)
  }

  private func device(_ mount: MountPlan, _ source: ByteString) -> Diagnosis? {
    guard source.hasPrefix("/") else { return nil }
    guard let status = HostLook.status(source) else { return self.source(source, mount) }
    if status.kind == .block { return nil }
    return Diagnosis(
      .mountSource, "the source is the " + status.kind.noun + " `" + source + "`, no block device",
      hint: "correct " + mount.pointer + "/source, or add bind to its options")
  }

  private func overlay(_ mount: MountPlan) -> Diagnosis? {
    var places = [(key: ByteString, path: ByteString)]()
    for option in mount.options.data {
      guard let (key, value) = option.cut(at: UInt8(ascii: "=")) else { continue }
      switch key {
      case "lowerdir":
        places += value.split(on: UInt8(ascii: ":")).map { (key, $0) }
      case "upperdir", "workdir": places.append((key, value))
      default: break
      }
    }
    if let layer = brokenLayer(places, mount) { return layer }
    let lower = places.filter { $0.key == "lowerdir" }
    if lower.isEmpty {
      return Diagnosis(
        .mountOverlay, "lowerdir is missing",
        hint: "add lowerdir=DIR to " + mount.pointer + "/options")
    }
    let upper = places.first { $0.key == "upperdir" }
    if upper == nil, lower.count < 2 {
      return Diagnosis(
        .mountOverlay, "without upperdir it needs two directories in lowerdir",
        hint: "add upperdir= and workdir=, or bind lowerdir alone")
    }
    let work = places.first { $0.key == "workdir" }
    if upper != nil, work == nil {
      return Diagnosis(
        .mountOverlay, "upperdir needs a workdir",
        hint: "add workdir=, an empty directory beside it")
    }
    if let upper, let work, let one = HostLook.status(upper.path),
      let other = HostLook.status(work.path), one.mountID != other.mountID
    {
      return Diagnosis(
        .mountOverlay,
        "upperdir `" + upper.path + "` and workdir `" + work.path
          + "` lie on different mounts", hint: "make workdir beside upperdir")
    }
    if let upper, let work, work.path == upper.path || work.path.hasPrefix(upper.path + "/") {
      return Diagnosis(
        .mountOverlay, "workdir `" + work.path + "` lies in upperdir",
        hint: "make it beside upperdir")
    }
    return Diagnosis(
      .mountOverlay,
      hint: "upperdir and workdir have to be on one writable filesystem, workdir empty")
  }

  private func brokenLayer(
    _ places: [(key: ByteString, path: ByteString)], _ mount: MountPlan
  ) -> Diagnosis? {
    for (key, path) in places where !path.isEmpty {
      guard let status = HostLook.status(path) else {
        let near = path.baseName.nearest(among: HostLook.names(path.directoryName))
        return Diagnosis(
          .mountOverlay, key + " `" + path.escaped(limit: 200) + "` is not there",
          hint: near.map { "did you mean `" + path.directoryName.appending($0) + "`?" }
            ?? "make it on the host, or correct " + mount.pointer + "/options")
      }
      if status.kind != .directory {
        return Diagnosis(
          .mountOverlay,
          key + " names the " + status.kind.noun + " `" + path.escaped(limit: 200) + "`",
          hint: "name a directory")
      }
    }
    return nil
  }
}

/// Options of the filesystems that configurations mount most.
enum ExplainedOptions {
  static func names(of type: ByteString) -> [ByteString] {
    switch type {
    case "tmpfs":
      ["size", "nr_blocks", "nr_inodes", "mode", "uid", "gid", "huge", "mpol", "inode64", "noswap"]
    case "proc": ["hidepid", "gid", "subset"]
    case "devpts": ["newinstance", "ptmxmode", "mode", "uid", "gid", "max"]
    case "overlay":
      [
        "lowerdir", "upperdir", "workdir", "index", "metacopy", "redirect_dir", "xino", "userxattr",
        "volatile",
      ]
    case "cgroup2", "cgroup":
      ["nsdelegate", "memory_localevents", "memory_recursiveprot", "favordynmods"]
    default: []
    }
  }
}
