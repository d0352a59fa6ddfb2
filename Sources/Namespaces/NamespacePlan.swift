package import Bytes
package import Linux
package import OCISpec

/// Which namespaces the container gets, and what is set in them.
package struct NamespacePlan: Equatable, Sendable {
  /// A namespace that exists: whatever is inherited is not in the plan at all (NS-5).
  package struct Join: Equatable, Sendable {
    package var kind: NamespaceKind
    /// In the runtime's mount namespace, absolute.
    package var path: ByteString
    /// What must not happen to the machine itself, such as a sysctl: the configuration's pointer to
    /// it, if the namespace must not be the one that the runtime is in.
    package var foreignFor: ByteString?
    package var pointer: ByteString
  }

  /// The kinds of which a new namespace is made.
  package var created: NamespaceFlags
  /// In the order of `NamespaceKind`.
  package var joins: [Join]
  package var hostname: ByteString?
  package var domainname: ByteString?
  package var sysctls: [SysctlPlan]
  // What is set from outside, when the namespaces are new.
  package var idMaps: IDMapPlan?
  package var timeOffsets: TimeOffsetPlan?
  /// Devices of the host that move into the network namespace.
  package var devices: [NetworkDevicePlan] = []

  /// Whether init is cloned by an intermediate process. What is new must belong to the user namespace,
  /// which is entered after the namespaces that are joined with the rights outside of it; the offsets
  /// of a time namespace are set while it has no process; and only a child is in a joined pid namespace.
  package var needsSecondClone: Bool {
    timeOffsets != nil || (has(.user) && !joins.isEmpty) || join(of: .pid) != nil
  }

  /// What the clone of init makes new. A cgroup namespace is made by init itself: at clone it would begin
  /// at the runtime's cgroup.
  package var newAtClone: NamespaceFlags {
    var flags = created.subtracting(.cgroup)
    if needsSecondClone { flags.subtract(.user) }
    if timeOffsets != nil { flags.subtract(.time) }
    return flags
  }

  /// Whether the container has a namespace of this kind of its own, new or joined.
  package func has(_ kind: NamespaceKind) -> Bool { creates(kind) || join(of: kind) != nil }

  /// What is set in the UTS namespace; nil leaves both names as they are.
  package var hostNames: HostNames? {
    if hostname == nil && domainname == nil { return nil }
    return HostNames(hostname: hostname, domainname: domainname)
  }

  /// Whether a new namespace of this kind is made.
  package func creates(_ kind: NamespaceKind) -> Bool { created.contains(kind.flag) }

  /// The existing namespace of this kind that is joined; nil if none is.
  package func join(of kind: NamespaceKind) -> Join? { joins.first { $0.kind == kind } }

  package static func make(config: Config) throws(ConfigError) -> NamespacePlan {
    var plan = NamespacePlan(created: [], joins: [], sysctls: [])
    for (position, namespace) in config.linux.namespaces.enumerated() {
      let pointer = { "/linux/namespaces/" + ByteString(decimal: position) }
      guard let kind = NamespaceKind(namespace.type) else {
        throw ConfigError(pointer() + "/type", "unknown namespace " + quoted(namespace.type))
      }
      if plan.has(kind) {
        throw ConfigError(pointer() + "/type", quoted(namespace.type) + " occurs twice")
      }
      guard let path = namespace.path, !path.isEmpty else {
        plan.created.insert(kind.flag)
        continue
      }
      guard path.hasPrefix("/"), path.count < 4096 else {
        throw ConfigError(pointer() + "/path", quoted(path) + " is not an absolute path")
      }
      plan.joins.append(Join(kind: kind, path: path, foreignFor: nil, pointer: pointer() + "/path"))
    }
    let joins = plan.joins
    plan.joins = NamespaceKind.allCases.compactMap { kind in joins.first { $0.kind == kind } }
    plan.hostname = try plan.hostName(config.hostname, pointer: "/hostname")
    plan.domainname = try plan.hostName(config.domainname, pointer: "/domainname")
    plan.sysctls = try SysctlPlan.make(config, namespaces: &plan)
    return plan
  }

  private func hostName(
    _ name: ByteString?, pointer: ByteString
  ) throws(ConfigError) -> ByteString? {
    guard let name, !name.isEmpty else { return nil }
    guard has(.uts) else {
      throw ConfigError(pointer, "set without a uts namespace in /linux/namespaces")
    }
    // __NEW_UTS_LEN of the kernel.
    if name.count > 64 { throw ConfigError(pointer, "longer than 64 bytes") }
    return name
  }

  /// The namespace of `kind` must not be the runtime's own, on account of what `pointer` names.
  mutating func requireForeign(_ kind: NamespaceKind, for pointer: ByteString) {
    for index in joins.indices where joins[index].kind == kind && joins[index].foreignFor == nil {
      joins[index].foreignFor = pointer
    }
  }
}
