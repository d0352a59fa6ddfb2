package import Bytes
package import Linux
import OCISpec

/// One kernel setting of the container's own namespaces.
package struct SysctlPlan: Equatable, Sendable {
  /// Below `/proc/sys`: one file, whatever the key's spelling (CVE-2022-0811 is a value that became a
  /// second key).
  package var components: [ByteString]
  package var value: ByteString

  package var path: ByteString { components.joined(by: "/") }

  private static let ipcKeys: [ByteString] = [
    "msgmax", "msgmnb", "msgmni", "sem", "shmall", "shmmax", "shmmni", "shm_rmid_forced",
  ]

  static func make(
    _ config: Config, namespaces: inout NamespacePlan
  ) throws(ConfigError) -> [SysctlPlan] {
    var plans = [SysctlPlan]()
    for entry in config.linux.sysctl {
      let pointer = "/linux/sysctl/" + pointerToken(entry.key)
      guard let components = components(of: entry.key) else {
        throw ConfigError(pointer, quoted(entry.key) + " is not a sysctl")
      }
      let kind = try owner(of: components, key: entry.key, pointer: pointer)
      guard namespaces.has(kind) else {
        throw ConfigError(
          pointer,
          quoted(entry.key) + " needs " + kind.title + " namespace in /linux/namespaces")
      }
      if components == ["kernel", "domainname"], let name = config.domainname, name != entry.value {
        throw ConfigError(pointer, "differs from /domainname")
      }
      if plans.contains(where: { $0.components == components }) {
        throw ConfigError(pointer, quoted(entry.key) + " is set under another spelling too")
      }
      namespaces.requireForeign(kind, for: pointer)
      plans.append(SysctlPlan(components: components, value: entry.value))
    }
    return plans
  }

  /// The parts of a key, nil if it could lead anywhere but to one file below `/proc/sys`.
  ///
  /// As sysctl(8) has it: parts lie between dots, unless a slash comes first; then they lie between
  /// slashes, and a dot belongs to a name (`net/ipv4/conf/eth0.1/forwarding`). After a first dot a
  /// slash stands for a dot in a name (`net.ipv4.conf.eth0/1.forwarding`).
  package static func components(of key: ByteString) -> [ByteString]? {
    let (dot, slash) = (UInt8(ascii: "."), UInt8(ascii: "/"))
    guard let separator = key.bytes.first(where: { $0 == dot || $0 == slash }), key.count < 4096,
      key.bytes.allSatisfy({ $0 > 0x20 && $0 != 0x7f })
    else { return nil }
    var components = [ByteString]()
    for part in key.split(on: separator) {
      let name = separator == dot ? ByteString(part.bytes.map { $0 == slash ? dot : $0 }) : part
      if name.isEmpty || name == "." || name == ".." { return nil }
      components.append(name)
    }
    return components
  }

  /// The kind of namespace that a key belongs to; all keys that are not namespaced are refused.
  private static func owner(
    of components: [ByteString], key: ByteString, pointer: ByteString
  ) throws(ConfigError) -> NamespaceKind {
    switch components[0] {
    case "kernel" where components.count == 2:
      if ipcKeys.contains(components[1]) { return .ipc }
      if components[1] == "domainname" { return .uts }
      if components[1] == "hostname" {
        throw ConfigError(pointer, quoted(key) + " is refused, use /hostname")
      }
    case "fs" where components.count == 3 && components[1] == "mqueue": return .ipc
    case "net" where components.count > 1: return .network
    case "user" where components.count == 2: return .user
    default: break
    }
    throw ConfigError(pointer, quoted(key) + " is not a setting of a namespace")
  }

  /// Writes the value below `procfs`, a whole instance made in the container's namespaces: before
  /// read-only paths cover `/proc/sys` and before capabilities are given up.
  package func apply(procfs: Handle) throws(SyscallError) {
    // The system call checks the namespace's owner, the file root in the initial user namespace.
    if components == ["kernel", "domainname"] { return try ThisProcess.setDomainname(value) }
    let path = "sys/" + path
    let file = try Procfs.open(procfs, path, .writeOnly)
    try file.handle.writeOnce(value, subject: path)
  }
}
