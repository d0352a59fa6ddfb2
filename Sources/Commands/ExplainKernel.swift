import Bytes
import Cgroups
import Diagnosis
import Hooks
import Identity
import Linux
import Namespaces
import OCISpec
import Plan
import Report
import Rootfs

// Namespaces, ids, settings and limits.
extension Explanation {
  /// clone3(2) answered, or unshare(2) of the network namespace.
  func start(_ report: FailureReport) -> Diagnosis? {
    switch report.errno {
    case .EMFILE: return descriptors(report)
    case .ENOSPC, .EUSERS: return tooManyNamespaces()
    case .EPERM, .EACCES: return namespacesRefused()
    case .EAGAIN:
      return Diagnosis(
        .namespaceLimit, "as many processes as RLIMIT_NPROC or a pids limit allows",
        hint: "raise the limit, or end processes of this user")
    case .ENOMEM:
      return Diagnosis(
        .namespaceRefused, "memory is short, or a pid namespace that is joined has lost its init")
    case .EINVAL:
      return Diagnosis(.namespaceRefused, "this kernel lacks a kind of namespace that is asked for")
    default: return nil
    }
  }

  func descriptors(_ report: FailureReport) -> Diagnosis {
    let limits = HostLook.lines("/proc/self/limits").first { $0.hasPrefix("Max open files") }
    let words = limits.map { HostLook.words($0) } ?? []
    let soft = words.count > 3 ? words[3] : "reached"
    return Diagnosis(
      .descriptors, "no descriptors are left, RLIMIT_NOFILE of the caller is " + soft,
      hint: "raise it (ulimit -n)")
  }

  private func tooManyNamespaces() -> Diagnosis {
    let created = NamespaceKind.allCases.filter { plan.namespaces.creates($0) }
    for kind in created {
      let setting: ByteString = "user.max_" + kind.file + "_namespaces"
      let value = HostLook.text(
        "/proc/sys/user/max_" + kind.file + "_namespaces", limit: 64
      ).split(on: 0x0a)[0]
      if value == "0" {
        return Diagnosis(
          .namespaceLimit, setting + " is 0: no " + kind.name + " namespace may be made",
          hint: "sysctl -w " + setting + "=10000")
      }
    }
    let names = created.map { "max_" + $0.file + "_namespaces" }
    return Diagnosis(
      .namespaceLimit,
      "a limit of /proc/sys/user is reached, or namespaces are nested 32 deep: "
        + names.joined(by: ", "), hint: "raise it, or end containers")
  }

  private func namespacesRefused() -> Diagnosis {
    let settings: [(path: ByteString, value: ByteString, name: ByteString)] = [
      ("/proc/sys/kernel/unprivileged_userns_clone", "0", "kernel.unprivileged_userns_clone"),
      (
        "/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1",
        "kernel.apparmor_restrict_unprivileged_userns"
      ),
    ]
    if host.effectiveUserID != 0 || host.isInUserNamespace {
      for setting in settings
      where HostLook.text(setting.path, limit: 64).split(on: 0x0a)[0] == setting.value {
        return Diagnosis(
          .namespaceRefused, setting.name + " is " + setting.value,
          hint: "sysctl -w " + setting.name + "=" + (setting.value == "0" ? "1" : "0"))
      }
    }
    if !plan.namespaces.creates(.user) {
      return Diagnosis(
        .namespaceRefused,
        HostLook.caller.name + " has no CAP_SYS_ADMIN, which namespaces other than user need",
        hint: "add a user namespace with uidMappings and gidMappings, or run as root")
    }
    return Diagnosis(
      .namespaceRefused, "a chroot, a seccomp filter or a security module may refuse it")
  }

