package import Bytes
package import Linux
package import OCISpec

/// The CPUs of a process that `exec` adds, before and after it joins the container's cgroup.
package struct AffinityPlan: Equatable, Sendable {
  /// Set before the move, which then cannot happen at clone (AF-4).
  package var initial: NumberList?
  /// Set after the move.
  package var final: NumberList?

  /// `isInit`: the lists are for later `exec`s alone, so they are checked and left out.
  package static func make(
    _ section: OCISpec.Process.CPUAffinity?, isInit: Bool, pointer: ByteString
  ) throws(ConfigError) -> AffinityPlan {
    let plan = AffinityPlan(
      initial: try list(section?.initial, pointer: pointer + "/initial"),
      final: try list(section?.final, pointer: pointer + "/final"))
    return isInit ? AffinityPlan() : plan
  }

  private static func list(
    _ text: ByteString?, pointer: ByteString
  ) throws(ConfigError) -> NumberList? {
    guard let text else { return nil }
    guard let list = NumberList(text) else {
      throw ConfigError(pointer, quoted(text) + " is not a list of CPUs")
    }
    return list.isEmpty ? nil : list
  }

  /// Before the process `pid`, 0 for ourselves, joins the container's cgroup.
  package func applyInitial(to pid: Int32 = 0) throws(SyscallError) {
    if let initial { try Scheduling.setAffinity(initial.words, of: pid) }
  }

  /// After it joined. Without any list the caller's own affinity is undone, so that a container does
  /// not inherit it (AF-3); with `initial` alone the kernel's choice stands (AF-2).
  package func applyFinal(to pid: Int32 = 0) throws(SyscallError) {
    if let final {
      try Scheduling.setAffinity(final.words, of: pid)
    } else if isReset {
      let all = [UInt64](repeating: .max, count: Int(NumberList.limit) / 64)
      try Scheduling.setAffinity(all, of: pid)
    }
  }

  private var isReset: Bool { initial == nil && final == nil }

  /// In words, after the move.
  package var title: ByteString { isReset ? "reset the CPU affinity" : "set the CPU affinity" }
}
