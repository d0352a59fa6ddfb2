package import Bytes
import Linux
import OCISpec

/// One entry of `mounts`, checked and in the kernel's words.
package struct MountPlan: Equatable, Sendable {
  package enum Kind: Equatable, Sendable {
    /// `source` is absolute, on the host.
    case bind(source: ByteString, recursive: Bool)
    case filesystem(type: ByteString, source: ByteString)
    /// The container's view of cgroup v2; `fallback` is bound where the kernel refuses a new one.
    case cgroup(fallback: ByteString)
    /// New options for what is mounted at the destination already.
    case remount
  }

  package var pointer: ByteString
  /// In the container, absolute.
  package var destination: ByteString
  package var kind: Kind
  package var options: MountOptions
  /// Set at the end: until then init itself writes there (6.2, step 7).
  package var delaysReadOnly: Bool

  package var title: ByteString {
    switch kind {
    case .bind(let source, _): "bind `" + source + "` on `" + destination + "`"
    case .filesystem(let type, _): "mount `" + type + "` on `" + destination + "`"
    case .cgroup: "mount `cgroup2` on `" + destination + "`"
    case .remount: "remount `" + destination + "`"
    }
  }

  /// Whether the destination must be a real directory reached through no link: what is written to
  /// procfs and sysfs later must be these (CVE-2019-19921).
  var needsRealDirectory: Bool {
    if case .filesystem(let type, _) = kind { return type == "proc" || type == "sysfs" }
    return false
  }
}

extension MountPlan {
  static func make(
    _ mount: Mount, index: Int, bundle: ByteString, host: HostFacts, warnings: inout [ByteString]
  ) throws(ConfigError) -> MountPlan {
    let pointer = "/mounts/" + ByteString(decimal: index)
    let options = MountOptions(parsing: mount.options)
    let destination = try destination(mount, pointer: pointer, warnings: &warnings)
    if options.idMapsRecursively != nil || !mount.uidMappings.isEmpty || !mount.gidMappings.isEmpty
    {
      throw ConfigError(pointer, "id-mapped mounts are not supported by this version of apus")
    }
    let kind = try kind(mount, options, pointer: pointer, bundle: bundle, host: host)
    try checkProc(destination, kind, pointer: pointer)
    if options.copiesUp, kind.type != "tmpfs" {
      throw ConfigError(pointer + "/options", "`tmpcopyup` is for tmpfs only")
    }
    if case .bind = kind, let option = options.data.first {
      // The kernel would ignore it, and nobody would know.
      throw ConfigError(
        pointer + "/options", quoted(option) + " means nothing on a bind mount")
    }
    let isOursToFill = kind.type == "tmpfs" || destination == "/dev"
    return MountPlan(
      pointer: pointer, destination: destination, kind: kind, options: options,
      delaysReadOnly: isOursToFill && options.attributes.set.contains(.readOnly))
  }

  private static func destination(
    _ mount: Mount, pointer: ByteString, warnings: inout [ByteString]
  ) throws(ConfigError) -> ByteString {
    var path = mount.destination
    if path.isEmpty { throw ConfigError(pointer + "/destination", "is empty") }
    if !path.hasPrefix("/") {
      // Deprecated, and meant so by the specification (MT-2).
      warnings.append(pointer + "/destination: " + quoted(path) + " is taken from `/`")
      path = "/" + path
    }
    while path.count > 1, path.hasSuffix("/") { path = path.dropLast(1) }
    if path.count > 4095 { throw ConfigError(pointer + "/destination", "longer than 4095 bytes") }
    if path.components.isEmpty {
      throw ConfigError(pointer + "/destination", "the root itself cannot be mounted over")
    }
    return path
  }

  private static func kind(
    _ mount: Mount, _ options: MountOptions, pointer: ByteString, bundle: ByteString,
    host: HostFacts
  ) throws(ConfigError) -> Kind {
    if options.isRemount, options.bindsRecursively == nil { return .remount }
    if let recursive = options.bindsRecursively {
      guard let source = mount.source, !source.isEmpty else {
        throw ConfigError(pointer + "/source", "a bind mount needs a source")
      }
      return .bind(
        source: source.hasPrefix("/") ? source : bundle + "/" + source, recursive: recursive)
    }
    guard let type = mount.type, !type.isEmpty else {
      throw ConfigError(pointer + "/type", "neither a type nor `bind` or `rbind` in the options")
    }
    if type == "cgroup" {
      guard let hierarchy = host.cgroup.mountPoint else {
        throw ConfigError(pointer + "/type", "the host has no cgroup2 filesystem mounted")
      }
      return .cgroup(fallback: hierarchy)
    }
    return .filesystem(type: type, source: mount.source ?? "")
  }

  /// What may be mounted on and below `/proc`: procfs itself, or single files that lxcfs stands in
  /// for. Anything else could hide the real files from later writes (CVE-2019-16884).
  private static func checkProc(_ destination: ByteString, _ kind: Kind, pointer: ByteString)
    throws(ConfigError)
  {
    let components = destination.components
    guard components.first == "proc" else { return }
    if components.count == 1 {
      switch kind {
      case .filesystem(type: "proc", _), .bind, .remount: return
      default:
        throw ConfigError(pointer + "/type", "only procfs can be mounted on `/proc`")
      }
    }
    let below = ByteString(destination.bytes.dropFirst(6))
    let allowed: [ByteString] = [
      "cpuinfo", "diskstats", "meminfo", "stat", "swaps", "uptime", "loadavg", "slabinfo",
      "sys/kernel/ns_last_pid", "sys/crypto/fips_enabled",
    ]
    if !allowed.contains(components.dropFirst().map { $0 }.joined(by: "/")) {
      throw ConfigError(
        pointer + "/destination",
        quoted(destination) + " is inside /proc: " + quoted(below) + " cannot be mounted over")
    }
  }
}

extension MountPlan.Kind {
  fileprivate var type: ByteString? {
    if case .filesystem(let type, _) = self { return type }
    return nil
  }
}

extension ByteString {
  /// The names of a path, without empty ones and `.`.
  var components: [ByteString] {
    split(on: UInt8(ascii: "/")).filter { !$0.isEmpty && $0 != "." }
  }
}
