package import Bytes
import Linux

/// How the kernel killed for memory in a container.
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
    var text: ByteString = "the kernel killed for memory " + ByteString(decimal: kills) + " time"
    if kills != 1 { text += "s" }
    if let cgroup { text += ": cgroup `" + cgroup + "` reached its limit" }
    if let limit { text += " of " + ByteString(decimal: limit) + " bytes" }
    if let peak { text += "; the container used " + ByteString(decimal: peak) + " at most" }
    return text
  }

  init(kills: UInt64, cgroup: ByteString? = nil, limit: UInt64? = nil, peak: UInt64? = nil) {
    self.kills = kills
    self.cgroup = cgroup
    self.limit = limit
    self.peak = peak
  }

  /// nil if nothing was killed for memory, or the kernel does not count that.
  init?(_ container: CgroupDirectory) {
    do throws(SyscallError) {
      guard let events = try container.optional("memory.events") else { return nil }
      let kills = CgroupFile.value("oom_kill", CgroupFile.flat(events))
      if kills == 0 { return nil }
      self.init(
        kills: kills,
        peak: try container.optional("memory.peak").flatMap { CgroupFile.limit($0) })
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
    } catch {
      // A cgroup that is gone takes its counters with it.
      return nil
    }
  }

  /// How many processes were killed for memory in the parent and all below it, those included that are
  /// gone (`oom_kill` of memory.events); 0 where the kernel does not count that.
  static func kills(inParentOf cgroup: CgroupDirectory) -> UInt64 {
    do throws(SyscallError) {
      let parent = cgroup.path.ancestor(cgroup.path.components.count - 1)
      let file = try cgroup.root.handle.open(
        parent + "/memory.events", .readOnly, resolve: CgroupTree.resolve)
      let events = ByteString(try file.handle.readAll(limit: 4096))
      return CgroupFile.value("oom_kill", CgroupFile.flat(events))
    } catch {
      return 0
    }
  }
}
