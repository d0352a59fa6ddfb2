import Bytes
import OCISpec

/// `linux.resources` as writes to files of cgroup v2, in the order in which they are made.
///
/// A value that has no counterpart there is an error (RS-0), unless it asks for nothing: engines that
/// were written for cgroup v1 send zeros and `false` for what they do not want.
enum ResourceWrites {
  /// `base` is where the object stands in its document.
  static func make(
    _ resources: Resources, at base: ByteString = "/linux/resources",
    warnings: inout [ByteString]
  ) throws(ConfigError) -> [CgroupWrite] {
    var writes = [CgroupWrite]()
    if let pids = resources.pids { writes += ResourceWrites.pids(pids, base + "/pids/limit") }
    if let memory = resources.memory { writes += try make(memory, base + "/memory") }
    if let blockIO = resources.blockIO { writes += try make(blockIO, base + "/blockIO") }
    if let cpu = resources.cpu { writes += try make(cpu, base + "/cpu", &warnings) }
    for (index, limit) in resources.hugepageLimits.enumerated() {
      writes += try make(limit, base + "/hugepageLimits/" + ByteString(decimal: index))
    }
    for entry in resources.rdma {
      writes.append(try make(entry, base + "/rdma/" + pointerToken(entry.key)))
    }
    if let network = resources.network { try refuse(network, base + "/network") }
    // Last, so that it overrides what was derived.
    writes += try make(unified: resources.unified, base + "/unified")
    return writes
  }

  /// RS-15. 0 forbids every further process, as 1.3 of the specification says. Podman 4 sends it for
  /// "no limit" too, on hosts without the controller, so a missing controller is not an error there.
  private static func pids(_ pids: Resources.Pids, _ pointer: ByteString) -> [CgroupWrite] {
    [CgroupWrite("pids.max", ByteString(limit: pids.limit), pointer, isOptional: pids.limit == 0)]
  }

  /// RS-20: the reservation is what can fail early; where the kernel does not count it, the use is.
  private static func make(_ limit: Resources.HugepageLimit, _ pointer: ByteString)
    throws(ConfigError) -> [CgroupWrite]
  {
    guard isPageSize(limit.pageSize) else {
      throw ConfigError(
        pointer + "/pageSize", quoted(limit.pageSize) + " is not a size such as 2MB")
    }
    let base = "hugetlb." + limit.pageSize
    let value = ByteString(decimal: limit.limit)
    return [
      CgroupWrite(base + ".max", value, pointer),
      CgroupWrite(base + ".rsvd.max", value, pointer, isOptional: true),
    ]
  }

  /// `^[1-9][0-9]*[KMG]B$`: a part of a file's name (GHSA-5g49-rx9x-qfc6).
  private static func isPageSize(_ text: ByteString) -> Bool {
    guard text.count >= 3, text.count <= 20, text.hasSuffix("B") else { return false }
    let unit = text[text.count - 2]
    guard unit == UInt8(ascii: "K") || unit == UInt8(ascii: "M") || unit == UInt8(ascii: "G")
    else { return false }
    return text.dropLast(2).unsignedDecimal ?? 0 > 0
  }

  /// RS-21.
  private static func make(_ entry: Entry<Resources.RDMA>, _ pointer: ByteString)
    throws(ConfigError) -> CgroupWrite
  {
    let device = entry.key
    if device.isEmpty || device.count > 64 || device.bytes.contains(where: { $0 <= 0x20 }) {
      throw ConfigError(pointer, quoted(device) + " is not a device name")
    }
    var line = device
    if let handles = entry.value.hcaHandles {
      line += " hca_handle=" + ByteString(decimal: handles)
    }
    if let objects = entry.value.hcaObjects {
      line += " hca_object=" + ByteString(decimal: objects)
    }
    if line == device { throw ConfigError(pointer, "neither `hcaHandles` nor `hcaObjects`") }
    return CgroupWrite("rdma.max", line, pointer)
  }

  /// RS-22.
  private static func refuse(_ network: Resources.Network, _ pointer: ByteString)
    throws(ConfigError)
  {
    if network.classID ?? 0 != 0 { throw unconvertible(pointer + "/classID") }
    if !network.priorities.isEmpty { throw unconvertible(pointer + "/priorities") }
  }

  static func unconvertible(_ pointer: ByteString) -> ConfigError {
    ConfigError(pointer, "cgroup v2 has no such limit")
  }
}
