import Bytes
package import JSON

// The members that `Resources.read` reads, without those that are absent.

extension Resources {
  package var json: JSONValue {
    var object = JSONObject()
    object["memory"] = memory?.json
    object["cpu"] = cpu?.json
    object["pids"] = pids.map { ["limit": .integer($0.limit)] }
    object["blockIO"] = blockIO?.json
    if !hugepageLimits.isEmpty {
      object["hugepageLimits"] = .array(
        hugepageLimits.map { ["pageSize": .string($0.pageSize), "limit": .integer($0.limit)] })
    }
    if !rdma.isEmpty {
      var devices = JSONObject()
      for entry in rdma { devices[entry.key] = entry.value.json }
      object["rdma"] = .object(devices)
    }
    object["unified"] = unified.json
    return .object(object)
  }
}

extension Resources.Memory {
  fileprivate var json: JSONValue {
    var object = JSONObject()
    object["limit"] = limit.map { .integer($0) }
    object["reservation"] = reservation.map { .integer($0) }
    object["swap"] = swap.map { .integer($0) }
    if checkBeforeUpdate { object["checkBeforeUpdate"] = .bool(true) }
    return .object(object)
  }
}

extension Resources.CPU {
  fileprivate var json: JSONValue {
    var object = JSONObject()
    object["shares"] = shares.map { .integer($0) }
    object["quota"] = quota.map { .integer($0) }
    object["burst"] = burst.map { .integer($0) }
    object["period"] = period.map { .integer($0) }
    object["cpus"] = cpus.map { .string($0) }
    object["mems"] = mems.map { .string($0) }
    object["idle"] = idle.map { .integer($0) }
    return .object(object)
  }
}

extension Resources.BlockIO {
  fileprivate var json: JSONValue {
    var object = JSONObject()
    object["weight"] = weight.map { .integer($0) }
    if !weightDevice.isEmpty {
      object["weightDevice"] = .array(weightDevice.map { $0.json })
    }
    func put(_ name: ByteString, _ devices: [Resources.ThrottleDevice]) {
      if devices.isEmpty { return }
      object[name] = .array(
        devices.map {
          [
            "major": .integer($0.major), "minor": .integer($0.minor), "rate": .integer($0.rate),
          ]
        })
    }
    put("throttleReadBpsDevice", throttleReadBpsDevice)
    put("throttleWriteBpsDevice", throttleWriteBpsDevice)
    put("throttleReadIOPSDevice", throttleReadIOPSDevice)
    put("throttleWriteIOPSDevice", throttleWriteIOPSDevice)
    return .object(object)
  }
}

extension Resources.WeightDevice {
  fileprivate var json: JSONValue {
    var object = JSONObject()
    object["major"] = .integer(major)
    object["minor"] = .integer(minor)
    object["weight"] = weight.map { .integer($0) }
    return .object(object)
  }
}

extension Resources.RDMA {
  fileprivate var json: JSONValue {
    var object = JSONObject()
    object["hcaHandles"] = hcaHandles.map { .integer($0) }
    object["hcaObjects"] = hcaObjects.map { .integer($0) }
    return .object(object)
  }
}
