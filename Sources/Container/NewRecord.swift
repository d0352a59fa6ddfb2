import Bytes
import Cgroups
import Linux
import Namespaces
import OCISpec
import Plan
import Resctrl
import Rootfs
import StateStore

extension ContainerRecord {
  /// What is known before anything exists.
  init(_ plan: CreatePlan, _ host: HostFacts) {
    let now = Clock.realTime
    self.init(
      id: plan.id, bundle: plan.bundle, rootfs: plan.rootfs.path,
      createdSeconds: now.seconds, createdNanoseconds: now.nanoseconds,
      cgroupPath: plan.cgroup.path?.text, cgroupMountPoint: host.cgroup.mountPoint,
      cgroupManager: plan.cgroup.manager.name, resctrlDirectory: plan.resctrl?.removed,
      keyring: plan.exec.keyring,
      ownsPidNamespace: plan.namespaces.creates(.pid), annotations: plan.annotations,
      mounts: plan.rootfs.mounts.compactMap {
        switch $0.kind {
        case .bind(let source, _), .filesystem(_, let source): Entry($0.destination, source)
        case .cgroup, .remount: nil
        }
      })
  }
}
