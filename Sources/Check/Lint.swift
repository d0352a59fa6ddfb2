import Bytes
import Cgroups
import Namespaces
package import OCISpec
package import Plan
import Rootfs
import Seccomp

/// What is suspicious in a plan that could be made: no look at the host.
package enum Lint {
  package static func findings(_ config: Config, _ plan: CreatePlan) -> [Finding] {
    hiddenMounts(plan) + unmappedOptions(plan) + namespacedFilesystems(plan)
      + LintFilter.findings(config, plan) + devices(config) + cgroupForm(config, plan)
      + terminal(plan) + LintSlips.findings(config, plan) + LintSilent.findings(config, plan)
      + LintQuiet.findings(config, plan)
  }

  /// A later mount above an earlier one hides it, and so does one on the same place.
  private static func hiddenMounts(_ plan: CreatePlan) -> [Finding] {
    let mounts = plan.rootfs.mounts
    var found = [Finding]()
    for (index, mount) in mounts.enumerated() {
      if case .remount = mount.kind { continue }
      if mount.pointer.isEmpty { continue }
      for later in mounts[(index + 1)...]
      where mount.destination.isPath(below: later.destination) && !isView(later) {
        if mount.destination == later.destination {
          if later.pointer.isEmpty { continue }
          // Some who write configurations mean it.
          found.append(
            Finding(
              .note, "mount-hidden", at: later.pointer,
              "the mount on " + shown(later.destination) + " hides " + mount.pointer
                + ", which has the same destination", remedy: "remove one of them"))
          break
        }
        found.append(
          .warning(
            "mount-hidden", at: later.pointer,
            "the mount on " + shown(later.destination) + " hides the earlier one on "
              + shown(mount.destination) + ", " + mount.pointer,
            remedy: "list the one nearer to the root first"))
        break
      }
    }
    return found
  }

  /// A recursive bind mount may bring back what lies below, and a remount is none.
  private static func isView(_ mount: MountPlan) -> Bool {
    switch mount.kind {
    case .remount: true
    case .bind: mount.sourceInRoot != nil
    case .filesystem, .cgroup: false
    }
  }

  /// Ids in options are those of the container's user namespace.
  private static func unmappedOptions(_ plan: CreatePlan) -> [Finding] {
    guard plan.namespaces.creates(.user), let maps = plan.namespaces.idMaps else { return [] }
    var found = [Finding]()
    for mount in plan.rootfs.mounts {
      guard case .filesystem = mount.kind else { continue }
      for option in mount.options.data {
        guard let (name, value) = option.cut(at: UInt8(ascii: "=")),
          let id = value.unsignedDecimal.flatMap({ UInt32(exactly: $0) })
        else { continue }
        let isMapped = name == "uid" ? maps.hasUser(id) : name == "gid" ? maps.hasGroup(id) : true
        if isMapped { continue }
        found.append(
          .error(
            "mount-unmapped", at: mount.pointer + "/options",
            shown(option) + " is not in /linux/" + name + "Mappings: the kernel refuses it",
            remedy: "map it, or leave the option out"))
      }
    }
    return found
  }

  /// In a user namespace these show a namespace that has to belong to it.
  private static func namespacedFilesystems(_ plan: CreatePlan) -> [Finding] {
    guard plan.namespaces.creates(.user) else { return [] }
    var found = [Finding]()
    for mount in plan.rootfs.mounts {
      guard case .filesystem(let type, _) = mount.kind else { continue }
      let missing: ByteString? =
        switch type {
        case "mqueue" where !plan.namespaces.has(.ipc): "ipc"
        case "proc" where !plan.namespaces.has(.pid): "pid"
        default: nil
        }
      guard let missing else { continue }
      found.append(
        .error(
          "mount-namespace", at: mount.pointer,
          "a new " + type + " in a user namespace needs a " + missing + " namespace with it",
          remedy: "add {\"type\": \"" + missing + "\"}, or bind the host's"))
    }
    return found
  }

  private static func devices(_ config: Config) -> [Finding] {
    guard let rules = config.linux.resources.devices, !rules.isEmpty else { return [] }
    var found = [Finding]()
    for (index, device) in config.linux.devices.enumerated() {
      guard device.type != "p", let major = device.major, let minor = device.minor else { continue }
      let type: ByteString = device.type == "b" ? "b" : "c"
      if isAlwaysAllowed(type, major, minor) { continue }
      var allowed = false
      for rule in rules {
        let matches =
          (rule.type == nil || rule.type == "a" || rule.type == type)
          && ((rule.major ?? -1) == -1 || rule.major == major)
          && ((rule.minor ?? -1) == -1 || rule.minor == minor)
        let access = rule.access ?? ""
        let reads = access.isEmpty || access.contains(UInt8(ascii: "r"))
        let writes = access.isEmpty || access.contains(UInt8(ascii: "w"))
        if !matches { continue }
        if rule.allow, reads || writes { allowed = true }
        if !rule.allow, reads && writes { allowed = false }
      }
      if allowed { continue }
      found.append(
        .warning(
          "device-rule", at: "/linux/devices/" + ByteString(decimal: index),
          shown(device.path) + " is made, but no rule of /linux/resources/devices allows "
            + ByteString(decimal: major) + ":" + ByteString(decimal: minor),
          remedy: "add {\"allow\": true, \"type\": \"" + type + "\", \"major\": "
            + ByteString(decimal: major) + ", \"minor\": " + ByteString(decimal: minor)
            + ", \"access\": \"rwm\"}"))
    }
    return found
  }

  /// Whatever the rules say (DR-6).
  private static func isAlwaysAllowed(_ type: ByteString, _ major: Int64, _ minor: Int64) -> Bool {
    guard type == "c" else { return false }
    switch (major, minor) {
    case (1, 3), (1, 5), (1, 7), (1, 8), (1, 9), (5, 0), (5, 1), (5, 2), (136, _), (10, 200):
      return true
    default: return false
    }
  }

  private static func cgroupForm(_ config: Config, _ plan: CreatePlan) -> [Finding] {
    guard plan.cgroup.unit == nil, plan.cgroup.path != nil, let path = config.linux.cgroupsPath,
      !path.hasPrefix("/"), path.split(on: UInt8(ascii: ":")).count == 3
    else { return [] }
    return [
      .warning(
        "cgroup-form", at: "/linux/cgroupsPath",
        shown(path) + " is SLICE:PREFIX:NAME as systemd's, but systemd is not the manager here",
        remedy: "give --systemd-cgroup, or a path such as /" + plan.id)
    ]
  }

  private static func terminal(_ plan: CreatePlan) -> [Finding] {
    guard plan.exec.program?.terminal != nil else { return [] }
    return [
      Finding(
        .note, "terminal", at: "/process/terminal",
        "a detached container needs --console-socket; in the foreground what is read from standard "
          + "input is typed into the container's terminal")
    ]
  }
}