  func namespace(_ message: ByteString, _ pointer: ByteString) -> Diagnosis {
    let join = plan.namespaces.joins.first { pointer.hasPrefix($0.pointer) }
    guard let join else { return Diagnosis(.namespacePath) }
    let path = join.path
    if ByteString("is not ").occurs(in: message) {
      let what: ByteString = HostLook.status(path).map { "a " + $0.kind.noun } ?? "something else"
      let isOther = path.hasPrefix("/proc/")
      return Diagnosis(
        .namespacePath,
        isOther ? "" : "it names " + what + ", not a namespace",
        hint: "give /proc/PID/ns/" + join.kind.file + " or a bind mount of it")
    }
    let steps = path.split(on: UInt8(ascii: "/"))
    if steps.count > 2, steps[1] == "proc", let pid = steps[2].unsignedDecimal {
      if HostLook.status("/proc/" + steps[2]) == nil {
        return Diagnosis(
          .namespacePath, "there is no process " + ByteString(decimal: pid) + ", it is gone",
          hint: "give the path of a living process, or leave the path out for a new namespace")
      }
      return Diagnosis(
        .namespacePath,
        report(join.path) ?? "the process has no such namespace, or is not the caller's to see",
        hint: "use /proc/PID/ns/" + join.kind.file)
    }
    return Diagnosis(
      .namespacePath, HostLook.status(path) == nil ? "the path is not there" : "",
      hint: "make it (ip netns add, unshare), or leave the path out for a new namespace")
  }

  /// Whose process it is, where that keeps the caller out.
  private func report(_ path: ByteString) -> ByteString? {
    let process = Array(path.split(on: UInt8(ascii: "/")).prefix(3)).joined(by: "/")
    guard HostLook.caller.user != 0, let status = HostLook.status(process),
      status.userID != HostLook.caller.user
    else { return nil }
    return HostLook.caller.name + " may not look into a process of uid "
      + ByteString(decimal: status.userID)
  }

  /// Writing the maps of a user namespace.
  func maps(_ message: ByteString, _ report: FailureReport) -> Diagnosis {
    let helpers: [ByteString] = ["/usr/bin/newuidmap", "/usr/bin/newgidmap"]
    let needsHelpers = host.effectiveUserID != 0
    if needsHelpers, ByteString("new").occurs(in: message) {
      for helper in helpers where HostLook.status(helper) == nil {
        return Diagnosis(
          .mapHelper, helper + " is not installed, and more than the own id is mapped",
          hint: "install it (package uidmap or shadow), or map only the caller's own id")
      }
      for helper in helpers {
        guard let status = HostLook.status(helper) else { continue }
        let hasCapability = status.permissions & 0o6000 != 0
        if !hasCapability, status.userID == 0 {
          return Diagnosis(
            .mapHelper, helper + " is neither setuid nor allowed to by file capabilities, perhaps",
            hint: "chmod u+s " + helper + ", or setcap cap_setuid,cap_setgid+ep")
        }
      }
      if let missing = missingSubordinates() { return missing }
    }
    return Diagnosis(
      .mapHelper, report.errno == .EPERM ? "the caller may not map these ids" : "",
      hint: needsHelpers
        ? "map ids of the caller, or those that /etc/subuid and /etc/subgid give it" : "")
  }

  private func missingSubordinates() -> Diagnosis? {
    guard let maps = plan.namespaces.idMaps else { return nil }
    let user = ByteString(decimal: host.effectiveUserID)
    let passwd = Array(HostLook.text("/etc/passwd").bytes)
    let name = PasswordEntry.find(user: host.effectiveUserID, in: passwd)?.name
    for (map, file, own) in [
      (maps.users, "/etc/subuid", host.effectiveUserID),
      (maps.groups, "/etc/subgid", host.effectiveGroupID),
    ] as [([IDMapping], ByteString, UInt32)] {
      let entries = HostLook.lines(file).map { $0.split(on: UInt8(ascii: ":")) }.filter {
        $0.count == 3 && ($0[0] == user || $0[0] == name)
      }
      for range in map where !(range.size == 1 && range.hostID == own) {
        let isGiven = entries.contains {
          guard let first = $0[1].unsignedDecimal, let count = $0[2].unsignedDecimal else {
            return false
          }
          return UInt64(range.hostID) >= first
            && UInt64(range.hostID) - first + UInt64(range.size) <= count
        }
        if isGiven { continue }
        let line =
          (name ?? user) + ":" + ByteString(decimal: range.hostID) + ":"
          + ByteString(decimal: range.size)
        if range.hostID == 0 {
          return Diagnosis(
            .mapHelper, "id 0 of the host is root, and nobody else may map it",
            hint: "map the own id: \"hostID\": " + ByteString(decimal: own))
        }
        return Diagnosis(
          .mapHelper,
          file + " does not give " + (name ?? "uid " + user) + " the ids from "
            + ByteString(decimal: range.hostID) + " on",
          hint: "add the line `" + line + "` to " + file)
      }
    }
    return nil
  }

