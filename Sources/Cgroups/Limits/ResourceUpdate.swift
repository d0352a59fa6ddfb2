package import Bytes
package import OCISpec

/// A change of the limits of a container that exists (`update`): what is written now, and what the
/// container's limits are from then on.
package struct ResourceUpdate: Equatable, Sendable {
  package let writes: [CgroupWrite]
  /// For the record: `recorded` with the change.
  package let resources: Resources
  /// For systemd, which keeps limits of its own: what changes, with what it depends on.
  let change: Resources

  /// `change` is what the caller gave; an absent member stays as it is, and so does a 0 where 0 asks
  /// for nothing. Pointers begin at the root of the caller's document.
  package init(_ change: Resources, recorded: Resources, warnings: inout [ByteString])
    throws(ConfigError)
  {
    if let rules = change.devices, rules != recorded.devices ?? [] {
      warnings.append("/devices: device rules are not changed by an update")
    }
    self.change = ResourceUpdate.completed(change, recorded)
    writes = try ResourceWrites.make(self.change, at: "", warnings: &warnings)
    resources = ResourceUpdate.merged(recorded, change)
  }

  /// The change with the recorded other half of what the kernel takes together.
  private static func completed(_ change: Resources, _ recorded: Resources) -> Resources {
    var result = change
    result.devices = nil
    if var memory = change.memory {
      let old = recorded.memory ?? Resources.Memory()
      // Only a limit that is given is compared with what is in use.
      memory.checkBeforeUpdate = memory.checkBeforeUpdate && memory.limit.given != nil
      if memory.limit == -1 && memory.swap.given == nil {
        memory.swap = -1
      } else if memory.limit.given != nil || memory.swap.given != nil {
        memory.limit = memory.limit.given ?? old.limit
        memory.swap = memory.swap.given ?? old.swap
      }
      result.memory = memory
    }
    if var cpu = change.cpu {
      let old = recorded.cpu ?? Resources.CPU()
      if cpu.quota.given != nil || cpu.period.given != nil {
        cpu.quota = cpu.quota.given ?? old.quota
        cpu.period = cpu.period.given ?? old.period
        cpu.burst = cpu.burst ?? old.burst
      }
      // An idle cgroup takes no weight.
      if cpu.shares.given != nil && cpu.idle == nil && old.idle == 1 { cpu.idle = 1 }
      // The kernel forgot the weight when the cgroup became idle.
      if cpu.idle == 0 && cpu.shares.given == nil {
        if let weight = recorded.unified["cpu.weight"] {
          if change.unified["cpu.weight"] == nil {
            result.unified.append(Entry("cpu.weight", weight))
          }
        } else {
          cpu.shares = old.shares
        }
      }
      result.cpu = cpu
    }
    return result
  }

  private static func merged(_ recorded: Resources, _ change: Resources) -> Resources {
    var result = recorded
    if let memory = change.memory {
      result.memory = merged(recorded.memory ?? Resources.Memory(), memory)
    }
    if let cpu = change.cpu { result.cpu = merged(recorded.cpu ?? Resources.CPU(), cpu) }
    if let pids = change.pids { result.pids = pids }
    if let blockIO = change.blockIO {
      result.blockIO = merged(recorded.blockIO ?? Resources.BlockIO(), blockIO)
    }
    result.hugepageLimits = overlaid(recorded.hugepageLimits, change.hugepageLimits) {
      $0.pageSize == $1.pageSize
    }
    result.rdma = overlaid(recorded.rdma, change.rdma) { $0.key == $1.key }
    result.unified = overlaid(recorded.unified, change.unified) { $0.key == $1.key }
    return result
  }

  private static func merged(_ old: Resources.Memory, _ new: Resources.Memory) -> Resources.Memory {
    var result = old
    result.limit = new.limit.given ?? old.limit
    result.reservation = new.reservation.given ?? old.reservation
    result.swap =
      new.limit == -1 && new.swap.given == nil ? -1 : new.swap.given ?? old.swap
    result.checkBeforeUpdate = new.checkBeforeUpdate || old.checkBeforeUpdate
    return result
  }

  private static func merged(_ old: Resources.CPU, _ new: Resources.CPU) -> Resources.CPU {
    var result = old
    result.shares = new.shares.given ?? old.shares
    result.quota = new.quota.given ?? old.quota
    result.period = new.period.given ?? old.period
    result.burst = new.burst ?? old.burst
    result.cpus = new.cpus.flatMap { $0.isEmpty ? nil : $0 } ?? old.cpus
    result.mems = new.mems.flatMap { $0.isEmpty ? nil : $0 } ?? old.mems
    result.idle = new.idle ?? old.idle
    return result
  }

  private static func merged(_ old: Resources.BlockIO, _ new: Resources.BlockIO)
    -> Resources.BlockIO
  {
    var result = old
    result.weight = new.weight.given ?? old.weight
    result.weightDevice = overlaid(old.weightDevice, new.weightDevice) {
      $0.major == $1.major && $0.minor == $1.minor
    }
    result.throttleReadBpsDevice = overlaid(old.throttleReadBpsDevice, new.throttleReadBpsDevice)
    result.throttleWriteBpsDevice = overlaid(
      old.throttleWriteBpsDevice, new.throttleWriteBpsDevice)
    result.throttleReadIOPSDevice = overlaid(
      old.throttleReadIOPSDevice, new.throttleReadIOPSDevice)
    result.throttleWriteIOPSDevice = overlaid(
      old.throttleWriteIOPSDevice, new.throttleWriteIOPSDevice)
    return result
  }

  private static func overlaid(
    _ old: [Resources.ThrottleDevice], _ new: [Resources.ThrottleDevice]
  ) -> [Resources.ThrottleDevice] {
    overlaid(old, new) { $0.major == $1.major && $0.minor == $1.minor }
  }

  private static func overlaid<Element>(
    _ old: [Element], _ new: [Element], isSame: (Element, Element) -> Bool
  ) -> [Element] {
    old.filter { element in !new.contains { isSame($0, element) } } + new
  }
}

extension Optional where Wrapped: BinaryInteger {
  /// nil for 0, too, where that asks for nothing.
  fileprivate var given: Wrapped? { self == 0 ? nil : self }
}
