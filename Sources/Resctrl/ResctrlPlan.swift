package import Bytes
package import OCISpec

/// What `linux.intelRdt` comes to (RD-2 to RD-7).
package struct ResctrlPlan: Equatable, Sendable {
  /// The name of the group; empty for the default one, which is the root of the filesystem.
  package var group: ByteString
  package var origin: Origin
  /// Lines of the group's file `schemata`, in the order in which they are written.
  package var schemata: [ByteString]
  /// The name of the monitoring group in it; nil for none.
  package var monitoring: ByteString?

  /// Where the group comes from.
  package enum Origin: Equatable, Sendable {
    /// The container's own: made for it, removed with it.
    case own
    /// Shared by every container that names it: made if it is missing, and never removed.
    case shared
    /// Somebody else made it.
    case existing
  }

  /// What is removed with the container, relative to the root; nil for nothing.
  package var removed: ByteString? {
    // The kernel removes the monitoring groups of a group together with it.
    if origin == .own { return group }
    return monitoringPath
  }

  var monitoringPath: ByteString? {
    monitoring.map { (group.isEmpty ? "" : group + "/") + "mon_groups/" + $0 }
  }

  private static let pointer: ByteString = "/linux/intelRdt"
  // A file of the kernel takes one page in one write.
  private static let longest = 4096

  package static func make(_ section: LinuxSection.IntelRdt, id: ByteString) throws(ConfigError)
    -> ResctrlPlan
  {
    let schemata = try lines(section)
    if section.closID == nil || section.enableMonitoring {
      try check(id, pointer, "the container's id " + quoted(id))
    }
    let monitoring = section.enableMonitoring ? id : nil
    guard let name = section.closID else {
      return ResctrlPlan(group: id, origin: .own, schemata: schemata, monitoring: monitoring)
    }
    if name != "/" { try check(name, pointer + "/closID", quoted(name)) }
    return ResctrlPlan(
      group: name == "/" ? "" : name, origin: schemata.isEmpty ? .existing : .shared,
      schemata: schemata, monitoring: monitoring)
  }

  /// The group of a container whose schemata an update changes: only its own is changed, since others
  /// may be in one that the configuration names.
  package static func updated(
    _ section: LinuxSection.IntelRdt?, id: ByteString, cache: ByteString?, bandwidth: ByteString?
  ) throws(ConfigError) -> ResctrlPlan {
    guard let section else { throw ConfigError(pointer, "the container has no group of resctrl") }
    var plan = try make(section, id: id)
    if plan.origin != .own {
      throw ConfigError(
        pointer + "/closID", "the group " + quoted(plan.group) + " is not the container's alone")
    }
    plan.schemata = try lines(.init(l3CacheSchema: cache, memBwSchema: bandwidth))
    return plan
  }

  private static func check(_ name: ByteString, _ pointer: ByteString, _ subject: ByteString)
    throws(ConfigError)
  {
    switch name {
    case ".", "..", "info", "mon_data", "mon_groups":
      throw ConfigError(pointer, subject + " is a name of the kernel")
    default: break
    }
    if name.count > 255 { throw ConfigError(pointer, "a name has at most 255 bytes") }
    if name.bytes.contains(where: { $0 < 0x20 || $0 == UInt8(ascii: "/") || $0 == 0x7f }) {
      throw ConfigError(pointer, subject + " is not the name of a group")
    }
  }

  /// RD-3: cache, bandwidth, and then the lines that are passed on as they are.
  private static func lines(_ section: LinuxSection.IntelRdt) throws(ConfigError) -> [ByteString] {
    var lines = [ByteString]()
    if let cache = section.l3CacheSchema {
      // It should be one line. With code and data apart it is two, and what it says of bandwidth
      // yields to `memBwSchema`.
      lines += cache.split(on: 0x0a).filter {
        !$0.isEmpty && (section.memBwSchema == nil || !$0.hasPrefix("MB:"))
      }
    }
    if let bandwidth = section.memBwSchema {
      guard bandwidth.hasPrefix("MB:"), !bandwidth.contains(0x0a) else {
        throw ConfigError(
          pointer + "/memBwSchema", quoted(bandwidth) + " is not one line that begins with MB:")
      }
      lines.append(bandwidth)
    }
    for (index, line) in section.schemata.enumerated() {
      guard !line.isEmpty, !line.contains(0x0a) else {
        throw ConfigError(
          pointer + "/schemata/" + ByteString(decimal: index), quoted(line) + " is not one line")
      }
      lines.append(line)
    }
    if lines.reduce(0, { $0 + $1.count + 1 }) > longest {
      throw ConfigError(pointer, "more than 4096 bytes of schemata")
    }
    return lines
  }
}
