package import Bytes
package import Linux
import OCISpec

/// One device node of the container.
package struct DevicePlan: Equatable, Sendable {
  package var pointer: ByteString
  /// In the container, absolute.
  package var path: ByteString
  package var kind: Handle.NodeKind
  package var major: UInt32
  package var minor: UInt32
  /// Permission bits.
  package var mode: UInt32
  package var user: UInt32
  package var group: UInt32

  package var title: ByteString { "create the device `" + path + "`" }

  /// The nodes that every container has.
  private static let defaults: [(path: ByteString, major: UInt32, minor: UInt32)] = [
    ("/dev/null", 1, 3), ("/dev/zero", 1, 5), ("/dev/full", 1, 7), ("/dev/random", 1, 8),
    ("/dev/urandom", 1, 9), ("/dev/tty", 5, 0),
  ]

  /// The default nodes, replaced by entries of the same path, and then the others in their order.
  static func make(_ devices: [LinuxSection.Device]) throws(ConfigError) -> [DevicePlan] {
    var plans = defaults.map {
      DevicePlan(
        pointer: "", path: $0.path, kind: .character, major: $0.major, minor: $0.minor, mode: 0o666,
        user: 0, group: 0)
    }
    for (index, device) in devices.enumerated() {
      let plan = try DevicePlan(device, pointer: "/linux/devices/" + ByteString(decimal: index))
      // A link to devpts takes this place; console is the terminal's.
      if plan.path == "/dev/ptmx" || plan.path == "/dev/console" { continue }
      if let position = plans.firstIndex(where: { $0.path == plan.path }) {
        plans[position] = plan
      } else {
        plans.append(plan)
      }
    }
    return plans
  }

  private init(_ device: LinuxSection.Device, pointer: ByteString) throws(ConfigError) {
    switch device.type {
    case "c", "u": kind = .character
    case "b": kind = .block
    case "p": kind = .fifo
    default:
      throw ConfigError(pointer + "/type", "unknown device type " + quoted(device.type))
    }
    guard device.path.hasPrefix("/"), device.path.cleanedPath != "/" else {
      throw ConfigError(pointer + "/path", quoted(device.path) + " is not an absolute path")
    }
    major = try DevicePlan.number(device.major, of: kind, pointer + "/major", most: 0xfff)
    minor = try DevicePlan.number(device.minor, of: kind, pointer + "/minor", most: 0xfffff)
    self.pointer = pointer
    path = device.path.cleanedPath
    // It may carry the type's bits; set-user-id means nothing on a device.
    mode = (device.fileMode ?? 0o666) & 0o777
    user = device.uid ?? 0
    group = device.gid ?? 0
    if user == .max { throw ConfigError(pointer + "/uid", "not a user id") }
    if group == .max { throw ConfigError(pointer + "/gid", "not a group id") }
  }

  private init(
    pointer: ByteString, path: ByteString, kind: Handle.NodeKind, major: UInt32, minor: UInt32,
    mode: UInt32, user: UInt32, group: UInt32
  ) {
    self.pointer = pointer
    self.path = path
    self.kind = kind
    self.major = major
    self.minor = minor
    self.mode = mode
    self.user = user
    self.group = group
  }

  /// The kernel has 12 bits for a major number and 20 for a minor one.
  private static func number(
    _ value: Int64?, of kind: Handle.NodeKind, _ pointer: ByteString, most: UInt32
  ) throws(ConfigError) -> UInt32 {
    if kind == .fifo { return 0 }
    guard let value else { throw ConfigError(pointer, "is required for a device") }
    guard let number = UInt32(exactly: value), number <= most else {
      throw ConfigError(pointer, "is not within 0 and " + ByteString(decimal: most))
    }
    return number
  }
}
