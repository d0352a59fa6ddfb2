package import Bytes
import Linux
package import OCISpec

/// One entry of `mounts`, checked and in the kernel's words.
package struct MountPlan: Equatable, Sendable {
  /// What is mounted.
  package enum Kind: Equatable, Sendable {
    /// `source` is absolute, on the host.
    case bind(source: ByteString, recursive: Bool)
    case filesystem(type: ByteString, source: ByteString)
    /// The container's view of cgroup v2, of which the host has a mount at `hierarchy`.
    case cgroup(hierarchy: ByteString, isNew: Bool)
    /// New options for what is mounted at the destination already.
    case remount(bind: Bool, source: ByteString, type: ByteString)
  }

  package var pointer: ByteString
  /// In the container, absolute, without `..`.
  package var destination: ByteString
  package var kind: Kind
  package var options: MountOptions
  /// Set when the source of a bind mount lies in the root filesystem: its path there. It is looked up
  /// inside then, where it shows earlier mounts (MT-1) and no link of the image leads to the host.
  package var sourceInRoot: ByteString?
  /// How the owners of files look through this mount; nil leaves them as they are.
  package var idMap: MountIDMap?

  package var title: ByteString {
    switch kind {
    case .bind(let source, _): "bind `" + source + "` on `" + destination + "`"
    case .filesystem(let type, _): "mount `" + type + "` on `" + destination + "`"
    case .cgroup: "mount `cgroup2` on `" + destination + "`"
    case .remount: "remount `" + destination + "`"
    }
  }
}

extension MountPlan {
  var isBind: Bool {
    if case .bind = kind { return true }
    return false
  }

  /// Whether something is mounted by it.
  var showsMount: Bool {
    if case .remount = kind { return false }
    return true
  }

  /// Of devtmpfs there is one for the whole machine.
  var showsHostDevices: Bool { isBind || type == "devtmpfs" }

  /// The type of the new filesystem, if it is one.
  var type: ByteString? {
    if case .filesystem(let type, _) = kind { return type }
    return nil
  }

  /// Whether mounting it may open a device, for which the container's device program is asked.
  package var mayOpenDevice: Bool { type.map { !FilesystemMount.isKernelsOwn($0) } ?? false }

  /// Whether it may show the network namespace of the process that mounts it, as sysfs does.
  package var showsNetwork: Bool {
    switch type {
    case nil, "proc", "tmpfs", "devpts", "mqueue": false
    default: true
    }
  }

  /// Whether it is the container's sysfs, in its place.
  package var isSysfs: Bool { type == "sysfs" && destination == "/sys" }

  /// Whether nothing on it leads elsewhere, as what a host's directory has may.
  package var hasNoLinks: Bool {
    switch kind {
    case .cgroup: true
    case .filesystem(let type, _): type == "sysfs"
    case .bind, .remount: false
    }
  }

  /// Whether init itself still writes there: it turns read-only at the end.
  package var delaysReadOnly: Bool {
    (type == "tmpfs" || destination == "/dev") && options.attributes.set.contains(.readOnly)
  }

  /// Whether the destination is reached through no link: what is written to procfs and sysfs later
  /// must be these (CVE-2019-19921, CVE-2025-54867).
  package var refusesLinks: Bool {
    type == "proc" || type == "sysfs" || ProcRule.covers(destination)
  }

  var links: InRootResolver.Links {
    if refusesLinks { return .refuse }
    return options.links.contains(.keepDestination) ? .followParents : .follow
  }

  /// Whether a source that is a link is opened itself.
  package var keepsSourceLink: Bool {
    !options.links.isDisjoint(with: [.keepSource, .copySource])
  }

  /// fsconfig(2) takes no value of 256 bytes or more (the layers of an overlay), and has no words for
  /// two of the flags; mount(2) does.
  var needsClassicCall: Bool {
    !options.superblock.isDisjoint(with: [.inodeVersion, .silent])
      || options.data.contains { $0.count > 255 }
  }
}

/// The ids of an idmapped mount: those that the filesystem has are a container's, what is seen of
/// them the host's (mount_setattr(2)).
package struct MountIDMap: Equatable, Sendable {
  /// None at all are those of the user namespace that the container joins.
  package var users: [IDMapping]
  package var groups: [IDMapping]
  /// `ridmap`: for the mounts below, too.
  package var recursive: Bool
}

