import Bytes
import Cgroups
import JSON
import Linux
import Namespaces
import OCISpec
import Plan
import Rootfs

/// What a configuration says and probably does not mean: told, and never a reason not to start.
enum DocumentWarnings {
  static func find(_ document: JSONValue, _ config: Config, _ plan: CreatePlan) -> [ByteString] {
    var warnings = UnknownMember.find(in: document).map {
      "config.json " + $0.pointer + ": " + $0.message
    }
    hiddenMounts(plan, &warnings)
    deniedDevices(config, &warnings)
    if let path = config.linux.cgroupsPath, plan.cgroup.manager == .cgroupfs,
      path.split(on: UInt8(ascii: ":")).count == 3, !path.hasPrefix("/")
    {
      warnings.append(
        "config.json /linux/cgroupsPath: " + quoted(path)
          + " has systemd's form SLICE:PREFIX:NAME, but the cgroup manager is cgroupfs: it is taken"
          + " as the name of a directory; give --systemd-cgroup, or write a path")
    }
    return warnings
  }

  private static func hiddenMounts(_ plan: CreatePlan, _ warnings: inout [ByteString]) {
    let mounts = plan.rootfs.mounts
    for (index, later) in mounts.enumerated() {
      if case .remount = later.kind { continue }
      for earlier in mounts[..<index] {
        guard earlier.destination.hasPrefix(later.destination),
          earlier.destination == later.destination
            || earlier.destination[later.destination.count] == UInt8(ascii: "/")
        else { continue }
        if case .remount = earlier.kind { continue }
        warnings.append(
          "config.json " + later.pointer + ": " + quoted(later.destination) + " hides "
            + earlier.pointer + " (" + quoted(earlier.destination)
            + "), which is mounted before it; put it after")
      }
    }
  }

  /// Nodes that are made and that no rule lets anybody open.
  private static func deniedDevices(_ config: Config, _ warnings: inout [ByteString]) {
    // Without the list there are no rules of the configuration to contradict.
    guard let rules = config.linux.resources.devices else { return }
    for (index, device) in config.linux.devices.enumerated() {
      guard let major = device.major, let minor = device.minor, device.type != "p" else { continue }
      if isBuiltIn(device.type, major, minor) { continue }
      let kind: ByteString = device.type == "b" ? "b" : "c"
      var isAllowed = false
      for rule in rules {
        guard rule.type == nil || rule.type == "a" || rule.type == kind,
          rule.major == nil || rule.major == -1 || rule.major == major,
          rule.minor == nil || rule.minor == -1 || rule.minor == minor,
          rule.access == nil || rule.access?.contains(UInt8(ascii: "r")) == true
            || rule.access?.contains(UInt8(ascii: "w")) == true
        else { continue }
        isAllowed = rule.allow
      }
      if isAllowed { continue }
      warnings.append(
        "config.json /linux/devices/" + ByteString(decimal: index) + ": " + quoted(device.path)
          + " is made, but no rule of /linux/resources/devices allows " + kind + " "
          + ByteString(decimal: major) + ":" + ByteString(decimal: minor)
          + ": opening it will fail; add {\"allow\": true, \"type\": \"" + kind + "\", \"major\": "
          + ByteString(decimal: major) + ", \"minor\": " + ByteString(decimal: minor)
          + ", \"access\": \"rw\"}")
    }
  }

  private static func isBuiltIn(_ type: ByteString, _ major: Int64, _ minor: Int64) -> Bool {
    guard type == "c" || type == "u" else { return false }
    switch (major, minor) {
    case (1, 3), (1, 5), (1, 7), (1, 8), (1, 9), (5, 0), (5, 2), (10, 200), (136, _): return true
    default: return false
    }
  }
}
