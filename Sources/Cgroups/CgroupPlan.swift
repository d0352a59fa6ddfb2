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

  package static func make(
    config: Config, id: ByteString, manager: CgroupManagerKind, host: HostFacts,
    warnings: inout [ByteString]
  ) throws(ConfigError) -> CgroupPlan {
    let rules = try DeviceRule.list(config.linux.resources.devices ?? [])
    try refuseLimits(config.linux.resources)
    switch manager {
    case .disabled: return CgroupPlan(manager: .disabled, path: nil, deviceProgram: nil)
    case .systemd:
      throw ConfigError(
        "/linux/cgroupsPath", "the systemd cgroup manager is not supported by this version of apus")
    case .cgroupfs: break
    }
    guard host.cgroup.mountPoint != nil else {
      throw ConfigError(
        "/linux/cgroupsPath",
        "the host has no cgroup2 filesystem mounted; --cgroup-manager=disabled goes without")
    }
    let wanted = config.linux.cgroupsPath.flatMap { $0.isEmpty ? nil : $0 }
    return CgroupPlan(
      manager: .cgroupfs,
      path: try CgroupPath(wanted, id: id, ownCgroup: host.ownCgroup),
      deviceProgram: DeviceProgram.make(rules))
  }

  /// Limits are refused with their place, never left out. What engines always send and what says
  /// nothing is no limit: an empty object, zero.
  private static func refuseLimits(_ resources: Resources) throws(ConfigError) {
    let base: ByteString = "/linux/resources/"
    if let memory = resources.memory, memory != Resources.Memory() {
      throw refused(base + "memory")
    }
    if let cpu = resources.cpu, cpu != Resources.CPU() { throw refused(base + "cpu") }
    if let pids = resources.pids, pids.limit > 0 { throw refused(base + "pids") }
    if let blockIO = resources.blockIO, blockIO != Resources.BlockIO() {
      throw refused(base + "blockIO")
    }
    if !resources.hugepageLimits.isEmpty { throw refused(base + "hugepageLimits") }
    if let network = resources.network, network != Resources.Network() {
      throw refused(base + "network")
    }
    if !resources.rdma.isEmpty { throw refused(base + "rdma") }
    if !resources.unified.isEmpty { throw refused(base + "unified") }
  }

  private static func refused(_ pointer: ByteString) -> ConfigError {
    ConfigError(pointer, "limits are not supported by this version of apus")
  }
}
