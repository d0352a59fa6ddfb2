package import Bytes
import Linux

/// What the OOM killer did in a container.
package struct OutOfMemory: Equatable, Sendable {
  /// How many processes.
  package var kills: UInt64
  /// The cgroup that reached its limit: the container's or one above it; nil if that is unknown.
  package var cgroup: ByteString?
  /// Of that cgroup, in bytes; nil without a limit.
  package var limit: UInt64?
  /// The most that the container used, in bytes.
  package var peak: UInt64?

  /// One line for errors and `state`.
  package var message: ByteString {
    var text: ByteString = "the OOM killer killed " + ByteString(decimal: kills) + " process"
    if kills != 1 { text += "es" }
    if let cgroup { text += ": cgroup `" + cgroup + "` reached its limit" }
    if let limit { text += " of " + ByteString(decimal: limit) + " bytes" }
    if let peak { text += "; the container used at most " + ByteString(decimal: peak) }
    return text
  }

  init(kills: UInt64, cgroup: ByteString? = nil, limit: UInt64? = nil, peak: UInt64? = nil) {
    self.kills = kills
    self.cgroup = cgroup
    self.limit = limit
    self.peak = peak
  }

  /// nil without an OOM kill, or the kernel does not count that.
  init?(_ container: CgroupDirectory) {
    do throws(SyscallError) {
      guard let events = try container.optional("memory.events") else { return nil }
      let kills = CgroupFile.value("oom_kill", CgroupFile.flat(events))
      if kills == 0 { return nil }
      self.init(kills: kills)
    } catch {
      // A cgroup that is gone takes its counters with it.
      return nil
    }
    // systemd can remove the cgroup from here on: report what has been read.
    do throws(SyscallError) { try findLimit(container) } catch {}
  }

  /// The nearest cgroup that reached its limit.
  private mutating func findLimit(_ container: CgroupDirectory) throws(SyscallError) {
    peak = try container.optional("memory.peak").flatMap { CgroupFile.limit($0) }
    var depth = container.path.components.count
    while depth > 0 {
      let cgroup = try container.ancestor(depth)
      let local = CgroupFile.flat(try cgroup.optional("memory.events.local") ?? "")
      if CgroupFile.value("oom", local) > 0 {
        self.cgroup = cgroup.path.text
        limit = try cgroup.optional("memory.max").flatMap { CgroupFile.limit($0) }
        return
      }
      depth -= 1
    }
  }
}

/// What was known about a container's memory before something that can have it killed: with that a kill can
/// be reported although systemd has removed the cgroup.
struct MemoryBaseline {
  private let kills: AncestorKills
  /// The container's own, in bytes; nil without one.
  private let limit: UInt64?

  init(_ cgroup: CgroupDirectory, limit: UInt64?) {
    kills = AncestorKills(of: cgroup)
    self.limit = limit
  }

  /// nil without an OOM kill since then.
  func report(_ cgroup: CgroupDirectory) -> OutOfMemory? {
    if var report = OutOfMemory(cgroup) {
      // systemd can remove the cgroup between two looks at it.
      if report.cgroup == nil && cgroup.isRemoved { report.cgroup = cgroup.path.text }
      if report.limit == nil && report.cgroup == cgroup.path.text { report.limit = limit }
      return report
    }
    // The cgroup is gone, but its ancestors have counted what was killed in it.
    guard cgroup.isRemoved else { return nil }
    let added = kills.added(in: cgroup)
    if added == 0 { return nil }
    return OutOfMemory(kills: added, cgroup: cgroup.path.text, limit: limit)
  }
}
