import Bytes
import Cgroups
import Hooks
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
    // What `start` says and does with a configuration. systemd removes the cgroup of one with a memory
    // limit, of which `start` has to know.
    startNeedsConfig =
      plan.exec.program == nil || !plan.hooks[.poststart].isEmpty
      || plan.cgroup.unit != nil && plan.cgroup.limits.contains { $0.file == "memory.max" }
    deleteNeedsConfig = !plan.hooks[.poststop].isEmpty
  }
}