  func sysctl(_ report: FailureReport) -> Diagnosis {
    let key = report.pointer.dropFirst(14)
    guard let components = SysctlPlan.components(of: key.replacingEscapes) else {
      return Diagnosis(.sysctlUnknown)
    }
    let path = "/proc/sys/" + components.joined(by: "/")
    if report.errno == .ENOENT || report.errno == .ENOTDIR {
      var parent: ByteString = "/proc/sys"
      for (index, component) in components.enumerated() {
        if HostLook.status(parent + "/" + component) == nil {
          let near = component.nearest(among: HostLook.names(parent))
          let rest = Array(components.prefix(index)) + [near ?? ""]
          return Diagnosis(
            .sysctlUnknown, "this kernel has no `" + component + "` in " + parent,
            hint: near == nil
              ? "correct the key, or load the module that has it"
              : "did you mean `" + rest.joined(by: ".") + "`?")
        }
        parent += "/" + component
      }
      return Diagnosis(
        .sysctlUnknown, "it is a setting of the host, and of no new namespace",
        hint: "set it on the host instead")
    }
    let value = HostLook.text(path, limit: 4096).split(on: 0x0a)[0]
    let wanted = plan.namespaces.sysctls.first { $0.components == components }?.value ?? ""
    let isRefused = report.errno == .EACCES || report.errno == .EPERM
    if isRefused, HostLook.status(path).map({ $0.permissions & 0o222 == 0 }) == true {
      return Diagnosis(
        .sysctlValue, "the kernel only shows it, nobody can write it", hint: "remove it")
    }
    var cause: ByteString = "the kernel refuses the value `" + wanted.escaped(limit: 60) + "`"
    if !value.isEmpty { cause += ", the host has `" + value.escaped(limit: 60) + "`" }
    return Diagnosis(
      .sysctlValue,
      isRefused
        ? "it may not be written from a user namespace" : cause,
      hint: "correct the value in " + report.pointer)
  }

  func limit(_ pointer: ByteString) -> Diagnosis? {
    guard let index = pointer.dropFirst(17).unsignedDecimal,
      index < UInt64(exec.identity.limits.count)
    else { return nil }
    let limit = exec.identity.limits[Int(index)]
    let titles: [(ByteString, ByteString)] = [
      ("RLIMIT_NOFILE", "Max open files"), ("RLIMIT_NPROC", "Max processes"),
      ("RLIMIT_CORE", "Max core file size"), ("RLIMIT_MEMLOCK", "Max locked memory"),
      ("RLIMIT_STACK", "Max stack size"), ("RLIMIT_AS", "Max address space"),
      ("RLIMIT_FSIZE", "Max file size"), ("RLIMIT_CPU", "Max cpu time"),
      ("RLIMIT_DATA", "Max data size"), ("RLIMIT_NICE", "Max nice priority"),
      ("RLIMIT_RTPRIO", "Max realtime priority"), ("RLIMIT_MSGQUEUE", "Max msgqueue size"),
      ("RLIMIT_SIGPENDING", "Max pending signals"), ("RLIMIT_LOCKS", "Max file locks"),
      ("RLIMIT_RSS", "Max resident set"), ("RLIMIT_RTTIME", "Max realtime timeout"),
    ]
    guard let title = titles.first(where: { $0.0 == limit.name })?.1,
      let line = HostLook.lines("/proc/self/limits").first(where: { $0.hasPrefix(title) })
    else { return Diagnosis(.limitHard) }
    if limit.name == "RLIMIT_NOFILE",
      let most = HostLook.text("/proc/sys/fs/nr_open", limit: 64).split(on: 0x0a)[0]
        .unsignedDecimal,
      limit.hard > most
    {
      return Diagnosis(
        .limitHard,
        ByteString(decimal: limit.hard) + " is above fs.nr_open, "
          + ByteString(decimal: most),
        hint: "ask for at most " + ByteString(decimal: most) + ", or raise fs.nr_open on the host")
    }
    let words = HostLook.words(line.dropFirst(title.count))
    let hard = words.count > 1 ? words[1] : "lower"
    let wanted =
      limit.hard == .max ? "unlimited" : ByteString(decimal: limit.hard)
    return Diagnosis(
      .limitHard,
      wanted + " is above the hard limit of the runtime, " + hard
        + ", and raising that needs CAP_SYS_RESOURCE",
      hint: "ask for at most " + hard + ", or raise the limit of whoever starts apus")
  }

