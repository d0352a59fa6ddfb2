package import Bytes
import Cgroups
import Hooks
import OCISpec
import Plan

/// What is taken as it is written, and was probably meant otherwise.
package enum LintSlips {
  static func findings(_ config: Config, _ plan: CreatePlan) -> [Finding] {
    cgroupFile(config, plan) + hookNames(plan) + startCalls(config)
  }

  /// The path is one of cgroups, below the hierarchy, and not of files.
  private static func cgroupFile(_ config: Config, _ plan: CreatePlan) -> [Finding] {
    let mount: ByteString = "/sys/fs/cgroup"
    guard plan.cgroup.unit == nil, let path = config.linux.cgroupsPath,
      path.isPath(below: mount)
    else { return [] }
    return [
      .warning(
        "cgroup-form", at: "/linux/cgroupsPath",
        shown(path) + " is taken below the hierarchy: the cgroup's directory is "
          + shown(mount + path), remedy: "leave " + mount + " out")
    ]
  }

  /// args is the whole argv, of which the hook does not see the first.
  private static func hookNames(_ plan: CreatePlan) -> [Finding] {
    plan.hooks.hooks.compactMap { hook in
      guard let name = hook.arguments.first, name.hasPrefix("-") else { return nil }
      return .warning(
        "hook-arguments", at: hook.pointer + "/args/0",
        shown(name) + " is the name that the hook is started under, and no argument",
        remedy: "put the name before it, such as " + shown(hook.path))
    }
  }

  /// Calls without which hardly a program gets to its first line, or to its end.
  package static var startCalls: [ByteString] {
    ["brk", "mmap", "mprotect", "openat", "read", "close", "exit_group"]
  }

  private static func startCalls(_ config: Config) -> [Finding] {
    guard let filter = config.linux.seccomp, LintFilter.refuses(filter.defaultAction) else {
      return []
    }
    let missing = startCalls.filter { name in
      !filter.syscalls.contains { $0.names.contains(name) && !LintFilter.refuses($0.action) }
    }
    if missing.isEmpty { return [] }
    return [
      .warning(
        "seccomp-start", at: "/linux/seccomp",
        "the default action " + filter.defaultAction + " answers " + missing.joined(by: ", ")
          + ", which nearly every program calls before its first line or at its end",
        remedy: "allow them, unless the program is known to do without")
    ]
  }
}
