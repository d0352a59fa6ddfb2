import Bytes
import Linux

/// Whether a cgroup that is there can become a new container's.
enum CgroupSuitability {
  /// - Parameter mayBePopulated: whether processes in it are known: systemd's scope has its holder.
  static func check(
    _ cgroup: CgroupDirectory, _ limits: [CgroupWrite], mayBePopulated: Bool
  ) throws(CgroupError) {
    let reason: ByteString?
    do throws(SyscallError) {
      if let use = try use(of: cgroup, mayBePopulated: mayBePopulated) {
        reason = use
      } else {
        reason = try threadedReason(cgroup, limits)
      }
    } catch {
      throw .system("making", path: cgroup.path.text, error)
    }
    if let reason { throw .unmet(reason) }
  }

  /// Of one that was there.
  static func checkUse(_ cgroup: CgroupDirectory) throws(CgroupError) {
    let reason: ByteString?
    do throws(SyscallError) { reason = try use(of: cgroup, mayBePopulated: false) } catch {
      throw .system("making", path: cgroup.path.text, error)
    }
    if let reason { throw .unmet(reason) }
  }

  /// Another container's processes, or a frozen cgroup, which would stop init forever (OP-7).
  private static func use(of cgroup: CgroupDirectory, mayBePopulated: Bool) throws(SyscallError)
    -> ByteString?
  {
    let events = try cgroup.read("cgroup.events").split(on: 0x0a)
    if events.contains("populated 1") && !mayBePopulated {
      return "container's cgroup is not empty: " + cgroup.path.text
    }
    if events.contains("frozen 1") { return "container's cgroup is frozen: " + cgroup.path.text }
    return nil
  }

  /// CG-7: below a threaded cgroup a new one holds no processes until it is threaded, too, and then
  /// has none of the controllers that count for whole processes.
  private static func threadedReason(_ cgroup: CgroupDirectory, _ limits: [CgroupWrite])
    throws(SyscallError) -> ByteString?
  {
    guard try cgroup.read("cgroup.type").split(on: 0x0a)[0] == "domain invalid" else { return nil }
    if limits.contains(where: { !$0.isOptional }) {
      return "the cgroup `" + cgroup.path.text
        + "` is below a threaded one, where limits cannot be set"
    }
    try cgroup.write("cgroup.type", "threaded")
    return nil
  }
}

extension CgroupDirectory {
  /// Gives a fit cgroup its owner.
  func handOver(_ plan: CgroupPlan) throws(CgroupError) {
    do throws(SyscallError) {
      if let owner = plan.owner { try Delegation.handOver(handle, to: owner) }
    } catch {
      throw .system("making", path: path.text, error)
    }
  }
}
