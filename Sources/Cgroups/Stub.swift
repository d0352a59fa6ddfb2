package import Bytes
package import Linux
package import OCISpec

package enum CgroupManagerKind: Equatable, Sendable { case cgroupfs, systemd, disabled }
package struct CgroupPlan: Equatable, Sendable {
  package var path: CgroupPath?
  package var manager: CgroupManagerKind
  package static func make(
    config: Config, id: ByteString, manager: CgroupManagerKind, host: HostFacts,
    warnings: inout [ByteString]
  ) throws(ConfigError) -> CgroupPlan {
    CgroupPlan(path: nil, manager: .disabled)
  }
}
package final class Cgroup {
  package var directory: Handle { .currentDirectory }
  package func destroy() throws(CgroupError) {}
  package func kill() throws(CgroupError) {}
  package func isFrozen() throws(CgroupError) -> Bool { false }
}
package enum CgroupfsManager {
  package static func create(_ plan: CgroupPlan) throws(SyscallError) -> Cgroup? { nil }
}

package struct CgroupError: Error { package var message: ByteString }
extension CgroupManagerKind {
  package var name: ByteString {
    switch self {
    case .cgroupfs: "cgroupfs"
    case .systemd: "systemd"
    case .disabled: "disabled"
    }
  }
  package init(named name: ByteString) { self = name == "systemd" ? .systemd : .cgroupfs }
}
extension Cgroup {
  package static func create(_ plan: CgroupPlan) throws(CgroupError) -> Cgroup? { nil }
  package static func open(_ path: CgroupPath, manager: CgroupManagerKind, host: HostFacts)
    throws(CgroupError) -> Cgroup?
  { nil }
  package func freeze() throws(CgroupError) {}
  package func thaw() throws(CgroupError) {}
  package func signal(_ signal: Signal) throws(CgroupError) {}
  package func processes() throws(CgroupError) -> [Int32] { [] }
  package func openDirectory(_ path: ByteString) throws(CgroupError) -> SharedDescriptor? { nil }
}
