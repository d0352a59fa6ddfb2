import Bytes
import Linux
import Report
import StateStore

/// State roots that this host may have beside the one that was asked for.
enum KnownRoots {
  /// The default ones, and those that engines give.
  static func usual() -> [ByteString] {
    [
      "/run/apus", "/run/containers/apus", "/run/docker/runtime-runc/moby",
      "/run/containerd/runc/default", "/run/containerd/runc/k8s.io",
    ] + HostLook.names("/run/user").map { "/run/user/" + $0 + "/apus" }
  }

  /// With those that marks of cgroups name; only where there is a directory.
  static func all(_ named: [ByteString]) -> [StateRoot] {
    (usual() + named).filter { $0.hasPrefix("/") && HostLook.status($0)?.kind == .directory }
      .map { StateRoot(explicit: $0, runtimeDirectory: nil, isRealRoot: true) }
  }
}