/// A filter that refuses the program, or denies nothing.
enum LintFilter {
  static func findings(_ config: Config, _ plan: CreatePlan) -> [Finding] {
    guard let filter = config.linux.seccomp, let seccomp = plan.exec.seccomp else { return [] }
    return refusedExecution(filter) + unknownCalls(filter, seccomp)
  }

  private static func refusedExecution(_ filter: SeccompSection) -> [Finding] {
    let name: ByteString = "execve"
    for (index, rule) in filter.syscalls.enumerated()
    where rule.names.contains(name) && rule.args.isEmpty {
      if refuses(rule.action) {
        return [
          .error(
            "exec-filter", at: "/linux/seccomp/syscalls/" + ByteString(decimal: index),
            "the rule answers execve with " + rule.action + ": the program cannot be executed",
            remedy: "take execve out of it")
        ]
      }
      return []
    }
    guard refuses(filter.defaultAction),
      !filter.syscalls.contains(where: { $0.names.contains(name) })
    else { return [] }
    return [
      .error(
        "exec-filter", at: "/linux/seccomp",
        "no rule allows execve, and the default action is " + filter.defaultAction
          + ": the program cannot be executed", remedy: "allow execve")
    ]
  }

  static func refuses(_ action: ByteString) -> Bool {
    switch action {
    case "SCMP_ACT_ERRNO", "SCMP_ACT_KILL", "SCMP_ACT_KILL_THREAD", "SCMP_ACT_KILL_PROCESS",
      "SCMP_ACT_TRAP":
      true
    default: false
    }
  }

  /// Of a rule that lets a call through, nothing is lost.
  private static func unknownCalls(_ filter: SeccompSection, _ plan: SeccompPlan) -> [Finding] {
    let program: SeccompProgram
    do throws(ConfigError) { program = try FilterCompiler.compile(plan) } catch {
      return [.error("config-rule", at: error.pointer, error.reason)]
    }
    var found = [Finding]()
    for (index, rule) in filter.syscalls.enumerated() where refuses(rule.action) {
      for name in rule.names where program.unknownNames.contains(name) {
        found.append(
          .warning(
            "seccomp-unknown", at: "/linux/seccomp/syscalls/" + ByteString(decimal: index),
            "libseccomp does not know " + shown(name) + ": the rule denies nothing by it",
            remedy: "correct the name, or take it out"))
      }
    }
    return found
  }
}
