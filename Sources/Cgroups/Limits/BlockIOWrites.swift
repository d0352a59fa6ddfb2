import Bytes
import OCISpec

extension ResourceWrites {
  static func make(_ blockIO: Resources.BlockIO, _ pointer: ByteString) throws(ConfigError)
    -> [CgroupWrite]
  {
    if blockIO.leafWeight ?? 0 != 0 { throw unconvertible(pointer + "/leafWeight") }
    var writes = [CgroupWrite]()
    if let weight = blockIO.weight, weight != 0 {
      writes.append(try self.weight(weight, device: nil, pointer + "/weight"))
    }
    for (index, device) in blockIO.weightDevice.enumerated() {
      let pointer = pointer + "/weightDevice/" + ByteString(decimal: index)
      if device.leafWeight ?? 0 != 0 { throw unconvertible(pointer + "/leafWeight") }
      guard let weight = device.weight else {
        throw ConfigError(pointer, "neither `weight` nor `leafWeight`")
      }
      let name = try number(major: device.major, minor: device.minor, pointer)
      writes.append(
        weight == 0
          ? defaultWeight(name, pointer + "/weight")
          : try self.weight(weight, device: name, pointer + "/weight"))
    }
    let throttles: [(ByteString, ByteString, [Resources.ThrottleDevice])] = [
      ("/throttleReadBpsDevice/", "rbps", blockIO.throttleReadBpsDevice),
      ("/throttleWriteBpsDevice/", "wbps", blockIO.throttleWriteBpsDevice),
      ("/throttleReadIOPSDevice/", "riops", blockIO.throttleReadIOPSDevice),
      ("/throttleWriteIOPSDevice/", "wiops", blockIO.throttleWriteIOPSDevice),
    ]
    for (name, key, devices) in throttles {
      for (index, device) in devices.enumerated() {
        let pointer = pointer + name + ByteString(decimal: index)
        writes.append(try throttle(device, key, pointer))
      }
    }
    return writes
  }

  /// RS-16, RS-18: BFQ takes weights as they are; the cost model has a range of its own.
  private static func weight(_ weight: UInt16, device: ByteString?, _ pointer: ByteString)
    throws(ConfigError) -> CgroupWrite
  {
    guard weight >= 10, weight <= 1000 else { throw ConfigError(pointer, "not from 10 to 1000") }
    let converted = 1 + (UInt64(weight) - 10) * 9999 / 990
    let prefix = device.map { $0 + " " } ?? ""
    return CgroupWrite(
      "io.bfq.weight", prefix + ByteString(decimal: weight), pointer,
      alternative: .init(file: "io.weight", value: prefix + ByteString(decimal: converted)))
  }

  /// 0 asks for the weight that devices without one of their own have: what was set before is taken
  /// back.
  private static func defaultWeight(_ device: ByteString, _ pointer: ByteString) -> CgroupWrite {
    let value = device + " default"
    return CgroupWrite(
      "io.bfq.weight", value, pointer, alternative: .init(file: "io.weight", value: value),
      isOptional: true)
  }

  /// RS-19. A rate of 0 took a throttle away on cgroup v1, and does here.
  private static func throttle(
    _ device: Resources.ThrottleDevice, _ key: ByteString, _ pointer: ByteString
  ) throws(ConfigError) -> CgroupWrite {
    let name = try number(major: device.major, minor: device.minor, pointer)
    let rate: ByteString = device.rate == 0 ? "max" : ByteString(decimal: device.rate)
    return CgroupWrite("io.max", name + " " + key + "=" + rate, pointer)
  }

  private static func number(major: Int64, minor: Int64, _ pointer: ByteString)
    throws(ConfigError) -> ByteString
  {
    guard let major = UInt32(exactly: major), let minor = UInt32(exactly: minor) else {
      throw ConfigError(pointer, "a device number is out of range")
    }
    return ByteString(decimal: major) + ":" + ByteString(decimal: minor)
  }
}
