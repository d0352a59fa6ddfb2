import Bytes
import DBus
import OCISpec

/// One property of a unit (org.freedesktop.systemd1(5)).
struct UnitProperty: Equatable, Sendable {
  var name: ByteString
  var value: DBusValue
  /// The first version of systemd that takes it.
  var version: UInt64 = 0

  var wire: DBusValue { .structure([.string(name), .variant(value)]) }
}

/// Limits as properties of the unit: systemd writes its own values again whenever it likes, so it has
/// to know them, although everything is written to the cgroup as well.
enum UnitProperties {
  static func make(_ limits: [CgroupWrite]) throws(ConfigError) -> [UnitProperty] {
    var properties = [UnitProperty]()
    for limit in limits where !limit.isTrial {
      for property in try make(limit) {
        // `unified` overrides what was derived.
        properties.removeAll { $0.name == property.name }
        properties.append(property)
      }
    }
    return properties
  }

  private static func make(_ limit: CgroupWrite) throws(ConfigError) -> [UnitProperty] {
    switch limit.file {
    case "memory.max": return number("MemoryMax", limit)
    case "memory.low": return number("MemoryLow", limit)
    case "memory.high": return number("MemoryHigh", limit)
    case "memory.min": return number("MemoryMin", limit)
    case "memory.swap.max": return number("MemorySwapMax", limit)
    case "memory.zswap.max": return number("MemoryZSwapMax", limit, version: 253)
    case "pids.max": return number("TasksMax", limit)
    case "cpu.weight": return number("CPUWeight", limit)
    case "cpu.idle":
      // To systemd idle is a weight; one that is given follows.
      return limit.value == "1"
        ? [UnitProperty(name: "CPUWeight", value: .uint64(0), version: 252)]
        : [UnitProperty(name: "CPUWeight", value: .uint64(100))]
    case "cpu.max": return bandwidth(limit)
    case "cpuset.cpus": return [try set("AllowedCPUs", limit)]
    case "cpuset.mems": return [try set("AllowedMemoryNodes", limit)]
    case "io.bfq.weight", "io.weight": return ioWeight(limit)
    default: return []
    }
  }

  /// Other text is for the kernel to refuse, when it is written.
  private static func number(_ name: ByteString, _ limit: CgroupWrite, version: UInt64 = 0)
    -> [UnitProperty]
  {
    CgroupFile.limit(limit.value).map {
      [UnitProperty(name: name, value: .uint64($0), version: version)]
    } ?? []
  }

  /// `QUOTA PERIOD` in microseconds; systemd wants the quota of a second.
  private static func bandwidth(_ limit: CgroupWrite) -> [UnitProperty] {
    let words = limit.value.split(on: 0x20)
    let period = words.count > 1 ? words[1].unsignedDecimal ?? 0 : 100_000
    guard let quota = CgroupFile.limit(words[0]), period > 0 else { return [] }
    guard let perSecond = quota == .max ? .max : perSecond(quota, period) else { return [] }
    return [
      UnitProperty(name: "CPUQuotaPerSecUSec", value: .uint64(perSecond)),
      UnitProperty(name: "CPUQuotaPeriodUSec", value: .uint64(period)),
    ]
  }

  /// In microseconds, rounded up to what systemd counts in: whole per cents.
  private static func perSecond(_ quota: UInt64, _ period: UInt64) -> UInt64? {
    // Years of time: no limit, and no number that the product below overflows.
    if quota > 1 << 43 { return nil }
    return (quota * 1_000_000 / period + 9_999) / 10_000 * 10_000
  }

  /// systemd hands BFQ a weight that it makes from its own; this one makes the weight that we want.
  private static func ioWeight(_ limit: CgroupWrite) -> [UnitProperty] {
    let value = limit.value.hasPrefix("default ") ? limit.value.dropFirst(8) : limit.value
    // systemd leaves the weights of single devices as they are.
    guard let weight = value.unsignedDecimal, weight <= 10_000 else { return [] }
    let own = limit.file == "io.weight" || weight <= 100 ? weight : 100 + (weight - 100) * 11
    return [UnitProperty(name: "IOWeight", value: .uint64(own))]
  }

  private static func set(_ name: ByteString, _ limit: CgroupWrite) throws(ConfigError)
    -> UnitProperty
  {
    // What an update that failed restores: no limit.
    if limit.value == "\n" { return UnitProperty(name: name, value: .bytes([])) }
    guard let list = NumberList(limit.value), !list.isEmpty else {
      throw ConfigError(limit.pointer, quoted(limit.value) + " is not a list such as 0-3,7")
    }
    return UnitProperty(name: name, value: .bytes(list.bytes))
  }

  /// Limits that systemd cannot hold exactly, as it holds them: the cgroup and the unit must not
  /// disagree.
  static func adjusted(_ limits: [CgroupWrite]) -> [CgroupWrite] {
    limits.map { limit in
      var limit = limit
      if limit.file == "pids.max" && limit.value == "0" { limit.value = "1" }
      if limit.file == "cpu.max", let text = rounded(limit.value) { limit.value = text }
      return limit
    }
  }

  private static func rounded(_ value: ByteString) -> ByteString? {
    let words = value.split(on: 0x20)
    guard words.count == 2, let quota = words[0].unsignedDecimal,
      let period = words[1].unsignedDecimal, period > 0, period <= 1_000_000
    else { return nil }
    guard let perSecond = perSecond(quota, period) else { return nil }
    let (exact, tooMuch) = perSecond.multipliedReportingOverflow(by: period)
    return tooMuch ? nil : ByteString(decimal: exact / 1_000_000) + " " + words[1]
  }
}
