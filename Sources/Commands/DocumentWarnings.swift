import Bytes
import Cgroups
import Check
import Diagnosis
import JSON
import Linux
import Namespaces
import OCISpec
import Plan
package import Report
import Rootfs

/// What a configuration says and probably does not mean: told, and never a reason not to start.
struct DocumentWarning {
  let code: DiagnosisCode
  /// Empty where no one property is meant.
  let pointer: ByteString
  let text: ByteString

  init(_ code: DiagnosisCode, _ pointer: ByteString, _ text: ByteString) {
    self.code = code
    self.pointer = pointer
    self.text = text
  }

  /// Of a plan, which says `config.json POINTER: text`, `POINTER: text` or text alone.
  init(planned text: ByteString) {
    self.text = text
    let place = text.hasPrefix("config.json ") ? text.dropFirst(12) : text
    pointer = place.hasPrefix("/") ? place.cut(at: UInt8(ascii: ":"))?.before ?? "" : ""
    code =
      pointer.hasPrefix("/process/capabilities")
      ? .capabilityLeftOut
      : pointer.hasPrefix("/linux/seccomp") ? .seccompUnknown : .configWarning
  }

  var line: ByteString { pointer.isEmpty ? text : "config.json " + pointer + ": " + text }
}

enum DocumentWarnings {
  static func tell(
    _ document: JSONValue, _ config: Config, _ plan: CreatePlan, _ log: Log
  ) {
    tell(planned: plan.warnings, log)
    for warning in find(document, config, plan) {
      log.warning(warning.line, warning.code, at: warning.pointer)
    }
  }

  static func tell(planned warnings: [ByteString], _ log: Log) {
    for warning in warnings {
      let known = DocumentWarning(planned: warning)
      log.warning(warning, known.code, at: known.pointer)
    }
  }

  private static func find(_ document: JSONValue, _ config: Config, _ plan: CreatePlan)
    -> [DocumentWarning]
  {
    var warnings = UnknownMember.find(in: document).map {
      DocumentWarning(.configUnknownMember, $0.pointer, $0.message)
    }
    for slip in LintSilent.findings(config, plan) {
      warnings.append(
        DocumentWarning(.configWarning, slip.pointer, slip.message + "; " + slip.remedy))
    }
    hiddenMounts(plan, &warnings)
    deniedDevices(config, &warnings)
    if let path = config.linux.cgroupsPath, plan.cgroup.manager == .cgroupfs,
      path.split(on: UInt8(ascii: ":")).count == 3, !path.hasPrefix("/")
    {
      warnings.append(
        DocumentWarning(
          .cgroupForm, "/linux/cgroupsPath",
          quoted(path)
            + " has systemd's form SLICE:PREFIX:NAME, but the cgroup manager is cgroupfs: it is"
            + " taken as the name of a directory; give --systemd-cgroup, or write a path"))
    }
    return warnings
  }

  private static func hiddenMounts(_ plan: CreatePlan, _ warnings: inout [DocumentWarning]) {
    let mounts = plan.rootfs.mounts
    for (index, later) in mounts.enumerated() {
      if case .remount = later.kind { continue }
      for earlier in mounts[..<index] {
        guard earlier.destination.hasPrefix(later.destination),
          earlier.destination == later.destination
            || earlier.destination[later.destination.count] == UInt8(ascii: "/")
        else { continue }
        if case .remount = earlier.kind { continue }
        if earlier.destination == later.destination {
          warnings.append(
            DocumentWarning(
              .mountHidden, later.pointer,
              quoted(later.destination) + " hides " + earlier.pointer
                + ", which has the same destination: remove one of them"))
          continue
        }
        warnings.append(
          DocumentWarning(
            .mountHidden, later.pointer,
            quoted(later.destination) + " hides " + earlier.pointer + " ("
              + quoted(earlier.destination) + "), which is mounted before it; put it after"))
      }
    }
  }

  /// Nodes that are made and that no rule lets anybody open.
  private static func deniedDevices(_ config: Config, _ warnings: inout [DocumentWarning]) {
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
        DocumentWarning(
          .deviceRule, "/linux/devices/" + ByteString(decimal: index),
          quoted(device.path) + " is made, but no rule of /linux/resources/devices allows " + kind
            + " " + ByteString(decimal: major) + ":" + ByteString(decimal: minor)
            + ": opening it will fail; add {\"allow\": true, \"type\": \"" + kind
            + "\", \"major\": " + ByteString(decimal: major) + ", \"minor\": "
            + ByteString(decimal: minor) + ", \"access\": \"rw\"}"))
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

extension Log {
  /// Descriptors that `--preserve-fds` counts and that are not open, in rising order: one line.
  package func warn(ofHoles holes: [Int32]) {
    guard var first = holes.first else { return }
    var ranges = [ByteString]()
    for (index, hole) in holes.enumerated() {
      if index + 1 < holes.count, holes[index + 1] == hole + 1 { continue }
      let last = first == hole ? "" : "-" + ByteString(decimal: hole)
      ranges.append(ByteString(decimal: first) + last)
      if index + 1 < holes.count { first = holes[index + 1] }
    }
    let isOne = holes.count == 1
    warning(
      "--preserve-fds: descriptor" + (isOne ? " " : "s ")
        + Array(ranges.prefix(20)).joined(by: ", ") + (ranges.count > 20 ? ", ..." : "")
        + (isOne ? " is" : " are") + " not open, and the program does not get "
        + (isOne ? "it" : "them"), .preservedHole)
  }
}
