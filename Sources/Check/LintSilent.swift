import Bytes
import Hooks
package import OCISpec
package import Plan
import Rootfs

/// Values that every runtime takes without a word, and that hardly anybody means: told by `run` and
/// `create` as well as by `check`.
package enum LintSilent {
  package static func findings(_ config: Config, _ plan: CreatePlan) -> [Finding] {
    var found = [Finding]()
    octalDigits(config, &found)
    devices(config, &found)
    for hook in plan.hooks.hooks {
      for (index, entry) in (hook.environment ?? []).enumerated()
      where !entry.contains(UInt8(ascii: "=")) {
        found.append(
          .warning(
            "hook-arguments", at: hook.pointer + "/env/" + ByteString(decimal: index),
            shown(entry) + " is not NAME=value", remedy: "write \"NAME=value\""))
      }
    }
    return found
  }

  /// JSON has no octal numbers: 644 is the mode 1204.
  private static func octalDigits(_ config: Config, _ found: inout [Finding]) {
    func tell(_ value: UInt32, _ pointer: ByteString, among modes: [UInt32]) {
      guard modes.contains(value), let meant = octal(value) else { return }
      found.append(
        .warning(
          "config-warning", at: pointer,
          ByteString(decimal: value) + " is decimal, as an octal mode it is "
            + ByteString(octal: value),
          remedy: "write " + ByteString(decimal: meant) + ", which is octal 0"
            + ByteString(decimal: value)))
    }
    if let umask = config.process?.user.umask {
      tell(umask, "/process/user/umask", among: [22, 26, 27, 37, 77])
    }
    for (index, device) in config.linux.devices.enumerated() {
      guard let mode = device.fileMode else { continue }
      if mode > 0o7777 {
        found.append(
          .warning(
            "config-warning", at: "/linux/devices/" + ByteString(decimal: index) + "/fileMode",
            ByteString(decimal: mode) + " has bits beyond 07777, which are no mode",
            remedy: "octal 0666 is written 438"))
      }
      tell(
        mode, "/linux/devices/" + ByteString(decimal: index) + "/fileMode",
        among: [400, 600, 620, 640, 644, 660, 664, 666, 700, 750, 755, 770, 775, 777])
    }
  }

  /// The digits of `value` read as octal ones.
  private static func octal(_ value: UInt32) -> UInt32? {
    var result: UInt32 = 0
    for digit in ByteString(decimal: value).bytes {
      guard digit < UInt8(ascii: "8") else { return nil }
      result = result * 8 + UInt32(digit - UInt8(ascii: "0"))
    }
    return result
  }

  private static func devices(_ config: Config, _ found: inout [Finding]) {
    for (index, device) in config.linux.devices.enumerated() {
      let pointer = "/linux/devices/" + ByteString(decimal: index)
      if config.linux.devices[..<index].contains(where: { $0.path == device.path }) {
        found.append(
          .warning(
            "config-warning", at: pointer + "/path", shown(device.path) + " occurs twice",
            remedy: "remove one of them"))
      }
      guard let own = own(device.path), device.major != nil,
        device.major != own.major || device.minor != own.minor
      else { continue }
      found.append(
        .warning(
          "config-warning", at: pointer,
          shown(device.path) + " is " + ByteString(decimal: own.major) + ":"
            + ByteString(decimal: own.minor) + " on every Linux",
          remedy: "correct major and minor, or leave it out: every container has it"))
    }
  }

  /// Devices that every container has.
  private static func own(_ path: ByteString) -> (major: Int64, minor: Int64)? {
    switch path {
    case "/dev/null": (1, 3)
    case "/dev/zero": (1, 5)
    case "/dev/full": (1, 7)
    case "/dev/random": (1, 8)
    case "/dev/urandom": (1, 9)
    case "/dev/tty": (5, 0)
    default: nil
    }
  }
}

/// What is left out or misspelt without effect: worth knowing, and nothing that `create` says.
enum LintQuiet {
  static func findings(_ config: Config, _ plan: CreatePlan) -> [Finding] {
    ambient(config) + protectedPaths(config) + procfs(plan)
  }

  /// The kernel raises an ambient capability only with both.
  private static func ambient(_ config: Config) -> [Finding] {
    guard let sets = config.process?.capabilities else { return [] }
    var found = [Finding]()
    for (index, name) in sets.ambient.enumerated() {
      let missing: ByteString =
        !sets.inheritable.contains(name)
        ? "inheritable" : !sets.permitted.contains(name) ? "permitted" : ""
      if missing.isEmpty { continue }
      found.append(
        Finding(
          .note, "capability-left-out",
          at: "/process/capabilities/ambient/" + ByteString(decimal: index),
          shown(name) + " is not in " + missing + " too, so the kernel does not raise it",
          remedy: "add it to /process/capabilities/" + missing + ", or take it out"))
    }
    return found
  }

  private static var known: [ByteString] {
    [
      "/proc/acpi", "/proc/asound", "/proc/kcore", "/proc/keys", "/proc/latency_stats",
      "/proc/timer_list", "/proc/timer_stats", "/proc/sched_debug", "/proc/scsi", "/proc/bus",
      "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger", "/proc/interrupts",
      "/sys/firmware", "/sys/devices/virtual/powercap",
    ]
  }

  /// One that is not there is no error: lists are written for many kernels.
  private static func protectedPaths(_ config: Config) -> [Finding] {
    func look(_ paths: [ByteString]?, _ pointer: ByteString) -> [Finding] {
      (paths ?? []).enumerated().compactMap { index, path in
        guard path.hasPrefix("/proc/") || path.hasPrefix("/sys/"), !known.contains(path),
          HostFile.isAbsent(path), let near = path.nearest(among: known)
        else { return nil }
        return Finding(
          .note, "config-warning", at: pointer + "/" + ByteString(decimal: index),
          shown(path) + " is not on this host: nothing is protected by it",
          remedy: "did you mean " + shown(near) + "?")
      }
    }
    return look(config.linux.maskedPaths, "/linux/maskedPaths")
      + look(config.linux.readonlyPaths, "/linux/readonlyPaths")
  }

  private static func procfs(_ plan: CreatePlan) -> [Finding] {
    guard plan.exec.program != nil,
      !plan.rootfs.mounts.contains(where: { $0.destination == "/proc" })
    else { return [] }
    return [
      Finding(
        .note, "config-warning", at: "/mounts",
        "no procfs is mounted on `/proc`: programs that look there find nothing",
        remedy: "add {\"destination\": \"/proc\", \"type\": \"proc\", \"source\": \"proc\"}")
    ]
  }
}
