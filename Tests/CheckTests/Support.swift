import Bytes
import Cgroups
import Check
import JSON
import Linux
import OCISpec
import Plan
import TestSupport

/// The configurations of `spec-fixtures`, judged on a machine that no test has to run on.
enum Fixture {
  static let host = HostFacts(
    kernel: KernelVersion(6, 12), effectiveUserID: 0, effectiveGroupID: 0, isInUserNamespace: false,
    cgroup: .unified(mountPoint: "/sys/fs/cgroup"), ownCgroup: "/", lastCapability: 40,
    permittedCapabilities: (1 << 41) - 1)

  static func config(_ name: String) throws -> Config {
    try Config.decode(try SpecFixtures.read("good/\(name).json"))
  }

  static func examine(_ text: [UInt8], host: HostFacts = host) -> Examination {
    Examination(
      text, CreateRequest(id: "c", bundle: "/b", cgroupManager: .cgroupfs), host: host)
  }
}

/// A document that has nothing wrong.
func document(_ process: String = "", _ linux: String = "", _ rest: String = "") -> [UInt8] {
  Array(
    """
    {"ociVersion": "1.3.0", "root": {"path": "rootfs"}, \(rest)
     "process": {"cwd": "/", "args": ["true"], "user": {"uid": 0, "gid": 0}\(process)},
     "linux": {"namespaces": [{"type": "mount"}, {"type": "uts"}, {"type": "pid"}]\(linux)}}
    """.utf8)
}
