import Bytes
import DBus

/// Device rules as properties of a unit.
enum UnitDevices {
  /// A list of what is allowed, if the rules can be such a list; else no policy, and apus' own program
  /// decides alone. It decides in the first case, too: it replaces systemd's until a reload.
  static func properties(_ rules: [DeviceRule]) -> [UnitProperty] {
    let list = allowList(rules)
    return [
      UnitProperty(name: "DevicePolicy", value: .string(list == nil ? "auto" : "strict")),
      UnitProperty(
        name: "DeviceAllow",
        value: .array(
          "(ss)",
          (list ?? []).map { .structure([.string($0.path), .string($0.access)]) })),
    ]
  }

  private static func allowList(_ rules: [DeviceRule]) -> [(path: ByteString, access: ByteString)]?
  {
    guard rules.first == DeviceRule(allow: false) else { return nil }
    var list = [(path: ByteString, access: ByteString)]()
    for rule in rules.dropFirst() {
      // systemd has no rule for every major number with one minor number.
      guard rule.allow, rule.major != nil || rule.minor == nil else { return nil }
      for kind in [DeviceRule.Kind.character, .block] where rule.kind == .any || rule.kind == kind {
        list.append((path(rule, kind), access(rule.access)))
      }
    }
    return list
  }

  private static func path(_ rule: DeviceRule, _ kind: DeviceRule.Kind) -> ByteString {
    let name: ByteString = kind == .block ? "block" : "char"
    guard let major = rule.major else { return name + "-*" }
    guard let minor = rule.minor else { return name + "-" + ByteString(decimal: major) }
    return "/dev/" + name + "/" + ByteString(decimal: major) + ":" + ByteString(decimal: minor)
  }

  private static func access(_ access: DeviceRule.Access) -> ByteString {
    var text: ByteString = ""
    if access.contains(.read) { text += "r" }
    if access.contains(.write) { text += "w" }
    if access.contains(.makeNode) { text += "m" }
    return text
  }
}
