package import Bytes
package import Linux

/// A kind of namespace (namespaces(7)).
package enum NamespaceKind: Equatable, Sendable, CaseIterable {
  // In the order in which namespaces are joined: a user namespace decides what we may do in the
  // others, a mount namespace what a path means, and by way of a pid namespace others get to see us.
  case user, ipc, uts, network, cgroup, time, mount, pid

  /// As `linux.namespaces[].type` spells it.
  package var name: ByteString {
    switch self {
    case .user: "user"
    case .ipc: "ipc"
    case .uts: "uts"
    case .network: "network"
    case .pid: "pid"
    case .cgroup: "cgroup"
    case .time: "time"
    case .mount: "mount"
    }
  }

  /// With its article.
  package var title: ByteString { self == .ipc ? "an ipc" : "a " + name }

  /// The file in /proc/PID/ns.
  package var file: ByteString {
    switch self {
    case .network: "net"
    case .mount: "mnt"
    case .user, .ipc, .uts, .pid, .cgroup, .time: name
    }
  }

  /// The clone flag.
  package var flag: NamespaceFlags {
    switch self {
    case .user: .user
    case .ipc: .ipc
    case .uts: .uts
    case .network: .network
    case .pid: .pid
    case .cgroup: .cgroup
    case .time: .time
    case .mount: .mount
    }
  }

  package init?(_ name: ByteString) {
    switch name {
    case "user": self = .user
    case "ipc": self = .ipc
    case "uts": self = .uts
    case "network": self = .network
    case "cgroup": self = .cgroup
    case "time": self = .time
    case "mount": self = .mount
    case "pid": self = .pid
    default: return nil
    }
  }

  /// All names, sorted, for `features`.
  package static var names: [ByteString] {
    allCases.map { $0.name }.sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }
  }
}