/// What may be mounted on and below `/proc`: procfs itself, or single files that lxcfs stands in for.
/// Anything else could hide the real files from later writes (CVE-2019-16884).
enum ProcRule {
  static func covers(_ destination: ByteString) -> Bool {
    destination.hasPrefix("/proc") && destination.path(below: "/proc") != nil
  }

  /// Whether procfs may lie below a mount on this destination.
  static func allows(_ destination: ByteString) -> Bool {
    switch destination.path(below: "/proc") {
    case nil: false
    case "/", "/cpuinfo", "/diskstats", "/meminfo", "/stat", "/swaps", "/uptime", "/loadavg",
      "/slabinfo", "/sys/kernel/ns_last_pid", "/sys/crypto/fips_enabled":
      true
    default: false
    }
  }
}

/// What the plan of a mount depends on beside the entry itself.
struct MountSurroundings {
  var bundle: ByteString
  var rootPath: ByteString
  /// Where the host has cgroup2, if anywhere.
  var hierarchy: ByteString?
  var hasCgroupNamespace: Bool
  /// The maps of the container's user namespace, nil without one.
  var userNamespace: (users: [IDMapping], groups: [IDMapping])?
  var isRootless: Bool
}

extension MountPlan {
  static func make(
    _ mount: Mount, index: Int, _ surroundings: MountSurroundings, warnings: inout [ByteString]
  ) throws(ConfigError) -> MountPlan {
    let pointer = "/mounts/" + ByteString(decimal: index)
    let options = MountOptions(parsing: mount.options)
    var plan = MountPlan(
      pointer: pointer,
      destination: try destination(mount, pointer: pointer, warnings: &warnings),
      kind: try kind(mount, options, surroundings, pointer: pointer), options: options)
    try plan.check(mount)
    plan.idMap = try plan.idMap(mount, surroundings)
    if case .bind(let source, _) = plan.kind {
      let root = surroundings.rootPath.cleanedPath
      plan.sourceInRoot = source.cleanedPath.path(below: root)
    }
    return plan
  }

  /// A directory of ours in the container, that no property asks for.
  package static func readOnlyDirectory(_ source: ByteString, on destination: ByteString)
    -> MountPlan
  {
    MountPlan(
      pointer: "", destination: destination, kind: .bind(source: source, recursive: false),
      options: MountOptions(parsing: ["bind", "ro", "nosuid", "nodev", "noexec"]))
  }

  private static func destination(
    _ mount: Mount, pointer: ByteString, warnings: inout [ByteString]
  ) throws(ConfigError) -> ByteString {
    let path = mount.destination
    if path.isEmpty { throw ConfigError(pointer + "/destination", "is empty") }
    if path.count > 4095 { throw ConfigError(pointer + "/destination", "longer than 4095 bytes") }
    if !path.hasPrefix("/") {
      // Deprecated, and meant so by the specification (MT-2).
      warnings.append(pointer + "/destination: " + quoted(path) + " is taken from `/`")
    }
    if path.contains(UInt8(ascii: ":")), let word = path.split(on: UInt8(ascii: ":")).last,
      ["ro", "rw", "z", "Z"].contains(word)
    {
      // As engines write it on their command lines.
      warnings.append(
        pointer + "/destination: `:" + word + "` is taken as a part of the name of " + quoted(path)
          + ": options stand in /options")
    }
    let cleaned = path.cleanedPath
    return cleaned
  }

