import Bytes
import OCISpec

/// Capabilities, no_new_privs, and what a security module adds.
enum ExposedRights {
  /// In per cent, for root of the host; what is not listed is harmless.
  private static let dangers: [(name: ByteString, points: Int, what: ByteString)] = [
    ("CAP_SYS_MODULE", 90, "loads modules into the kernel"),
    ("CAP_SYS_RAWIO", 70, "reads and writes physical memory and I/O ports"),
    ("CAP_SYS_ADMIN", 60, "mounts, enters namespaces, and undoes most of what confines it"),
    ("CAP_DAC_READ_SEARCH", 40, "opens any file of the host by its handle"),
    ("CAP_SYS_PTRACE", 25, "reads and changes the memory of other processes"),
    ("CAP_BPF", 25, "loads programs into the kernel"),
    ("CAP_MAC_ADMIN", 20, "changes the policy of security modules"),
    ("CAP_MAC_OVERRIDE", 20, "is above the policy of security modules"),
    ("CAP_SYS_BOOT", 15, "restarts the host, and loads another kernel"),
    ("CAP_PERFMON", 12, "observes the kernel and all processes"),
    ("CAP_NET_ADMIN", 10, "configures network devices, routes and firewalls"),
    ("CAP_SYS_TIME", 10, "sets the clock of the host"),
    ("CAP_SYSLOG", 8, "reads the kernel's log, with addresses of the kernel"),
    ("CAP_CHECKPOINT_RESTORE", 8, "sets pids and reads the memory maps of others"),
    ("CAP_AUDIT_CONTROL", 5, "turns auditing off"),
    ("CAP_SYS_RESOURCE", 4, "raises limits"),
    ("CAP_AUDIT_READ", 3, "reads the audit log"),
    ("CAP_NET_RAW", 3, "forges packets"),
    ("CAP_SYS_TTY_CONFIG", 3, "hangs up terminals"),
    ("CAP_DAC_OVERRIDE", 2, "is above permissions of files"),
    ("CAP_MKNOD", 2, "makes device nodes"),
    ("CAP_LINUX_IMMUTABLE", 2, "changes files that are marked immutable"),
    ("CAP_SYS_NICE", 2, "takes processor time from others"),
    ("CAP_SYS_PACCT", 2, "turns accounting on and off"),
    ("CAP_IPC_OWNER", 2, "is above permissions of IPC objects"),
    ("CAP_SETFCAP", 1, "gives files capabilities"),
    ("CAP_SYS_CHROOT", 1, "calls chroot"),
    ("CAP_SETUID", 1, "becomes any user"),
    ("CAP_SETGID", 1, "becomes any group"),
    ("CAP_CHOWN", 1, "changes owners of files"),
    ("CAP_FOWNER", 1, "is above ownership of files"),
    ("CAP_FSETID", 1, "keeps set-user-ID bits"),
    ("CAP_IPC_LOCK", 1, "locks memory"),
  ]

  static func rows(_ view: ConfigView) -> [Exposure.Row] {
    capabilities(view) + [newPrivileges(view), module(view)]
  }

  /// The bounding set is what root, or a set-user-ID program, can get to; ambient and effective are
  /// what the program has.
  private static func capabilities(_ view: ConfigView) -> [Exposure.Row] {
    let pointer: ByteString = "/process/capabilities"
    let sets = view.config.process?.capabilities ?? .init()
    let held = [sets.bounding, sets.effective, sets.permitted, sets.ambient, sets.inheritable]
      .flatMap { $0 }
    var rows = [Exposure.Row]()
    var small = [ByteString]()
    var sum = 0
    for danger in dangers where held.contains(danger.name) {
      if danger.points < 5 {
        small.append(danger.name)
        sum += danger.points
        continue
      }
      rows.append(
        Exposure.Row(
          "capability", at: pointer, view.weighed(danger.points), danger.name + ": " + danger.what,
          remedy: "take it out of bounding, and of the other sets"))
    }
    if !small.isEmpty {
      rows.append(
        Exposure.Row(
          "capabilities", at: pointer, view.weighed(min(sum, 15)),
          small.joined(by: " ") + ": each a little",
          remedy: "keep in bounding only those that the program calls for"))
    }
    return rows.isEmpty
      ? [Exposure.Row("capabilities", at: pointer, 0, "no capability that matters to the host")]
      : rows
  }

  private static func newPrivileges(_ view: ConfigView) -> Exposure.Row {
    let pointer: ByteString = "/process/noNewPrivileges"
    if view.config.process?.noNewPrivileges == true {
      return Exposure.Row("no-new-privileges", at: pointer, 0, "no_new_privs is set")
    }
    return Exposure.Row(
      "no-new-privileges", at: pointer, 6,
      "no no_new_privs: set-user-ID programs and file capabilities give rights",
      remedy: "set it to true")
  }

  private static func module(_ view: ConfigView) -> Exposure.Row {
    let profile = view.config.process?.apparmorProfile ?? ""
    let label = view.config.process?.selinuxLabel ?? ""
    if !label.isEmpty || (!profile.isEmpty && profile != "unconfined") {
      return Exposure.Row(
        "security-module", at: label.isEmpty ? "/process/apparmorProfile" : "/process/selinuxLabel",
        0, "confined by a security module")
    }
    return Exposure.Row(
      "security-module", at: "/process/apparmorProfile", 5,
      "no AppArmor profile and no SELinux label",
      remedy: "set /process/apparmorProfile or /process/selinuxLabel, as the host has it")
  }
}
