package import Bytes
package import Linux
package import OCISpec

/// The memory nodes that the program's pages come from (set_mempolicy(2)).
package struct MemoryPolicyPlan: Equatable, Sendable {
  /// Mode and flags in one number, as the kernel takes them.
  package var mode: Int32
  package var nodes: NumberList?

  private enum Nodes { case none, any, some }

  private static let table: [(name: ByteString, number: Int32, nodes: Nodes)] = [
    ("MPOL_BIND", 2, .some),
    ("MPOL_DEFAULT", 0, .none),
    ("MPOL_INTERLEAVE", 3, .some),
    ("MPOL_LOCAL", 4, .none),
    ("MPOL_PREFERRED", 1, .any),
    ("MPOL_PREFERRED_MANY", 5, .some),
    // Linux 6.9; an older kernel refuses it.
    ("MPOL_WEIGHTED_INTERLEAVE", 6, .some),
  ]

  /// Mode and flags as the configuration names them.
  package var modeNames: ByteString {
    let bits = MemoryPolicyPlan.flags.filter { mode & $0.bit != 0 }
    let number = mode & ~bits.reduce(0) { $0 | $1.bit }
    let name = MemoryPolicyPlan.table.first { $0.number == number }?.name ?? ""
    return ([name] + bits.map { $0.name }).joined(by: "|")
  }

  package static var modes: [ByteString] { table.map { $0.name } }

  package static let flags: [(name: ByteString, bit: Int32)] = [
    ("MPOL_F_NUMA_BALANCING", 1 << 13),
    ("MPOL_F_RELATIVE_NODES", 1 << 14),
    ("MPOL_F_STATIC_NODES", 1 << 15),
  ]

  package static func make(
    _ section: LinuxSection.MemoryPolicy, pointer: ByteString
  ) throws(ConfigError) -> MemoryPolicyPlan {
    guard let mode = table.first(where: { $0.name == section.mode }) else {
      throw ConfigError(pointer + "/mode", "unknown memory policy " + quoted(section.mode))
    }
    var bits = mode.number
    for (position, name) in section.flags.enumerated() {
      guard let bit = flags.first(where: { $0.name == name })?.bit else {
        throw ConfigError(
          pointer + "/flags/" + ByteString(decimal: position),
          "unknown memory policy flag " + quoted(name))
      }
      bits |= bit
    }
    guard let nodes = NumberList(section.nodes ?? "") else {
      throw ConfigError(
        pointer + "/nodes", quoted(section.nodes ?? "") + " is not a list of memory nodes")
    }
    switch mode.nodes {
    case .none:
      if !nodes.isEmpty {
        throw ConfigError(pointer + "/nodes", mode.name + " takes no nodes")
      }
    case .some:
      if nodes.isEmpty { throw ConfigError(pointer + "/nodes", mode.name + " needs nodes") }
    case .any: break
    }
    return MemoryPolicyPlan(mode: bits, nodes: nodes.isEmpty ? nil : nodes)
  }

  package func apply() throws(SyscallError) {
    try Scheduling.setMemoryPolicy(mode, nodes: nodes?.words ?? [])
  }
}
