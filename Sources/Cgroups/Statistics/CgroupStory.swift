package import Bytes
import Linux

/// What a cgroup counted until its container ended. Counters begin with the cgroup, which is the
/// container's own, so each is the whole of its life.
package struct CgroupStory: Equatable, Sendable {
  /// A limit that took effect: the container's or that of a cgroup above.
  package struct Limit: Equatable, Sendable {
    /// nil if it is not known whose it was.
    package var cgroup: ByteString?
    /// `memory.max` or `pids.max`.
    package var file: ByteString
    /// nil without a limit there.
    package var value: UInt64?
    /// Processes killed, or forks refused.
    package var times: UInt64

    package init(cgroup: ByteString?, file: ByteString, value: UInt64?, times: UInt64) {
      self.cgroup = cgroup
      self.file = file
      self.value = value
      self.times = times
    }
  }

  package var limits: [Limit] = []
  /// The most memory that was in use, in bytes.
  package var peakMemory: UInt64?
  /// Whether kills for memory are counted, so that none means none.
  package var countsKills = false
  package init() {}
}

extension Cgroup {
  /// Limits that took effect, and the peak; empty where the cgroup is gone or has no controllers.
  package func story() -> CgroupStory {
    var story = CgroupStory()
    if let memory = outOfMemory() {
      story.limits.append(
        .init(
          cgroup: memory.cgroup, file: "memory.max", value: memory.limit, times: memory.kills))
      story.peakMemory = memory.peak
    } else {
      story.peakMemory = text("memory.peak").flatMap { CgroupFile.limit($0) }
    }
    story.countsKills = text("memory.events") != nil
    if let refused = refusedForks() { story.limits.append(refused) }
    return story
  }

  /// Whether a limit took effect: two small files, where there are any.
  package var hasReachedLimits: Bool {
    count("oom_kill", "memory.events") > 0 || count("max", "pids.events") > 0
  }

  /// `max` of pids.events counts here and below (Linux 6.12), or for any limit on the way up.
  private func refusedForks() -> CgroupStory.Limit? {
    let times = count("max", "pids.events")
    guard times > 0 else { return nil }
    var limit = CgroupStory.Limit(cgroup: nil, file: "pids.max", value: nil, times: times)
    do throws(SyscallError) {
      var depth = files.path.components.count
      while depth > 0 {
        let cgroup = try files.ancestor(depth)
        var events = try cgroup.optional("pids.events.local")
        if events == nil { events = try cgroup.optional("pids.events") }
        if CgroupFile.value("max", CgroupFile.flat(events ?? "")) > 0 {
          limit.cgroup = cgroup.path.text
          limit.value = try cgroup.optional("pids.max").flatMap { CgroupFile.limit($0) }
          return limit
        }
        depth -= 1
      }
    } catch {}
    return limit
  }

  private func count(_ key: ByteString, _ file: ByteString) -> UInt64 {
    CgroupFile.value(key, CgroupFile.flat(text(file) ?? ""))
  }

  /// nil where there is no such file, or it cannot be read: a story has gaps, not errors.
  private func text(_ file: ByteString) -> ByteString? {
    do throws(SyscallError) { return try files.optional(file) } catch { return nil }
  }
}
