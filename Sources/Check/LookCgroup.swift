import Bytes
import Cgroups
import Diagnosis
import Linux
import OCISpec
import Plan

extension Looks {
  var cgroup: [Finding] {
    guard let path = plan.cgroup.path, let mountPoint = host.cgroup.mountPoint else { return [] }
    var found = controllers(mountPoint, path) + hugePages
    let own = mountPoint + path.text
    if plan.cgroup.unit == nil { found += impossible(mountPoint, path) }
    guard plan.cgroup.unit == nil, HostFile.status(own)?.kind == .directory else { return found }
    let events = (HostFile.text(own + "/cgroup.events") ?? "").split(on: 0x0a)
    if events.contains("populated 1") {
      let pids = (HostFile.text(own + "/cgroup.procs") ?? "").split(on: 0x0a).filter {
        !$0.isEmpty
      }
      let some: ByteString = pids.isEmpty ? "" : ", " + Array(pids.prefix(8)).joined(by: " ")
      found.append(
        .error(
          "cgroup-busy", at: "/linux/cgroupsPath",
          "the cgroup " + shown(path.text) + " is in use: it has processes" + some,
          remedy: "another path, or end them"))
    }
    return found
  }

  /// What stands in the way of the cgroup itself.
  private func impossible(_ mountPoint: ByteString, _ path: CgroupPath) -> [Finding] {
    let examination = CgroupExamination(mountPoint, path.components)
    let pointer: ByteString = "/linux/cgroupsPath"
    if let frozen = examination.frozen {
      return [
        .error(
          "cgroup-frozen", at: pointer,
          "the cgroup " + shown(path.text) + " is frozen"
            + (frozen.name == path.text ? "" : ", for " + shown(frozen.name) + " is"),
          remedy: "write 0 to " + frozen.directory + "/cgroup.freeze")
      ]
    }
    if let limit = examination.limit {
      return [
        .error("cgroup-failed", at: pointer, "no cgroup: " + limit.cause, remedy: limit.hint)
      ]
    }
    let user = RootView.User(
      user: caller.user, groups: [caller.group], passesAll: caller.user == 0,
      name: "user " + ByteString(decimal: caller.user))
    guard !plan.cgroup.isOptional, let closed = examination.closed(to: user) else { return [] }
    return [
      .error(
        "cgroup-failed", at: pointer,
        user.name + " may not write to " + shown(closed.path) + ", " + closed.status.rights,
        remedy: CgroupExamination.delegation)
    ]
  }

  private var hugePages: [Finding] {
    let sizes = HugePages.sizes
    return plan.cgroup.limits.compactMap { limit in
      guard limit.file.hasPrefix("hugetlb."), limit.pointer.hasPrefix("/linux/resources/hugepage"),
        !sizes.contains(where: { limit.file.hasPrefix("hugetlb." + $0 + ".") })
      else { return nil }
      return .error(
        "cgroup-failed", at: limit.pointer + "/pageSize",
        "the kernel has no huge pages of that size",
        remedy: sizes.isEmpty ? "remove it" : "page sizes here: " + sizes.joined(by: ", "))
    }
  }

  /// Who on the way down keeps a controller that a limit needs.
  private func controllers(_ mountPoint: ByteString, _ path: CgroupPath) -> [Finding] {
    var found = [Finding]()
    var seen = [ByteString]()
    guard let offered = HostFile.words(mountPoint + "/cgroup.controllers") else { return [] }
    for limit in plan.cgroup.limits where !limit.isOptional {
      guard let controller = limit.controller, !seen.contains(controller) else { continue }
      seen.append(controller)
      let name = shown(controller)
      guard offered.contains(controller) else {
        found.append(
          .error(
            "cgroup-controller", at: limit.pointer,
            "the cgroup controller " + name + " is not available: " + shown(mountPoint) + " offers "
              + (offered.isEmpty ? "none" : offered.joined(by: " ")),
            remedy: "a cgroup v1 mount or the kernel's command line may hold it"))
        continue
      }
      if plan.cgroup.unit == nil, let keeper = keeper(of: controller, mountPoint, path) {
        found.append(
          .error(
            "cgroup-controller", at: limit.pointer,
            "the cgroup controller " + name + " is not available: " + shown(keeper.path)
              + " does not pass it on, " + keeper.reason,
            remedy: "write +" + controller + " to its cgroup.subtree_control"))
      }
    }
    return found
  }

  private func keeper(of controller: ByteString, _ mountPoint: ByteString, _ path: CgroupPath)
    -> (path: ByteString, reason: ByteString)?
  {
    var ancestor: ByteString = ""
    for name in [""] + path.components.dropLast() {
      if !name.isEmpty { ancestor += "/" + name }
      let directory = mountPoint + ancestor
      // From here on they are made, and ours.
      guard let passed = HostFile.words(directory + "/cgroup.subtree_control") else { return nil }
      if passed.contains(controller) { continue }
      let shown = ancestor.isEmpty ? "/" : ancestor
      let hasProcesses = !(HostFile.text(directory + "/cgroup.procs") ?? "").isEmpty
      if hasProcesses, HostFile.exists(directory + "/cgroup.type") {
        return (shown, "and cannot while it has processes itself")
      }
      if let status = HostFile.status(directory + "/cgroup.subtree_control"),
        !caller.may(2, status)
      {
        return (shown, "and belongs to user " + ByteString(decimal: status.userID))
      }
    }
    return nil
  }
}
