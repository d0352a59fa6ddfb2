import Bytes
import OCISpec

extension ResourceWrites {
  static func make(
    _ cpu: Resources.CPU, _ pointer: ByteString, _ warnings: inout [ByteString]
  ) throws(ConfigError) -> [CgroupWrite] {
    // RS-12.
    if cpu.realtimeRuntime ?? 0 != 0 { throw unconvertible(pointer + "/realtimeRuntime") }
    if cpu.realtimePeriod ?? 0 != 0 { throw unconvertible(pointer + "/realtimePeriod") }
    var writes = [CgroupWrite]()
    // RS-14: before the weight, which an idle cgroup does not take.
    if let idle = cpu.idle {
      guard idle == 0 || idle == 1 else { throw ConfigError(pointer + "/idle", "neither 0 nor 1") }
      writes.append(CgroupWrite("cpu.idle", ByteString(decimal: idle), pointer + "/idle"))
    }
    // RS-9.
    if let shares = cpu.shares, shares != 0 {
      if cpu.idle == 1 {
        warnings.append(pointer + "/shares: without effect, as `idle` is set")
      } else {
        let weight = ByteString(decimal: CPUWeight.weight(shares: shares))
        writes.append(CgroupWrite("cpu.weight", weight, pointer + "/shares"))
      }
    }
    writes += try bandwidth(cpu, pointer)
    // RS-13.
    if let cpus = cpu.cpus, !cpus.isEmpty {
      writes.append(CgroupWrite("cpuset.cpus", cpus, pointer + "/cpus"))
    }
    if let mems = cpu.mems, !mems.isEmpty {
      writes.append(CgroupWrite("cpuset.mems", mems, pointer + "/mems"))
    }
    return writes
  }

  /// RS-10, RS-11: the kernel refuses a burst above the quota, whichever of the two comes first. So a
  /// burst is tried before the quota, for which an old one may be too high, and set after it.
  private static func bandwidth(_ cpu: Resources.CPU, _ pointer: ByteString) throws(ConfigError)
    -> [CgroupWrite]
  {
    let quota = cpu.quota ?? 0
    let period = cpu.period ?? 0
    var writes = [CgroupWrite]()
    if quota != 0 || period != 0 {
      let text: ByteString = quota > 0 ? ByteString(decimal: quota) : "max"
      writes.append(
        CgroupWrite(
          "cpu.max", text + " " + ByteString(decimal: period == 0 ? 100_000 : period),
          pointer + (quota != 0 ? "/quota" : "/period")))
    }
    guard let burst = cpu.burst else { return writes }
    if quota > 0 && burst > UInt64(quota) {
      throw ConfigError(pointer + "/burst", "more than `quota`")
    }
    let write = CgroupWrite("cpu.max.burst", ByteString(decimal: burst), pointer + "/burst")
    if writes.isEmpty { return [write] }
    var trial = write
    trial.isTrial = true
    return [trial] + writes + [write]
  }
}
