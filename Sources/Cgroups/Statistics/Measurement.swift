import Bytes
import Linux

extension Cgroup {
  /// What the container uses now. A missing controller leaves a gap; it is not an error.
  package func statistics() throws(CgroupError) -> CgroupStatistics {
    var result = CgroupStatistics()
    do throws(SyscallError) {
      result.cpu = try files.optional("cpu.stat").map { CgroupStatistics.CPU(stat: $0) }
      result.memory = try memoryStatistics()
      result.pids = try pidsStatistics()
      result.io =
        try files.optional("io.stat").map { CgroupStatistics.IODevice.list(stat: $0) } ?? []
      result.hugetlb = try hugetlbStatistics()
      result.cpuPressure = try pressure("cpu.pressure")
      result.memoryPressure = try pressure("memory.pressure")
      result.ioPressure = try pressure("io.pressure")
    } catch {
      if !CgroupTree.isGone(error) { throw .system("measuring", path: files.path.text, error) }
    }
    return result
  }

  private func pressure(_ file: ByteString) throws(SyscallError) -> CgroupStatistics.Pressure? {
    try files.optional(file).flatMap { CgroupStatistics.Pressure($0) }
  }

  private func usage(_ prefix: ByteString) throws(SyscallError) -> CgroupStatistics.Usage? {
    guard let current = try files.optional(prefix + ".current"),
      let limit = try files.optional(prefix + ".max")
    else { return nil }
    return CgroupStatistics.Usage(
      current: CgroupFile.limit(current) ?? 0, limit: CgroupFile.limit(limit) ?? .max,
      peak: try files.optional(prefix + ".peak").flatMap { CgroupFile.limit($0) })
  }

  private func memoryStatistics() throws(SyscallError) -> CgroupStatistics.Memory? {
    guard let usage = try usage("memory") else { return nil }
    return CgroupStatistics.Memory(
      usage: usage, swap: try self.usage("memory.swap"),
      raw: CgroupFile.flat(try files.optional("memory.stat") ?? ""))
  }

  private func pidsStatistics() throws(SyscallError) -> CgroupStatistics.Pids? {
    guard let current = try files.optional("pids.current") else {
      // Without the controller, a count: threads are not in it.
      return CgroupStatistics.Pids(current: UInt64(try pids().count), limit: 0)
    }
    let limit = try files.optional("pids.max").flatMap { CgroupFile.limit($0) } ?? .max
    return CgroupStatistics.Pids(
      current: CgroupFile.limit(current) ?? 0, limit: limit == .max ? 0 : limit)
  }

  private func hugetlbStatistics() throws(SyscallError) -> [CgroupStatistics.Hugetlb] {
    let listing = try directory.open(".", [.directory])
    let suffix: ByteString = ".current"
    var sizes = [ByteString]()
    for entry in try listing.handle.entries() {
      let name = entry.name
      guard name.hasPrefix("hugetlb."), name.hasSuffix(suffix) else { continue }
      let size = name.dropFirst(8).dropLast(suffix.count)
      if !size.contains(UInt8(ascii: ".")) { sizes.append(size) }
    }
    var result = [CgroupStatistics.Hugetlb]()
    for size in sizes {
      let base = "hugetlb." + size
      var usage = try files.optional(base + ".rsvd.current")
      if usage == nil { usage = try files.optional(base + ".current") }
      let events = CgroupFile.flat(try files.optional(base + ".events") ?? "")
      result.append(
        CgroupStatistics.Hugetlb(
          pageSize: size, usage: usage.flatMap { CgroupFile.limit($0) } ?? 0,
          failures: CgroupFile.value("max", events)))
    }
    return result
  }
}
