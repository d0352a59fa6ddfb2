import Bytes
import Linux

/// How many processes the OOM killer had killed (`oom_kill` of memory.events) in each ancestor of
/// a cgroup, at one time. Their counters include the cgroup's, and are there when systemd has removed it.
struct AncestorKills {
  /// From the parent on upwards; nil where the kernel does not count.
  private let counts: [UInt64?]

  init(of cgroup: CgroupDirectory) {
    counts = (1..<max(cgroup.path.components.count, 1)).reversed().map {
      AncestorKills.count(cgroup.path.ancestor($0), below: cgroup.root.handle)
    }
  }

  /// How many more there are now, in the nearest ancestor that is still there.
  func added(in cgroup: CgroupDirectory) -> UInt64 {
    for (index, before) in counts.enumerated() {
      let depth = cgroup.path.components.count - 1 - index
      guard let before,
        let now = AncestorKills.count(cgroup.path.ancestor(depth), below: cgroup.root.handle)
      else { continue }
      return now > before ? now - before : 0
    }
    return 0
  }

  private static func count(_ path: ByteString, below root: Handle) -> UInt64? {
    do throws(SyscallError) {
      let file = try root.open(
        path + "/memory.events", .readOnly, resolve: CgroupTree.resolve)
      let events = CgroupFile.flat(ByteString(try file.handle.readAll(limit: 4096)))
      return events.first { $0.key == "oom_kill" }?.value
    } catch {
      return nil
    }
  }
}
