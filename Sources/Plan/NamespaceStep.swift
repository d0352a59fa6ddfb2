import Bytes
package import Linux
package import Namespaces

/// How init gets into its namespaces, and what it sets in them.
package enum NamespaceStep: Equatable, Sendable {
  case join(NamespaceKind)
  /// Several, with a user namespace among them.
  case joinWithUserNamespace([NamespaceKind])
  case unshare([NamespaceKind])
  /// Of the user namespace.
  case becomeRoot
  /// Clones a process beside this one, into new namespaces and those joined for children; it performs
  /// what is left.
  case secondClone(NamespaceFlags)
  /// chroot(2) to the root of a container that has no mount namespace.
  case enterRoot
  /// A copy of the mount namespace for this process alone, cut off from the container's.
  case copyMounts
  /// A root that has the tools of a `debug` beside everything that the container's root has.
  case toolRoot(pivots: Bool)
  case loopback
  case hostNames(HostNames)
  case sysctl(SysctlPlan)
}

extension NamespaceStep {
  var title: ByteString {
    switch self {
    case .join(let kind): "join the " + kind.name + " namespace"
    case .joinWithUserNamespace(let kinds): "join the namespaces " + names(kinds)
    case .unshare(let kinds): "make a " + names(kinds) + " namespace"
    case .becomeRoot: "become root of the user namespace"
    case .secondClone: "clone the process that goes on from here"
    case .enterRoot: "enter the root of a container without a mount namespace"
    case .copyMounts: "copy the mount namespace"
    case .toolRoot: "attach the tools"
    case .loopback: "bring up the loopback interface"
    case .hostNames: "set hostname and domainname"
    case .sysctl(let plan): "set the sysctl `" + plan.path + "`"
    }
  }

  private func names(_ kinds: [NamespaceKind]) -> ByteString {
    kinds.map { $0.name }.joined(by: ", ")
  }

  var pointer: ByteString {
    switch self {
    case .joinWithUserNamespace, .unshare, .secondClone: "/linux/namespaces"
    case .hostNames(let names): names.pointer
    case .sysctl(let plan): "/linux/sysctl/" + plan.components.joined(by: ".")
    case .join, .becomeRoot, .enterRoot, .copyMounts, .toolRoot, .loopback: ""
    }
  }

  var reason: ByteString {
    switch self {
    case .join, .joinWithUserNamespace:
      "namespaces that exist come first: new ones belong inside them"
    case .unshare: "new ones are made from inside the joined ones, and in the cgroup"
    case .becomeRoot: "as soon as ids are mapped, and before anything is made with them"
    case .secondClone: "only a child is in a joined pid namespace or a new time namespace"
    case .enterRoot: "joining a mount namespace would have done it"
    case .copyMounts: "what is attached to it is never in the container"
    case .toolRoot: "in a root of its own, where no process of the container can rename anything"
    case .loopback: "in the new network namespace, with its rights"
    case .hostNames: "in the container's UTS namespace, with its rights"
    case .sysctl: "while /proc/sys can be written: read-only paths mask it next"
    }
  }

  var details: ByteString {
    switch self {
    case .secondClone(let namespaces):
      namespaces.isEmpty ? "" : " into new " + namespaces.names.joined(by: ", ")
    case .hostNames(let names):
      " to `" + (names.hostname ?? "") + "` `" + (names.domainname ?? "") + "`"
    case .sysctl(let plan): " to `" + plan.value + "`"
    case .join, .joinWithUserNamespace, .unshare, .becomeRoot, .enterRoot, .copyMounts, .toolRoot,
      .loopback:
      ""
    }
  }
}
