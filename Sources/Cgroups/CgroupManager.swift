/// The manager of a cgroup: what differs between the two is here, and in their own files.
enum CgroupManager {
  /// The runtime itself, by mkdir(2).
  case cgroupfs(CgroupfsManager)
  /// systemd, as the cgroup of a unit, which keeps limits of its own.
  case systemd(SystemdManager)

  /// Limits as this manager can hold them.
  func adjusted(_ limits: [CgroupWrite]) -> [CgroupWrite] {
    switch self {
    case .cgroupfs: limits
    case .systemd: UnitProperties.adjusted(limits)
    }
  }

  /// Before the first limits are written to the files of the cgroup.
  func willSet(_ limits: [CgroupWrite], in cgroup: CgroupDirectory) throws(CgroupError) {
    switch self {
    case .cgroupfs: break
    case .systemd(let manager): try manager.setFirst(limits, in: cgroup)
    }
  }

  /// Before changed limits are written.
  func willChange(_ limits: [CgroupWrite]) throws(CgroupError) {
    switch self {
    case .cgroupfs: break
    case .systemd(let manager): try manager.setProperties(limits)
    }
  }

  /// Before something that can have the container killed for the memory limit among `limits`.
  func expectKills(in cgroup: CgroupDirectory, _ limits: [CgroupWrite]) {
    switch self {
    case .cgroupfs: break
    case .systemd(let manager): manager.expectKills(in: cgroup, limits)
    }
  }

  func outOfMemory(in cgroup: CgroupDirectory) -> OutOfMemory? {
    switch self {
    case .cgroupfs: OutOfMemory(cgroup)
    case .systemd(let manager): manager.outOfMemory(in: cgroup)
    }
  }

  func willRemove() {
    switch self {
    case .cgroupfs: break
    case .systemd(let manager): manager.stop()
    }
  }

  func didRemove(_ cgroup: CgroupDirectory) {
    switch self {
    case .cgroupfs(let manager): manager.removeParents(of: cgroup)
    case .systemd: break
    }
  }
}
