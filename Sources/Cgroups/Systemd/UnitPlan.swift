import Bytes
import DBus
import Linux
import OCISpec

/// The container's unit of systemd, as a value.
package struct UnitPlan: Equatable, Sendable {
  let unit: UnitName
  /// What the unit is made with, limits aside.
  let properties: [UnitProperty]
  /// Whether it is the user's own manager that makes it.
  let isUser: Bool
}

extension CgroupPlan {
  mutating func setUnit(
    _ unit: UnitName, for config: Config, devices rules: [DeviceRule], id: ByteString,
    on host: HostFacts
  ) throws(ConfigError) {
    path = CgroupPath(
      components: (host.isRootless ? CgroupPlan.userBase(host) : []) + unit.components)
    limits = UnitProperties.adjusted(limits)
    // What systemd does not accept is refused now.
    _ = try UnitProperties.make(limits)
    var properties = CgroupPlan.common(unit, id)
    // A user's manager may not filter devices.
    if !host.isRootless { properties += UnitDevices.properties(rules) }
    properties += CgroupPlan.memoryPolicy(config.linux.resources)
    properties += try UnitAnnotations.properties(config.annotations)
    self.unit = UnitPlan(unit: unit, properties: properties, isUser: host.isRootless)
  }

  private static func common(_ unit: UnitName, _ id: ByteString) -> [UnitProperty] {
    var properties = [
      UnitProperty(name: "Description", value: .string("apus container " + id)),
      unit.isSlice
        ? UnitProperty(name: "Wants", value: .strings([unit.slice]))
        : UnitProperty(name: "Slice", value: .string(unit.slice)),
      UnitProperty(name: "DefaultDependencies", value: .boolean(false)),
      // A unit that failed is not kept: the container's record is.
      UnitProperty(name: "CollectMode", value: .string("inactive-or-failed")),
    ]
    // apus manages the scope's cgroup, with all controllers; a slice cannot be delegated.
    if !unit.isSlice { properties.append(UnitProperty(name: "Delegate", value: .boolean(true))) }
    for name in ["CPUAccounting", "MemoryAccounting", "IOAccounting", "TasksAccounting"] {
      properties.append(UnitProperty(name: ByteString(name), value: .boolean(true)))
    }
    return properties
  }

  /// `memory.oom.group` is something that a unit has to be made with.
  private static func memoryPolicy(_ resources: Resources) -> [UnitProperty] {
    let policy: ByteString
    switch resources.unified["memory.oom.group"] {
    case "0": policy = "continue"
    case "1": policy = "kill"
    default: return []
    }
    return [UnitProperty(name: "OOMPolicy", value: .string(policy), version: 253)]
  }

  /// The cgroup of the user's manager: the one that the runtime is below, or the one that systemd gives
  /// to every user.
  private static func userBase(_ host: HostFacts) -> [ByteString] {
    let own = CgroupPath(recorded: host.ownCgroup).components
    if let index = own.firstIndex(where: SystemdBus.isUserManager) {
      return Array(own[...index])
    }
    let number = ByteString(decimal: host.effectiveUserID)
    return ["user.slice", "user-" + number + ".slice", "user@" + number + ".service"]
  }
}