  func networkDevice(_ report: FailureReport) -> Diagnosis {
    let name = report.pointer.dropFirst(18)
    let devices = HostLook.lines("/proc/net/dev").compactMap {
      $0.cut(at: UInt8(ascii: ":")).flatMap { HostLook.words($0.before).last }
    }
    if devices.contains(name) {
      return Diagnosis(
        .networkDevice,
        report.errno == .EEXIST
          ? "the container's network namespace has an interface of that name" : "",
        hint: "see `ip link show " + name + "`")
    }
    var hint: ByteString = "it has " + Array(devices.prefix(8)).joined(by: ", ")
    if let near = name.nearest(among: devices) { hint = "did you mean `" + near + "`?" }
    return Diagnosis(.networkDevice, "the host has no interface `" + name + "`", hint: hint)
  }
}

// Hooks.
extension Explanation {
  func hook(_ message: ByteString) -> Diagnosis? {
    let pointer = message.dropFirst(5).cut(at: 0x20)?.before ?? ""
    guard let hook = plan.hooks.hooks.first(where: { $0.pointer == pointer }) else { return nil }
    let isInside = hook.kind == .startContainer
    // What happened to it, and not what its arguments or its output say.
    let message = message.dropFirst(hook.title.count)
    if message.hasPrefix(": timed out after ") {
      return Diagnosis(
        .hookTimeout, hint: "raise " + pointer + "/timeout, or see what it waits for")
    }
    if message.hasPrefix(": execve failed with E") || message.hasPrefix(": execve of "),
      let view = isInside ? view : HostLook.view
    {
      var examination = ProgramExamination(
        [hook.path], path: nil, workingDirectory: "/", in: view,
        rootPath: isInside ? plan.rootfs.path : "", for: isInside ? user : HostLook.caller)
      examination.form = .hook
      examination.place = isInside ? "in the root filesystem" : "on the host"
      examination.subject = pointer + "/path"
      if let found = examination.diagnosis() {
        let other = found.code == .execAbsent ? elsewhere(hook.path, isInside) : nil
        return Diagnosis(found.codeOfHook, found.cause, hint: other ?? found.hint)
      }
    }
    return Diagnosis(
      .hookExit,
      hint: "run it by hand, with what `apus state` prints on its standard input (" + pointer + ")")
  }
}

extension Explanation {
  /// A hook that is on the other side of pivot_root.
  private func elsewhere(_ path: ByteString, _ isInside: Bool) -> ByteString? {
    guard let other = isInside ? HostLook.view : view,
      case .found(_, _, let status) = other.find(path, for: nil), status.kind == .regular
    else { return nil }
    return isInside
      ? "the host has it, and startContainer hooks are executed in the container: copy it there"
      : "the root filesystem has it, and only startContainer hooks are looked for there"
  }
}

extension ByteString {
  /// `~1` and `~0` of a pointer.
  fileprivate var replacingEscapes: ByteString {
    var result = [UInt8]()
    var index = 0
    while index < count {
      if self[index] == UInt8(ascii: "~"), index + 1 < count {
        result.append(self[index + 1] == UInt8(ascii: "1") ? UInt8(ascii: "/") : UInt8(ascii: "~"))
        index += 2
      } else {
        result.append(self[index])
        index += 1
      }
    }
    return ByteString(result)
  }
}
