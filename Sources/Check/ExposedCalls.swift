import Bytes
import OCISpec

/// What the seccomp filter lets through.
enum ExposedCalls {
  /// Calls that reach parts of the kernel that few programs need and many attacks do, in per cent.
  private static let dangers: [(name: ByteString, points: Int)] = [
    ("init_module", 4), ("finit_module", 4), ("kexec_load", 4), ("kexec_file_load", 4),
    ("open_by_handle_at", 3), ("bpf", 3), ("mount", 3), ("move_mount", 2), ("fsopen", 2),
    ("fsconfig", 2), ("open_tree", 1), ("pivot_root", 1), ("umount2", 1), ("unshare", 3),
    ("setns", 2), ("keyctl", 2), ("add_key", 1), ("request_key", 1), ("userfaultfd", 2),
    ("perf_event_open", 2), ("io_uring_setup", 3), ("ptrace", 1), ("process_vm_writev", 1),
    ("iopl", 2), ("ioperm", 2), ("reboot", 2), ("swapon", 1), ("swapoff", 1), ("acct", 1),
    ("settimeofday", 1), ("clock_settime", 1), ("quotactl", 1), ("delete_module", 1),
    ("lookup_dcookie", 1), ("vm86", 1), ("vm86old", 1), ("modify_ldt", 1), ("syslog", 1),
    ("nfsservctl", 1), ("create_module", 1), ("uselib", 1), ("kcmp", 1),
  ]

  /// Any filter counts at most as much as none.
  static func rows(_ view: ConfigView) -> [Exposure.Row] {
    let pointer: ByteString = "/linux/seccomp"
    guard let filter = view.config.linux.seccomp else {
      return [
        Exposure.Row(
          "seccomp", at: pointer, view.weighed(20) + 5,
          "no seccomp filter: every system call of the kernel can be tried",
          remedy: "set defaultAction SCMP_ACT_ERRNO and allow what the program needs")
      ]
    }
    let allowed = dangers.filter { isAllowed($0.name, filter) }
    var rows = [
      lets(filter.defaultAction)
        ? Exposure.Row(
          "seccomp", at: pointer + "/defaultAction", 5,
          "the filter allows what no rule names, new calls of the kernel among them",
          remedy: "set it to SCMP_ACT_ERRNO, with rules for what is allowed")
        : Exposure.Row(
          "seccomp", at: pointer + "/defaultAction", 0, "refuses what no rule allows")
    ]
    if !allowed.isEmpty {
      let sum = min(allowed.reduce(0) { $0 + $1.points }, 20)
      rows.append(
        Exposure.Row(
          "seccomp-calls", at: pointer + "/syscalls", view.weighed(sum),
          "allows " + allowed.map { $0.name }.joined(by: " "),
          remedy: "leave out those that the program does not call"))
    }
    return rows
  }

  /// Whether some arguments and every architecture aside, the call comes through unconditionally.
  static func isAllowed(_ name: ByteString, _ filter: SeccompSection) -> Bool {
    let rules = filter.syscalls.filter { $0.names.contains(name) }
    if rules.contains(where: { $0.args.isEmpty && lets($0.action) }) { return true }
    return lets(filter.defaultAction) && !rules.contains { $0.args.isEmpty }
  }

  /// Whether the action answers with the call itself.
  static func lets(_ action: ByteString) -> Bool {
    action == "SCMP_ACT_ALLOW" || action == "SCMP_ACT_LOG"
  }
}
