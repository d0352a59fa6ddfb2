import CShim

/// Which namespaces a call is about, as clone flags (namespaces(7)).
package struct NamespaceFlags: OptionSet, Sendable, Hashable {
  package let rawValue: UInt64
  package init(rawValue: UInt64) { self.rawValue = rawValue }
  package static let time = NamespaceFlags(rawValue: APUS_CLONE_NEWTIME)
  package static let mount = NamespaceFlags(rawValue: APUS_CLONE_NEWNS)
  package static let cgroup = NamespaceFlags(rawValue: APUS_CLONE_NEWCGROUP)
  package static let uts = NamespaceFlags(rawValue: APUS_CLONE_NEWUTS)
  package static let ipc = NamespaceFlags(rawValue: APUS_CLONE_NEWIPC)
  package static let user = NamespaceFlags(rawValue: APUS_CLONE_NEWUSER)
  package static let pid = NamespaceFlags(rawValue: APUS_CLONE_NEWPID)
  package static let network = NamespaceFlags(rawValue: APUS_CLONE_NEWNET)
}