  private static func kind(
    _ mount: Mount, _ options: MountOptions, _ surroundings: MountSurroundings,
    pointer: ByteString
  ) throws(ConfigError) -> Kind {
    let source = mount.source ?? ""
    if options.isRemount {
      return .remount(
        bind: options.bindsRecursively != nil, source: source, type: mount.type ?? "")
    }
    if let recursive = options.bindsRecursively {
      if source.isEmpty { throw ConfigError(pointer + "/source", "a bind mount needs a source") }
      let path = source.hasPrefix("/") ? source : surroundings.bundle + "/" + source
      return .bind(source: path, recursive: recursive)
    }
    switch mount.type {
    case nil, "":
      throw ConfigError(pointer + "/type", "neither a type nor `bind` or `rbind` in the options")
    case "bind", "rbind":
      throw ConfigError(
        pointer + "/type", "a bind mount has `bind` or `rbind` in its options, not as its type")
    case .some("cgroup"), .some("cgroup2"):
      guard let hierarchy = surroundings.hierarchy else {
        if mount.type == "cgroup2", surroundings.hasCgroupNamespace {
          return .filesystem(type: "cgroup2", source: source)
        }
        throw ConfigError(pointer + "/type", "the host has no cgroup2 filesystem mounted")
      }
      // From the host's own cgroup namespace a new mount would reset the options of the one
      // hierarchy that there is, `nsdelegate` among them: the host's mount is bound instead.
      return .cgroup(
        hierarchy: hierarchy, isNew: surroundings.hasCgroupNamespace || !options.data.isEmpty)
    case .some(let type): return .filesystem(type: type, source: source)
    }
  }

  /// Maps without the option are meant all the same; the option without maps means the container's
  /// own (ID-2, ID-3).
  private func idMap(_ mount: Mount, _ surroundings: MountSurroundings) throws(ConfigError)
    -> MountIDMap?
  {
    var mount = mount
    if let text = options.idMapText {
      if !mount.uidMappings.isEmpty || !mount.gidMappings.isEmpty {
        throw ConfigError(pointer + "/options", "`idmap` has maps, and so has the mount itself")
      }
      do throws(InlineIDMap.Fault) {
        (mount.uidMappings, mount.gidMappings) = try InlineIDMap.parse(
          text, own: surroundings.userNamespace)
      } catch {
        throw ConfigError(pointer + "/options", "idmap: " + error.reason)
      }
    }
    let hasMaps = !mount.uidMappings.isEmpty
    if hasMaps != !mount.gidMappings.isEmpty {
      throw ConfigError(
        pointer + (hasMaps ? "/gidMappings" : "/uidMappings"), "is missing beside the other map")
    }
    guard hasMaps || options.idMapsRecursively != nil else { return nil }
    guard isBind else { throw ConfigError(pointer, "only a bind mount can be idmapped") }
    if surroundings.isRootless {
      throw ConfigError(pointer, "an idmapped mount needs root in the initial user namespace")
    }
    let recursive = options.idMapsRecursively ?? false
    if hasMaps {
      return MountIDMap(
        users: mount.uidMappings, groups: mount.gidMappings, recursive: recursive)
    }
    guard let own = surroundings.userNamespace else {
      throw ConfigError(
        pointer + "/options", "`idmap` needs maps, or a user namespace of the container's own")
    }
    return MountIDMap(users: own.users, groups: own.groups, recursive: recursive)
  }

  private func check(_ mount: Mount) throws(ConfigError) {
    if !options.links.isEmpty {
      guard isBind, destination != "/" else {
        throw ConfigError(
          pointer + "/options",
          "`copy-symlink`, `src-nofollow` and `dest-nofollow` are for bind mounts")
      }
      if options.links.contains(.copySource), options.links != .copySource {
        throw ConfigError(
          pointer + "/options",
          "`copy-symlink` excludes `src-nofollow` and `dest-nofollow`")
      }
    }
    if options.copiesUp, type != "tmpfs" {
      throw ConfigError(pointer + "/options", "`tmpcopyup` is for tmpfs only")
    }
    if isBind, let option = options.data.first {
      // The kernel would ignore it, and nobody would know.
      throw ConfigError(pointer + "/options", quoted(option) + " means nothing on a bind mount")
    }
    if needsClassicCall, options.data.joined(by: ",").count > 4095 {
      throw ConfigError(pointer + "/options", "more than a page of data for the filesystem")
    }
    // A directory of the host becomes the root instead of the bundle's; nothing else is one.
    if destination == "/", !isBind {
      throw ConfigError(pointer + "/destination", "the root itself cannot be mounted over")
    }
    guard ProcRule.covers(destination) else { return }
    guard ProcRule.allows(destination) else {
      throw ConfigError(
        pointer + "/destination", quoted(destination) + " would hide a part of `/proc`")
    }
    if destination == "/proc", !isBind, type != "proc" {
      if case .remount = kind { return }
      throw ConfigError(pointer + "/type", "only procfs can be mounted on `/proc`")
    }
  }
}
