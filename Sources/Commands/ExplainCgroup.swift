import Bytes
import Cgroups
import Diagnosis
import Linux
import OCISpec
import Plan
import Report

// Cgroups, and the limits that are set in them.
extension Explanation {
  private var hierarchy: ByteString { host.cgroup.mountPoint ?? "/sys/fs/cgroup" }

  private var examination: CgroupExamination {
    CgroupExamination(hierarchy, plan.cgroup.path?.components ?? [])
  }

  func cgroup(_ message: ByteString) -> Diagnosis? {
    if ByteString("is frozen").occurs(in: message) {
      let own = plan.cgroup.path?.text ?? ""
      let frozen = examination.frozen ?? (own, hierarchy + own)
      return Diagnosis(
        .cgroupFrozen,
        frozen.name == own
          ? "nothing could start in it"
          : "`" + frozen.name + "` is, and all below it: nothing could start in it",
        hint: "echo 0 > " + frozen.directory + "/cgroup.freeze, or give another cgroupsPath")
    }
    let directory = hierarchy + (plan.cgroup.path?.text ?? "")
    var pids = HostLook.lines(directory + "/cgroup.procs")
    if pids.isEmpty {
      for name in HostLook.names(directory) {
        pids += HostLook.lines(directory + "/" + name + "/cgroup.procs")
      }
    }
    var list = pids.prefix(3).map { HostLook.title(ofProcess: $0) }.joined(by: ", ")
    if pids.count > 3 { list += " and " + ByteString(decimal: pids.count - 3) + " more" }
    return Diagnosis(
      .cgroupBusy, list.isEmpty ? "" : "in use by " + list,
      hint: "give another /linux/cgroupsPath, or end "
        + (pids.count == 1 ? "the process" : "the processes"))
  }

  func controller(_ pointer: ByteString) -> Diagnosis {
    let offered = HostLook.text(hierarchy + "/cgroup.controllers", limit: 4096).split(on: 0x0a)[0]
    return Diagnosis(
      .cgroupController,
      hierarchy + " offers " + (offered.isEmpty ? "none" : offered),
      hint: "make the controller available there, or remove " + pointer)
  }

  /// One could not be made or entered.
  func brokenCgroup(_ message: ByteString) -> Diagnosis {
    examination.diagnosis(message, for: HostLook.caller)
  }

  /// A limit that the kernel has not, or refuses.
  func resource(_ message: ByteString, _ pointer: ByteString) -> Diagnosis {
    if pointer.hasPrefix("/linux/resources/hugepageLimits/"),
      ByteString("no cgroup file").occurs(in: message)
    {
      let sizes = HugePages.sizes
      return Diagnosis(
        .cgroupFailed,
        sizes.isEmpty
          ? "this kernel has no huge pages" : "page sizes here: " + sizes.joined(by: ", "),
        hint: "correct " + pointer + "/pageSize, or remove " + pointer)
    }
    return Diagnosis(.cgroupFailed, hint: "correct " + pointer + ", or remove it")
  }
}
