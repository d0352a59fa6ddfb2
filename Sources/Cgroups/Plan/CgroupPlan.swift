package import Bytes
package import Linux
package import OCISpec

/// Who makes the container's cgroup.
package enum CgroupManagerKind: Equatable, Sendable {
  case cgroupfs, systemd, disabled

  /// As `--cgroup-manager` spells it, and the record.
  package var name: ByteString {
    switch self {
    case .cgroupfs: "cgroupfs"
    case .systemd: "systemd"
    case .disabled: "disabled"
    }
  }

  package init?(named name: ByteString) {
    switch name {
    case "cgroupfs": self = .cgroupfs
    case "systemd": self = .systemd
    case "disabled": self = .disabled
    default: return nil
    }
  }
}

/// The container's cgroup, as a value.
package struct CgroupPlan: Equatable, Sendable {
  package var manager: CgroupManagerKind
  /// nil without a cgroup.
  package var path: CgroupPath?
  /// What decides about device nodes; nil allows everything.
  package var deviceProgram: [BPFInstruction]?
  package var filtersDevices: Bool { path != nil && deviceProgram != nil }
  /// Set once the processes of the container exist, before its program runs.
  package var limits: [CgroupWrite] = []
  /// The host uid that the cgroup is delegated to.
  package var owner: UInt32?
  /// Whether the container may go without a cgroup where the host allows none: none was asked for.
  package var isOptional: Bool = false
  /// Whether the kernel may refuse the device program: without full root no device can be made.
  package var isRootless: Bool = false
  /// What systemd makes, where it is the manager.
  package var unit: UnitPlan?

  package static func make(
    config: Config, id: ByteString, manager: CgroupManagerKind, host: HostFacts,
    warnings: inout [ByteString]
  ) throws(ConfigError) -> CgroupPlan {
    let rules = try DeviceRule.list(
      config.linux.resources.devices ?? [], warnings: &warnings)
    let limits = try ResourceWrites.make(config.linux.resources, warnings: &warnings)
    let wanted = config.linux.cgroupsPath.flatMap { $0.isEmpty ? nil : $0 }
    var plan = CgroupPlan(manager: manager, limits: limits)
    if manager == .disabled {
      try refuse(limits, "there is no cgroup to set it for: the cgroup manager is `disabled`")
      return plan
    }
    guard host.cgroup.mountPoint != nil else {
      let reason: ByteString = "the host has no cgroup2 filesystem mounted"
      try refuse(limits, reason)
      if wanted != nil { throw ConfigError("/linux/cgroupsPath", reason) }
      warnings.append(reason + ": the container has no cgroup")
      plan.manager = .disabled
      return plan
    }
    plan.deviceProgram = DeviceProgram.make(rules)
    plan.owner = Delegation.owner(config, host: host)
    plan.isRootless = host.isRootless
    if manager == .systemd {
      try plan.setUnit(
        try UnitName(wanted, id: id, isRootless: host.isRootless), for: config, devices: rules,
        id: id,
        on: host)
    } else {
      plan.path = try CgroupPath(wanted, id: id, ownCgroup: host.ownCgroup)
      plan.isOptional =
        host.isRootless && wanted == nil && limits.allSatisfy { $0.isOptional }
    }
    return plan
  }

  /// The limits of memory that are set before any process is in the cgroup. Without a limit the kernel
  /// charges 64 pages at a time for each processor; one that is set afterwards and is smaller has init
  /// killed for what nobody uses. systemd sets its own.
  package var memoryAhead: [CgroupWrite] {
    guard unit == nil, path != nil else { return [] }
    // One that is compared with what is in use has to wait for it.
    let ahead = limits.filter { $0.file == "memory.swap.max" || $0.file == "memory.max" }
    guard let limit = ahead.last, limit.file == "memory.max", limit.floor == nil else { return [] }
    return limit.value == "max" ? [] : ahead
  }

  /// Limits are set or refused, never left out.
  private static func refuse(_ limits: [CgroupWrite], _ reason: ByteString) throws(ConfigError) {
    if let limit = limits.first(where: { !$0.isOptional }) {
      throw ConfigError(limit.pointer, reason)
    }
  }
}
