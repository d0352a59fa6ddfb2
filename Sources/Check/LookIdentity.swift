import Bytes
import Identity
import Linux
import Namespaces
import OCISpec
import Plan

extension Looks {
  private static var systemResource: Int { 24 }

  var identity: [Finding] { resourceLimits + labels + maps }

  private var resourceLimits: [Finding] {
    var found = [Finding]()
    let limits = plan.exec.identity.limits
    if limits.isEmpty { return [] }
    let own = ProcessLimits.current
    let most = HostFile.line("/proc/sys/fs/nr_open")?.unsignedDecimal
    for (index, limit) in limits.enumerated() {
      let pointer = "/process/rlimits/" + ByteString(decimal: index)
      let value = ByteString(decimal: limit.hard)
      if limit.resource == 7, let most, limit.hard > most {
        found.append(
          .error(
            "limit-hard", at: pointer,
            limit.name + " " + value + " is above fs.nr_open, " + ByteString(decimal: most),
            remedy: "at most " + ByteString(decimal: most) + ", or raise fs.nr_open on the host"))
        continue
      }
      if let least = Looks.least(limit.resource), limit.soft < least {
        found.append(
          .error(
            "limit-hard", at: pointer,
            limit.name + " of " + ByteString(decimal: limit.soft)
              + " is too small: hardly a program can be started with it",
            remedy: "at least " + ByteString(decimal: least)))
        continue
      }
      if holds(Looks.systemResource) { continue }
      guard let hard = own.of(limit.resource)?.hard, limit.hard > hard else { continue }
      found.append(
        .error(
          "limit-hard", at: pointer,
          limit.name + " " + value + " is above the caller's hard limit, "
            + ByteString(decimal: hard) + ", and CAP_SYS_RESOURCE is missing",
          remedy: "at most " + ByteString(decimal: hard)
            + ", or raise the hard limit of the caller"))
    }
    return found
  }

  /// RLIMIT_NOFILE, with which the program has to be found, and RLIMIT_AS, with which it is loaded.
  private static func least(_ resource: Int32) -> UInt64? {
    switch resource {
    case 7: 5
    case 9: 1 << 20
    default: nil
    }
  }

  private var labels: [Finding] {
    plan.exec.identity.labels.compactMap { label in
      switch label {
      case .appArmor:
        if HostFile.line("/sys/module/apparmor/parameters/enabled") == "Y" { return nil }
        return .error(
          "security-label", at: "/process/apparmorProfile",
          "AppArmor is not in force on this kernel", remedy: "leave it out")
      case .seLinux:
        if HostFile.exists("/sys/fs/selinux/enforce") { return nil }
        return .error(
          "security-label", at: "/process/selinuxLabel", "SELinux is not in force on this kernel",
          remedy: "leave it out")
      }
    }
  }

  /// What newuidmap(1) and newgidmap(1) need.
  private var maps: [Finding] {
    guard plan.namespaces.creates(.user), let maps = plan.namespaces.idMaps,
      maps.writer(host: host) == .helpers
    else { return [] }
    let sides:
      [(map: [IDMapping], own: UInt32, tool: ByteString, file: ByteString, at: ByteString)] =
        [
          (maps.users, caller.user, "newuidmap", "/etc/subuid", "/linux/uidMappings"),
          (maps.groups, caller.group, "newgidmap", "/etc/subgid", "/linux/gidMappings"),
        ]
    var found = [Finding]()
    for side in sides {
      if !HostFile.exists("/usr/bin/" + side.tool) {
        found.append(
          .error(
            "map-helper", at: side.at,
            "/usr/bin/" + side.tool + " is not installed: it has to write this map",
            remedy: "install it (package uidmap or shadow-utils), or map the own id alone"))
        continue
      }
      let ranges = SubordinateIDs.ranges(
        HostFile.text(side.file) ?? "", user: caller.user, name: userName)
      for (index, range) in side.map.enumerated()
      where !(range.hostID == side.own && range.size == 1)
        && !SubordinateIDs.covers(ranges, range.hostID, range.size)
      {
        found.append(
          .error(
            "map-helper", at: side.at + "/" + ByteString(decimal: index),
            side.file + " does not give the ids " + ByteString(decimal: range.hostID) + " and "
              + ByteString(decimal: range.size - 1) + " more to user "
              + ByteString(decimal: caller.user),
            remedy: "add the line " + (userName ?? ByteString(decimal: caller.user)) + ":"
              + ByteString(decimal: range.hostID) + ":" + ByteString(decimal: range.size) + " to "
              + side.file))
      }
    }
    return found
  }

  private var userName: ByteString? {
    let text = HostFile.text("/etc/passwd") ?? ""
    return PasswordEntry.find(user: caller.user, in: Array(text.bytes))?.name
  }
}

/// The files subuid(5) and subgid(5).
enum SubordinateIDs {
  typealias Range = (first: UInt64, count: UInt64)

  static func ranges(_ text: ByteString, user: UInt32, name: ByteString?) -> [Range] {
    text.split(on: 0x0a).compactMap { line in
      let fields = line.split(on: UInt8(ascii: ":"))
      guard fields.count == 3, fields[0] == name || fields[0] == ByteString(decimal: user),
        let first = fields[1].unsignedDecimal, let count = fields[2].unsignedDecimal
      else { return nil }
      return (first, count)
    }
  }

  static func covers(_ ranges: [Range], _ first: UInt32, _ count: UInt32) -> Bool {
    ranges.contains {
      $0.first <= UInt64(first)
        && UInt64(first) + UInt64(count) <= $0.first.addingReportingOverflow($0.count).partialValue
    }
  }
}
