package import Bytes
import Cgroups
import Hooks
import Linux
import Namespaces
import Resctrl
import Rootfs

extension HostOrder {
  /// `restore`: as `create`, with CRIU and its images in the place of the clone and of init's steps. What
  /// stands in `atMounts` is done when the namespaces are there, what stands in `atReady` when everything
  /// is and nothing runs yet.
  package static func restore(
    _ plan: CreatePlan, _ images: ImageRequest, _ request: HostRequest = HostRequest()
  ) -> HostOrder {
    var order = HostOrder()
    order.before = restoreLooks(plan, images, request) + restoreMakes(plan, images, request)
    for kind in [HookKind.prestart, .createRuntime] where !plan.hooks[kind].isEmpty {
      order.atMounts.append(.hooks(kind, plan.hooks[kind]))
    }
    // First: what is recorded is a container that is what its configuration says.
    order.atReady = [.inForce]
    // Afterwards: criu needs memory and processes of its own in the cgroup.
    if plan.cgroup.path != nil { order.atReady.append(.cgroupLimits) }
    if plan.resctrl != nil { order.atReady.append(.resctrlTasks) }
    order.atReady.append(.recordInit)
    let poststart = plan.hooks[.poststart]
    if !poststart.isEmpty { order.after.append(.make(.hooks(.poststart, poststart))) }
    // Last: engines take it for success.
    if let path = request.pidFile { order.after.append(.make(.pidFile(path))) }
    return order
  }

  private static func restoreLooks(
    _ plan: CreatePlan, _ images: ImageRequest, _ request: HostRequest
  ) -> [HostStep] {
    // The images last: of what they mount, before anything is made.
    return (firstLooks(plan, request) + [.root(plan.rootfs.path), .criu, .images(images)]).map {
      .look($0)
    }
  }

  private static func restoreMakes(
    _ plan: CreatePlan, _ images: ImageRequest, _ request: HostRequest
  ) -> [HostStep] {
    var makes: [HostStep.Make] = [
      .watchSignals, .claim(plan.id), .record, .configuration,
    ]
    if let resctrl = plan.resctrl { makes.append(.resctrlGroup(resctrl.group)) }
    if let path = plan.cgroup.path { makes.append(.cgroup(path.text)) }
    // Before criu restores what it may be in use by.
    if plan.cgroup.filtersDevices { makes.append(.deviceProgram) }
    makes.append(.mountPoints)
    if !request.isDetached { makes.append(.holdSignals) }
    return (makes + [.restore(images)]).map { .make($0) }
  }

  /// A line a step, with what is done while criu waits behind the step that starts it.
  package var restoreText: ByteString {
    let served = (atMounts + atReady).map { HostStep.serve($0) }
    var text: ByteString = ""
    for step in before + served + after {
      text += step.line + ": " + step.reason
      if let undo = step.undo { text += "; undo: " + undo.title }
      text += "\n"
    }
    return text
  }
}
