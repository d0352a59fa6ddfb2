import Bytes
import OCISpec

/// Device nodes, and the rules about them.
enum ExposedDevices {
  static func rows(_ view: ConfigView) -> [Exposure.Row] {
    [rules(view)] + nodes(view)
  }

  private static func rules(_ view: ConfigView) -> Exposure.Row {
    let pointer: ByteString = "/linux/resources/devices"
    let rules = view.config.linux.resources.devices ?? []
    let canMake = [view.config.process?.capabilities?.bounding ?? []].flatMap { $0 }.contains(
      "CAP_MKNOD")
    // Without a rule, and before the first, everything is denied.
    var isOpen = false
    for rule in rules where isTotal(rule) { isOpen = rule.allow }
    guard isOpen else {
      return Exposure.Row("device-rules", at: pointer, 0, "only devices that a rule allows")
    }
    return Exposure.Row(
      "device-rules", at: pointer, view.weighed(canMake ? 60 : 15),
      canMake
        ? "all devices are allowed, and CAP_MKNOD makes them: the host's disks can be written"
        : "all devices are allowed",
      remedy: "begin with {\"allow\": false, \"access\": \"rwm\"}, then allow single devices")
  }

  private static func isTotal(_ rule: Resources.DeviceRule) -> Bool {
    let anyKind = rule.type == nil || rule.type == "a"
    let anyNumber = (rule.major ?? -1) == -1 && (rule.minor ?? -1) == -1
    let access = rule.access ?? ""
    return anyKind && anyNumber && (access.isEmpty || access.contains(UInt8(ascii: "w")))
  }

  private static func nodes(_ view: ConfigView) -> [Exposure.Row] {
    var rows = [Exposure.Row]()
    var others = [ByteString]()
    for (index, device) in view.config.linux.devices.enumerated() {
      let pointer = "/linux/devices/" + ByteString(decimal: index)
      if device.type == "b" {
        rows.append(
          Exposure.Row(
            "device", at: pointer, 70, shown(device.path) + ": a disk, below its filesystem",
            remedy: "leave it out, or mount the filesystem on the host and bind that"))
      } else if device.type != "p", let danger = danger(device) {
        rows.append(
          Exposure.Row(
            "device", at: pointer, danger.points, shown(device.path) + ": " + danger.what,
            remedy: "leave it out"))
      } else if device.type != "p", !isUsual(device) {
        others.append(device.path)
      }
    }
    if !others.isEmpty {
      rows.append(
        Exposure.Row(
          "device", at: "/linux/devices", min(others.count * 2, 10),
          others.prefix(16).map { $0.escaped(limit: 64) }.joined(by: " ") + ": drivers of the host",
          remedy: "leave out those that the program does not open"))
    }
    return rows
  }

  private static func danger(_ device: LinuxSection.Device)
    -> (points: Int, what: ByteString)?
  {
    switch (device.major ?? 0, device.minor ?? 0) {
    case (1, 1), (1, 2), (1, 4): (90, "the memory of the host")
    case (1, 11): (8, "the kernel's log")
    case (21, _): (50, "a SCSI device, below its driver")
    case (10, 232): (8, "virtual machines with memory of the kernel's")
    case (10, 223): (20, "makes input devices of the host")
    case (13, _): (20, "what is typed on the host")
    case (10, 237), (7, _): (15, "loop devices of the host")
    default: nil
    }
  }

  private static func isUsual(_ device: LinuxSection.Device) -> Bool {
    switch (device.major ?? 0, device.minor ?? 0) {
    case (1, 3), (1, 5), (1, 7), (1, 8), (1, 9), (5, 0), (5, 1), (5, 2), (136, _), (10, 200): true
    default: false
    }
  }
}
