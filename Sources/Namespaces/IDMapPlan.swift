package import Bytes
package import Linux
package import OCISpec

/// How ids of the container's user namespace are ids of ours (user_namespaces(7)).
package struct IDMapPlan: Equatable, Sendable {
  package var users: [IDMapping]
  package var groups: [IDMapping]

  package init(users: [IDMapping], groups: [IDMapping]) {
    self.users = users
    self.groups = groups
  }

  /// Nil without a user namespace. One that is made needs both maps; one that is joined has its own,
  /// which a map in the configuration must equal (UM-2, UM-3).
  package static func make(
    _ linux: LinuxSection, namespaces: NamespacePlan
  ) throws(ConfigError) -> IDMapPlan? {
    let plan = IDMapPlan(
      users: try checked(linux.uidMappings, pointer: "/linux/uidMappings"),
      groups: try checked(linux.gidMappings, pointer: "/linux/gidMappings"))
    for (map, pointer) in [
      (plan.users, "/linux/uidMappings"), (plan.groups, "/linux/gidMappings"),
    ] as [([IDMapping], ByteString)] {
      if namespaces.creates(.user) && map.isEmpty {
        throw ConfigError(pointer, "a new user namespace needs a map")
      }
      if !namespaces.has(.user) && !map.isEmpty {
        throw ConfigError(pointer, "set without a user namespace in /linux/namespaces")
      }
    }
    return plan.users.isEmpty && plan.groups.isEmpty ? nil : plan
  }

  /// What the kernel refuses: an empty range, ids beyond 2^32 − 2, two ranges that overlap, more
  /// lines than it takes (UM-4).
  package static func checked(
    _ map: [IDMapping], pointer: ByteString
  ) throws(ConfigError) -> [IDMapping] {
    if map.count > 340 { throw ConfigError(pointer, "more than 340 ranges") }
    for (position, range) in map.enumerated() {
      let here = { pointer + "/" + ByteString(decimal: position) }
      if range.size == 0 { throw ConfigError(here() + "/size", "an empty range") }
      for (first, member) in [(range.containerID, "/containerID"), (range.hostID, "/hostID")]
        as [(UInt32, ByteString)]
      where first.addingReportingOverflow(range.size).overflow {
        throw ConfigError(here() + member, "the range goes beyond 2^32 - 2")
      }
      for other in map[..<position] {
        if overlap((range.containerID, range.size), (other.containerID, other.size)) {
          throw ConfigError(here() + "/containerID", "overlaps another range")
        }
        if overlap((range.hostID, range.size), (other.hostID, other.size)) {
          throw ConfigError(here() + "/hostID", "overlaps another range")
        }
      }
    }
    return map
  }

  private static func overlap(
    _ one: (first: UInt32, size: UInt32), _ other: (first: UInt32, size: UInt32)
  ) -> Bool {
    one.first < other.first
      ? other.first - one.first < one.size : one.first - other.first < other.size
  }

  /// Ids without a map would own nothing in the container and, as the overflow id, files of others.
  package func hasUser(_ id: UInt32) -> Bool { IDMapPlan.outside(id, users) != nil }

  /// Whether the map contains the group, a number inside the namespace.
  package func hasGroup(_ id: UInt32) -> Bool { IDMapPlan.outside(id, groups) != nil }

  /// The id in our own namespace.
  package func hostUser(_ id: UInt32) -> UInt32? { IDMapPlan.outside(id, users) }

  /// The number outside of the namespace for a group inside; nil if it is not mapped.
  package func hostGroup(_ id: UInt32) -> UInt32? { IDMapPlan.outside(id, groups) }

  private static func outside(_ id: UInt32, _ map: [IDMapping]) -> UInt32? {
    for range in map where id >= range.containerID && id - range.containerID < range.size {
      return range.hostID + (id - range.containerID)
    }
    return nil
  }
}

extension IDMapPlan {
  /// Who writes the maps.
  package enum Writer: Equatable, Sendable {
    /// We have the rights over our own user namespace.
    case privileged
    /// Anybody may map the own id alone, after giving up setgroups(2) for good.
    case ownIDs
    /// newuidmap(1) and newgidmap(1), which know the ids that were set aside for us.
    case helpers
  }

  /// What may write the maps on this host.
  package func writer(host: HostFacts) -> Writer {
    if host.effectiveUserID == 0 && !host.isInUserNamespace { return .privileged }
    let isOwnUser =
      users.count == 1 && users[0].size == 1 && users[0].hostID == host.effectiveUserID
    let isOwnGroup =
      groups.count == 1 && groups[0].size == 1 && groups[0].hostID == host.effectiveGroupID
    if isOwnUser && isOwnGroup { return .ownIDs }
    // Root of a user namespace around us has the rights there.
    return host.effectiveUserID == 0 ? .privileged : .helpers
  }

  /// The content of `uid_map` or `gid_map`: one line a range.
  package static func text(_ map: [IDMapping]) -> ByteString {
    map.map { words($0).joined(by: " ") + "\n" }.joined(by: "")
  }

  /// The arguments of newuidmap(1) after the pid.
  package static func arguments(_ map: [IDMapping]) -> [ByteString] { map.flatMap { words($0) } }

  private static func words(_ range: IDMapping) -> [ByteString] {
    [range.containerID, range.hostID, range.size].map { ByteString(decimal: $0) }
  }

  /// The ranges of a map file; nil for any other text.
  package static func parse(_ text: ByteString) -> [IDMapping]? {
    var map = [IDMapping]()
    for line in text.split(on: UInt8(ascii: "\n")) where !line.isEmpty {
      let words = line.split(on: UInt8(ascii: " ")).filter { !$0.isEmpty }
      let numbers = words.compactMap { $0.unsignedDecimal.flatMap { UInt32(exactly: $0) } }
      guard words.count == 3, numbers.count == 3 else { return nil }
      map.append(IDMapping(containerID: numbers[0], hostID: numbers[1], size: numbers[2]))
    }
    return map
  }

  /// Whether two maps say the same, in whatever order: the kernel sorts.
  package static func isSame(_ first: [IDMapping], _ second: [IDMapping]) -> Bool {
    first.count == second.count && first.allSatisfy { second.contains($0) }
  }
}
