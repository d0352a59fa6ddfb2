package import JSON

extension Resources: JSONReadable {
  package static func read(_ value: JSONValue) throws(ConfigError) -> Resources {
    let object = try Read.object(value)
    return Resources(
      devices: try object.optional("devices") { (value) throws(ConfigError) in
        try Read.list(value, DeviceRule.read)
      },
      memory: try object.optional("memory", Memory.read),
      cpu: try object.optional("cpu", CPU.read),
      pids: try object.optional("pids", Pids.read),
      blockIO: try object.optional("blockIO", BlockIO.read),
      hugepageLimits: try object.list("hugepageLimits", HugepageLimit.read),
      network: try object.optional("network", Network.read),
      rdma: try object.map("rdma", RDMA.read),
      unified: try object.map("unified", Read.text))
  }
}

extension Resources.DeviceRule: JSONReadable {
  package static func read(_ value: JSONValue) throws(ConfigError) -> Resources.DeviceRule {
    let object = try Read.object(value)
    return Resources.DeviceRule(
      allow: try object.required("allow", Read.flag),
      type: try object.nonEmpty("type"),
      major: try object.optional("major", Read.integer),
      minor: try object.optional("minor", Read.integer),
      access: try object.nonEmpty("access"))
  }
}

extension Resources.Memory: JSONReadable {
  package static func read(_ value: JSONValue) throws(ConfigError) -> Resources.Memory {
    let object = try Read.object(value)
    return Resources.Memory(
      limit: try object.optional("limit", Read.integer),
      reservation: try object.optional("reservation", Read.integer),
      swap: try object.optional("swap", Read.integer),
      kernel: try object.optional("kernel", Read.integer),
      kernelTCP: try object.optional("kernelTCP", Read.integer),
      swappiness: try object.optional("swappiness", Read.integer),
      disableOOMKiller: try object.optional("disableOOMKiller", Read.flag),
      useHierarchy: try object.optional("useHierarchy", Read.flag),
      checkBeforeUpdate: try object.optional("checkBeforeUpdate", Read.flag) ?? false)
  }
}

extension Resources.CPU: JSONReadable {
  package static func read(_ value: JSONValue) throws(ConfigError) -> Resources.CPU {
    let object = try Read.object(value)
    return Resources.CPU(
      shares: try object.optional("shares", Read.integer),
      quota: try object.optional("quota", Read.integer),
      burst: try object.optional("burst", Read.integer),
      period: try object.optional("period", Read.integer),
      realtimeRuntime: try object.optional("realtimeRuntime", Read.integer),
      realtimePeriod: try object.optional("realtimePeriod", Read.integer),
      cpus: try object.nonEmpty("cpus"),
      mems: try object.nonEmpty("mems"),
      idle: try object.optional("idle", Read.integer))
  }
}

extension Resources.Pids: JSONReadable {
  package static func read(_ value: JSONValue) throws(ConfigError) -> Resources.Pids {
    Resources.Pids(limit: try Read.object(value).required("limit", Read.integer))
  }
}

extension Resources.BlockIO: JSONReadable {
  package static func read(_ value: JSONValue) throws(ConfigError) -> Resources.BlockIO {
    let object = try Read.object(value)
    typealias Throttle = Resources.ThrottleDevice
    return Resources.BlockIO(
      weight: try object.optional("weight", Read.integer),
      leafWeight: try object.optional("leafWeight", Read.integer),
      weightDevice: try object.list("weightDevice", Resources.WeightDevice.read),
      throttleReadBpsDevice: try object.list("throttleReadBpsDevice", Throttle.read),
      throttleWriteBpsDevice: try object.list("throttleWriteBpsDevice", Throttle.read),
      throttleReadIOPSDevice: try object.list("throttleReadIOPSDevice", Throttle.read),
      throttleWriteIOPSDevice: try object.list("throttleWriteIOPSDevice", Throttle.read))
  }
}

extension Resources.WeightDevice: JSONReadable {
  package static func read(_ value: JSONValue) throws(ConfigError) -> Resources.WeightDevice {
    let object = try Read.object(value)
    return Resources.WeightDevice(
      major: try object.required("major", Read.integer),
      minor: try object.required("minor", Read.integer),
      weight: try object.optional("weight", Read.integer),
      leafWeight: try object.optional("leafWeight", Read.integer))
  }
}

extension Resources.ThrottleDevice: JSONReadable {
  package static func read(_ value: JSONValue) throws(ConfigError) -> Resources.ThrottleDevice {
    let object = try Read.object(value)
    return Resources.ThrottleDevice(
      major: try object.required("major", Read.integer),
      minor: try object.required("minor", Read.integer),
      rate: try object.required("rate", Read.integer))
  }
}

extension Resources.HugepageLimit: JSONReadable {
  package static func read(_ value: JSONValue) throws(ConfigError) -> Resources.HugepageLimit {
    let object = try Read.object(value)
    return Resources.HugepageLimit(
      pageSize: try object.required("pageSize", Read.text),
      limit: try object.required("limit", Read.integer))
  }
}

extension Resources.Network: JSONReadable {
  package static func read(_ value: JSONValue) throws(ConfigError) -> Resources.Network {
    let object = try Read.object(value)
    return Resources.Network(
      classID: try object.optional("classID", Read.integer),
      priorities: try object.list("priorities", Resources.NetworkPriority.read))
  }
}

extension Resources.NetworkPriority: JSONReadable {
  package static func read(_ value: JSONValue) throws(ConfigError) -> Resources.NetworkPriority {
    let object = try Read.object(value)
    return Resources.NetworkPriority(
      name: try object.required("name", Read.text),
      priority: try object.required("priority", Read.integer))
  }
}

extension Resources.RDMA: JSONReadable {
  package static func read(_ value: JSONValue) throws(ConfigError) -> Resources.RDMA {
    let object = try Read.object(value)
    return Resources.RDMA(
      hcaHandles: try object.optional("hcaHandles", Read.integer),
      hcaObjects: try object.optional("hcaObjects", Read.integer))
  }
}
