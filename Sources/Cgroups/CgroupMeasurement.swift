package import Bytes
import Linux

extension Cgroup {
  /// What the container uses now. A controller that is not here leaves a gap, and is no error.
  package func statistics() throws(CgroupError) -> CgroupStatistics {
    var result = CgroupStatistics()
    do throws(SyscallError) {
      result.cpu = try optional("cpu.stat").map { CgroupStatistics.CPU(stat: $0) }
      result.memory = try memoryStatistics()
      result.pids = try pidsStatistics()
      result.io = try optional("io.stat").map { CgroupStatistics.IODevice.list(stat: $0) } ?? []
      result.hugetlb = try hugetlbStatistics()
      result.cpuPressure = try pressure("cpu.pressure")
      result.memoryPressure = try pressure("memory.pressure")
      result.ioPressure = try pressure("io.pressure")
    } catch {
      if !CgroupTree.isGone(error) { throw CgroupError("measuring", path.text, error) }
    }
    return result
  }

  /// nil where the kernel has no such file.
  private func optional(_ file: ByteString) throws(SyscallError) -> ByteString? {
    do throws(SyscallError) { return try read(file) } catch {
      // Pressure can be switched off, which reading says so.
      if error.errno == .ENOENT || error.errno == .EOPNOTSUPP { return nil }
      throw error
    }
  }

  private func pressure(_ file: ByteString) throws(SyscallError) -> CgroupStatistics.Pressure? {
    try optional(file).flatMap { CgroupStatistics.Pressure($0) }
  }

  private func usage(_ prefix: ByteString) throws(SyscallError) -> CgroupStatistics.Usage? {
    guard let current = try optional(prefix + ".current"),
      let limit = try optional(prefix + ".max")
    else { return nil }
    return CgroupStatistics.Usage(
      current: CgroupFile.limit(current) ?? 0, limit: CgroupFile.limit(limit) ?? .max,
      peak: try optional(prefix + ".peak").flatMap { CgroupFile.limit($0) })
  }

  private func memoryStatistics() throws(SyscallError) -> CgroupStatistics.Memory? {
    guard let usage = try usage("memory") else { return nil }
    return CgroupStatistics.Memory(
      usage: usage, swap: try self.usage("memory.swap"),
      raw: CgroupFile.flat(try optional("memory.stat") ?? ""))
  }

  private func pidsStatistics() throws(SyscallError) -> CgroupStatistics.Pids? {
    guard let current = try optional("pids.current") else {
      // Without the controller, a count: threads are not in it.
      return CgroupStatistics.Pids(current: UInt64(try pids().count), limit: 0)
    }
    let limit = try optional("pids.max").flatMap { CgroupFile.limit($0) } ?? .max
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
      var usage = try optional(base + ".rsvd.current")
      if usage == nil { usage = try optional(base + ".current") }
      let events = CgroupFile.flat(try optional(base + ".events") ?? "")
      result.append(
        CgroupStatistics.Hugetlb(
          pageSize: size, usage: usage.flatMap { CgroupFile.limit($0) } ?? 0,
          failures: CgroupFile.value("max", events)))
    }
    return result
  }
}

/// How the kernel killed for memory in a container.
package struct OutOfMemory: Equatable, Sendable {
  /// How many processes.
  package var kills: UInt64
  /// The cgroup whose limit was reached: the container's or one above it; nil if that is unknown.
  package var cgroup: ByteString?
  /// Of that cgroup, in bytes; nil without a limit.
  package var limit: UInt64?
  /// The most that the container used, in bytes.
  package var peak: UInt64?

  /// One line for errors and `state`.
  package var message: ByteString {
    var text: ByteString = "the kernel killed for memory " + ByteString(decimal: kills) + " time"
    if kills != 1 { text += "s" }
    if let cgroup { text += ": cgroup `" + cgroup + "` reached its limit" }
    if let limit { text += " of " + ByteString(decimal: limit) + " bytes" }
    if let peak { text += "; the container used " + ByteString(decimal: peak) + " at most" }
    return text
  }
}

extension Cgroup {
  /// nil if nothing was killed for memory, or nobody counts that.
  package func outOfMemory() -> OutOfMemory? {
    do throws(SyscallError) {
      guard let events = try optional("memory.events") else { return nil }
      let kills = CgroupFile.value("oom_kill", CgroupFile.flat(events))
      if kills == 0 { return nil }
      var report = OutOfMemory(
        kills: kills, peak: try optional("memory.peak").flatMap { CgroupFile.limit($0) })
      var depth = path.components.count
      while depth > 0 {
        let ancestor = CgroupPath(recorded: path.ancestor(depth))
        let cgroup =
          depth == path.components.count
          ? self
          : Cgroup(
            ancestor, root,
            SharedDescriptor(
              try root.handle.open(
                ancestor.relative, [.path, .directory], resolve: CgroupTree.resolve)))
        let local = CgroupFile.flat(try cgroup.optional("memory.events.local") ?? "")
        if CgroupFile.value("oom", local) > 0 {
          report.cgroup = ancestor.text
          report.limit = try cgroup.optional("memory.max").flatMap { CgroupFile.limit($0) }
          return report
        }
        depth -= 1
      }
      return report
    } catch {
      // A cgroup that is gone takes its story with it.
      return nil
    }
  }
}

extension Cgroup {
  /// How many processes were killed for memory in the parent and all below it, those included that are
  /// gone (`oom_kill` of memory.events); 0 where nobody counts that.
  func killsOfParent() -> UInt64 {
    do throws(SyscallError) {
      let parent = path.ancestor(path.components.count - 1)
      let file = try root.handle.open(
        parent + "/memory.events", .readOnly, resolve: CgroupTree.resolve)
      let events = ByteString(try file.handle.readAll(limit: 4096))
      return CgroupFile.value("oom_kill", CgroupFile.flat(events))
    } catch {
      return 0
    }
  }

  /// Whether somebody has taken the cgroup away.
  var isRemoved: Bool {
    do throws(SyscallError) {
      _ = try directory.status(ofEntry: "cgroup.procs")
      return false
    } catch {
      return CgroupTree.isGone(error)
    }
  }
}
