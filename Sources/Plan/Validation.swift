import Bytes
import Linux
import Namespaces
import OCISpec

/// Rules that concern more than one domain, and properties that this version refuses.
enum Validation {
  /// What is not supported is said, with its place, never ignored (VV-1).
  static func check(_ config: Config) throws(ConfigError) {
    let linux = config.linux
    for (index, namespace) in linux.namespaces.enumerated()
    where namespace.type == "user" || namespace.type == "time" {
      throw unsupported("/linux/namespaces/" + ByteString(decimal: index))
    }
    if !linux.uidMappings.isEmpty { throw unsupported("/linux/uidMappings") }
    if !linux.gidMappings.isEmpty { throw unsupported("/linux/gidMappings") }
    if !linux.timeOffsets.isEmpty { throw unsupported("/linux/timeOffsets") }
    if !linux.netDevices.isEmpty { throw unsupported("/linux/netDevices") }
    if linux.intelRdt != nil { throw unsupported("/linux/intelRdt") }
    if let label = linux.mountLabel, !label.isEmpty { throw unsupported("/linux/mountLabel") }
    if let seccomp = linux.seccomp {
      for (index, rule) in seccomp.syscalls.enumerated() where rule.action == "SCMP_ACT_NOTIFY" {
        throw unsupported("/linux/seccomp/syscalls/" + ByteString(decimal: index) + "/action")
      }
    }
  }

  private static func unsupported(_ pointer: ByteString) -> ConfigError {
    ConfigError(pointer, "not supported by this version of apus")
  }

  static func check(_ config: Config, _ namespaces: NamespacePlan, noPivot: Bool)
    throws(ConfigError)
  {
    guard !namespaces.has(.mount) else { return }
    // They would be mounts on the host.
    if !config.linux.maskedPaths.isEmpty {
      throw ConfigError("/linux/maskedPaths", "needs a mount namespace in /linux/namespaces")
    }
    if !config.linux.readonlyPaths.isEmpty {
      throw ConfigError("/linux/readonlyPaths", "needs a mount namespace in /linux/namespaces")
    }
    if !config.mounts.isEmpty {
      throw ConfigError("/mounts", "needs a mount namespace in /linux/namespaces")
    }
  }
}
