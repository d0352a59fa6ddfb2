import Bytes
import Linux
import Namespaces
import OCISpec
import Plan

extension Looks {
  var namespaces: [Finding] { joined + limits + sysctls + devices }

  /// Each one by itself, so that a second path that is wrong shows too.
  private var joined: [Finding] {
    var found = [Finding]()
    for join in plan.namespaces.joins {
      do throws(ConfigError) { _ = try join.open() } catch {
        if let pid = process(of: join.path), !HostFile.exists("/proc/" + pid) {
          found.append(
            .error(
              "namespace-path", at: join.pointer,
              shown(join.path) + ": no such process, " + pid + " is gone",
              remedy: "name the namespace of a process that lives, or leave the path out"))
          continue
        }
        let isOther =
          HostFile.status(join.path)?.kind == .regular && !HostFile.isNamespace(join.path)
        found.append(
          .error(
            "namespace-path", at: error.pointer,
            isOther ? shown(join.path) + " is not a namespace" : error.reason,
            remedy: "a file such as /proc/PID/ns/" + join.kind.file
              + ", or leave the path out for a new one"))
      }
    }
    return found
  }

  private func process(of path: ByteString) -> ByteString? {
    let parts = path.split(on: UInt8(ascii: "/"))
    guard parts.count > 3, parts[1] == "proc", parts[2].unsignedDecimal != nil else { return nil }
    return parts[2]
  }

  private var limits: [Finding] {
    var found = [Finding]()
    for kind in NamespaceKind.allCases where plan.namespaces.creates(kind) {
      if !HostFile.exists("/proc/self/ns/" + kind.file) {
        found.append(
          .error(
            "namespace-limit", at: "/linux/namespaces",
            "this kernel has no " + kind.name + " namespaces"))
      } else if HostFile.line("/proc/sys/user/max_" + kind.file + "_namespaces") == "0" {
        found.append(
          .error(
            "namespace-limit", at: "/linux/namespaces",
            "user.max_" + kind.file + "_namespaces is 0: none can be made",
            remedy: "sysctl -w user.max_" + kind.file + "_namespaces=1024"))
      }
    }
    guard plan.namespaces.creates(.user), caller.user != 0 else { return found }
    if HostFile.line("/proc/sys/kernel/unprivileged_userns_clone") == "0" {
      found.append(
        .error(
          "namespace-refused", at: "/linux/namespaces",
          "kernel.unprivileged_userns_clone is 0: only root makes user namespaces",
          remedy: "sysctl -w kernel.unprivileged_userns_clone=1"))
    }
    if HostFile.line("/proc/sys/kernel/apparmor_restrict_unprivileged_userns") == "1" {
      found.append(
        .warning(
          "namespace-refused", at: "/linux/namespaces",
          "kernel.apparmor_restrict_unprivileged_userns is 1: user namespaces give no rights "
            + "without an AppArmor profile of the runtime", remedy: "load the profile of apus"))
    }
    return found
  }

  private var sysctls: [Finding] {
    var found = [Finding]()
    for sysctl in plan.namespaces.sysctls {
      let path = "/proc/sys/" + sysctl.path
      if isOfInterface(sysctl.components) { continue }
      if let status = HostFile.status(path) {
        if status.permissions & 0o222 == 0 {
          found.append(
            .error(
              "sysctl-value",
              at: "/linux/sysctl/" + pointerToken(sysctl.components.joined(by: ".")),
              "the kernel only shows it, nobody can write it", remedy: "remove it"))
          continue
        }
        if let fault = SysctlValue.fault(sysctl.value, current: HostFile.line(path)) {
          found.append(
            .error(
              "sysctl-value",
              at: "/linux/sysctl/" + pointerToken(sysctl.components.joined(by: ".")),
              shown(sysctl.value) + fault,
              remedy: "the host has " + shown(HostFile.line(path) ?? "")))
        }
        continue
      }
      let name = sysctl.components.joined(by: ".")
      let parent = sysctl.components.dropLast()
      let near = nearest(
        sysctl.components.last ?? "", in: "/proc/sys/" + Array(parent).joined(by: "/"))
      found.append(
        .error(
          "sysctl-unknown", at: "/linux/sysctl/" + pointerToken(name),
          "this kernel has no such sysctl: " + shown(name),
          remedy: near.map { "did you mean " + (parent + [$0]).joined(by: ".") + "?" } ?? ""))
    }
    return found
  }

  /// Interfaces of the container are not those of the host.
  private func isOfInterface(_ components: [ByteString]) -> Bool {
    guard components.count > 4, components[0] == "net",
      components[2] == "conf" || components[2] == "neigh"
    else { return false }
    return components[3] != "all" && components[3] != "default" && components[3] != "lo"
  }

  private func nearest(_ name: ByteString, in directory: ByteString) -> ByteString? {
    do throws(SyscallError) {
      let folder = SharedDescriptor(try Handle.currentDirectory.open(directory, .directory))
      return name.nearest(among: try folder.handle.entries().map { $0.name })
    } catch {
      return nil
    }
  }

  private var devices: [Finding] {
    if plan.namespaces.devices.isEmpty { return [] }
    guard let text = HostFile.text("/proc/net/dev") else { return [] }
    let names = text.split(on: 0x0a).compactMap { line in
      line.cut(at: UInt8(ascii: ":"))?.before.split(on: 0x20).last
    }
    return plan.namespaces.devices.filter { !names.contains($0.name) }.map { device in
      let near = device.name.nearest(among: names)
      return .error(
        "network-device", at: device.pointer,
        "no network device " + shown(device.name) + " on the host",
        remedy: near.map { "did you mean " + $0 + "?" } ?? "ip link lists those that there are")
    }
  }
}

enum SysctlValue {
  /// What can be told of a value by the one that is there: numbers stay numbers, and no more of them.
  static func fault(_ value: ByteString, current: ByteString?) -> ByteString? {
    let now = words(current ?? "")
    guard !now.isEmpty, now.allSatisfy({ $0.signedDecimal != nil }) else { return nil }
    let wanted = words(value)
    if let word = wanted.first(where: { !isNumber($0) }) {
      return " is refused: `" + word.escaped(limit: 60) + "` is not a number"
    }
    return wanted.isEmpty ? " is no number" : nil
  }

  /// In any base that the kernel reads.
  private static func isNumber(_ word: ByteString) -> Bool {
    word.signedDecimal != nil || word.unsignedDecimal != nil || word.hasPrefix("0x")
  }

  private static func words(_ text: ByteString) -> [ByteString] {
    text.split(on: 0x20).flatMap { $0.split(on: 0x09) }.flatMap { $0.split(on: 0x0a) }
      .filter { !$0.isEmpty }
  }
}
