import Bytes
import Cgroups
import Linux
import Namespaces
import OCISpec
import Plan

extension Subject {
  func addCgroup(to list: inout RowList) {
    let own = read { () throws(SyscallError) in try HostFacts.readCgroup(of: process.pid) }
    guard let path = plan.cgroup.path, let cgroup else {
      let isAllowed = plan.cgroup.isOptional && cgroup == nil
      return list.add(
        "/linux/cgroupsPath", "cgroup", plan.cgroup.path?.text, own, isSame: isAllowed ? true : nil,
        note: isAllowed ? "the caller's: none of its own could be made, and none was asked for" : ""
      )
    }
    list.add(
      "/linux/cgroupsPath", "cgroup", cgroup.location, own,
      isSame: own.map { $0 == cgroup.location || $0.hasPrefix(cgroup.location + "/") },
      note: cgroup.location == path.text ? "" : "configured: " + path.text)
    for limit in cgroup.compare(plan.cgroup.limits) {
      list.add(
        limit.pointer, limit.file, limit.wanted, limit.found, isSame: limit.isSame,
        note: limit.note)
    }
    guard let program = plan.cgroup.deviceProgram else { return }
    let found = cgroup.deviceFilter(program, isRootless: plan.cgroup.isRootless)
    list.add(
      "/linux/resources/devices", "device program", "attached", found.text, isSame: found.isSame)
  }
}
