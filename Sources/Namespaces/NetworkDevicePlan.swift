package import Bytes
package import Linux
package import OCISpec

/// A network device of the host that moves into the container's network namespace.
package struct NetworkDevicePlan: Equatable, Sendable {
  /// On the host.
  package var name: ByteString
  /// In the container; with `%d` the kernel puts the first free number there.
  package var newName: ByteString
  package var pointer: ByteString

  package var isTemplate: Bool { newName.contains(UInt8(ascii: "%")) }

  package static func make(
    _ linux: LinuxSection, namespaces: inout NamespacePlan, host: HostFacts
  ) throws(ConfigError) -> [NetworkDevicePlan] {
    guard let first = linux.netDevices.first else { return [] }
    guard namespaces.has(.network) else {
      throw ConfigError("/linux/netDevices", "needs a network namespace in /linux/namespaces")
    }
    if host.isRootless {
      throw ConfigError("/linux/netDevices", "needs root in the initial user namespace")
    }
    namespaces.requireForeign(.network, for: "/linux/netDevices/" + pointerToken(first.key))
    var plans = [NetworkDevicePlan]()
    for device in linux.netDevices {
      let pointer = "/linux/netDevices/" + pointerToken(device.key)
      guard isName(device.key), !device.key.contains(UInt8(ascii: "%")) else {
        throw ConfigError(pointer, quoted(device.key) + " is not the name of a network device")
      }
      // Absent or empty keeps the old one.
      let given = device.value.name ?? ""
      let newName = given.isEmpty ? device.key : given
      guard isName(newName), isTemplateOrPlain(newName) else {
        throw ConfigError(
          pointer + "/name", quoted(newName) + " is not the name of a network device")
      }
      let plan = NetworkDevicePlan(name: device.key, newName: newName, pointer: pointer)
      if !plan.isTemplate && plans.contains(where: { $0.newName == newName }) {
        throw ConfigError(pointer + "/name", quoted(newName) + " is given twice")
      }
      plans.append(plan)
    }
    return plans
  }

  /// dev_valid_name() of the kernel.
  private static func isName(_ name: ByteString) -> Bool {
    guard !name.isEmpty, name.count < 16, name != ".", name != ".." else { return false }
    return name.bytes.allSatisfy { byte in
      byte != UInt8(ascii: "/") && byte != UInt8(ascii: ":") && byte != 0x20
        && !(0x09...0x0d).contains(byte) && byte != 0xa0
    }
  }

  /// One `%d` at most and no other percent sign, as __dev_alloc_name() of the kernel has it.
  private static func isTemplateOrPlain(_ name: ByteString) -> Bool {
    guard let (_, after) = name.cut(at: UInt8(ascii: "%")) else { return true }
    return after.hasPrefix("d") && !after.contains(UInt8(ascii: "%"))
  }
}
