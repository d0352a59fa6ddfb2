import Bytes
import OCISpec

// In all of these 0 asks for nothing, as with cgroup v1, where it was the zero of the engine's language.
extension ResourceWrites {
  static func make(_ memory: Resources.Memory, _ pointer: ByteString) throws(ConfigError)
    -> [CgroupWrite]
  {
    try check(memory, pointer)
    var writes = [CgroupWrite]()
    // Before memory.max: what cannot be swapped out counts against it.
    if let swap = try swapLimit(memory, pointer) {
      writes.append(
        CgroupWrite("memory.swap.max", swap, pointer + "/swap", isOptional: swap == "0"))
    }
    if let limit = memory.limit, limit != 0 {
      let value = ByteString(limit: limit)
      let floor: ByteString? = memory.checkBeforeUpdate && limit > 0 ? "memory.current" : nil
      writes.append(CgroupWrite("memory.max", value, pointer + "/limit", floor: floor))
    }
    if let reservation = memory.reservation, reservation != 0 {
      writes.append(
        CgroupWrite("memory.low", ByteString(limit: reservation), pointer + "/reservation"))
    }
    return writes
  }

  /// RS-3: cgroup v1 counted memory and swap together.
  static func swapLimit(_ memory: Resources.Memory, _ pointer: ByteString) throws(ConfigError)
    -> ByteString?
  {
    let limit = memory.limit ?? 0
    let swap = memory.swap ?? 0
    // A `limit` of -1 without `swap` lifts both limits.
    if swap == 0 { return limit == -1 ? "max" : nil }
    if swap == -1 || limit == -1 { return ByteString(limit: swap) }
    guard limit > 0 else {
      throw ConfigError(pointer + "/swap", "needs a `limit`: it counts memory and swap together")
    }
    guard swap >= limit else {
      throw ConfigError(pointer + "/swap", "less than `limit`: it counts memory and swap together")
    }
    return ByteString(decimal: swap - limit)
  }

  /// RS-1, RS-2, RS-4 to RS-7.
  private static func check(_ memory: Resources.Memory, _ pointer: ByteString) throws(ConfigError) {
    let limits: [(ByteString, Int64?)] = [
      ("/limit", memory.limit), ("/reservation", memory.reservation), ("/swap", memory.swap),
    ]
    for (name, value) in limits {
      if let value, value < -1 {
        throw ConfigError(pointer + name, "negative, and not the -1 that stands for no limit")
      }
    }
    if memory.kernel ?? 0 > 0 { throw unconvertible(pointer + "/kernel") }
    if memory.kernelTCP ?? 0 > 0 { throw unconvertible(pointer + "/kernelTCP") }
    if memory.swappiness != nil { throw unconvertible(pointer + "/swappiness") }
    if memory.disableOOMKiller == true { throw unconvertible(pointer + "/disableOOMKiller") }
    if memory.useHierarchy == false {
      throw ConfigError(pointer + "/useHierarchy", "cgroup v2 always counts the whole hierarchy")
    }
  }
}
