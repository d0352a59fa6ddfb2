import Bytes
package import JSON

extension LinuxSection: JSONReadable {
  package static func read(_ value: JSONValue) throws(ConfigError) -> LinuxSection {
    try read(value, forExec: false)
  }

  static func read(_ value: JSONValue, forExec: Bool) throws(ConfigError) -> LinuxSection {
    let object = try Read.object(value)
    return LinuxSection(
      namespaces: try object.list("namespaces", limit: Bound.namespaces, Namespace.read),
      uidMappings: try object.list("uidMappings", limit: Bound.mappings, IDMapping.read),
      gidMappings: try object.list("gidMappings", limit: Bound.mappings, IDMapping.read),
      timeOffsets: try object.map("timeOffsets", TimeOffset.read),
      devices: forExec ? [] : try object.list("devices", Device.read),
      netDevices: try object.map("netDevices", NetDevice.read),
      cgroupsPath: try object.nonEmpty("cgroupsPath", Read.path),
      resources: forExec
        ? Resources() : try object.optional("resources", Resources.read) ?? Resources(),
      rootfsPropagation: try object.nonEmpty("rootfsPropagation"),
      maskedPaths: forExec ? [] : try object.list("maskedPaths", Read.path),
      readonlyPaths: forExec ? [] : try object.list("readonlyPaths", Read.path),
      mountLabel: try object.nonEmpty("mountLabel"),
      seccomp: try object.optional("seccomp", SeccompSection.read),
      sysctl: try object.map("sysctl", limit: Bound.sysctls, Read.text),
      personality: try object.optional("personality", Personality.read),
      memoryPolicy: try object.optional("memoryPolicy", MemoryPolicy.read),
      intelRdt: try object.optional("intelRdt", IntelRdt.read))
  }
}

extension LinuxSection.Namespace: JSONReadable {
  package static func read(_ value: JSONValue) throws(ConfigError) -> LinuxSection.Namespace {
    let object = try Read.object(value)
    return LinuxSection.Namespace(
      type: try object.required("type", Read.text),
      path: try object.nonEmpty("path", Read.path))
  }
}

extension LinuxSection.TimeOffset: JSONReadable {
  package static func read(_ value: JSONValue) throws(ConfigError) -> LinuxSection.TimeOffset {
    let object = try Read.object(value)
    return LinuxSection.TimeOffset(
      secs: try object.optional("secs", Read.integer) ?? 0,
      nanosecs: try object.optional("nanosecs", Read.integer) ?? 0)
  }
}

extension LinuxSection.Device: JSONReadable {
  package static func read(_ value: JSONValue) throws(ConfigError) -> LinuxSection.Device {
    let object = try Read.object(value)
    return LinuxSection.Device(
      type: try object.required("type", Read.text),
      path: try object.required("path", Read.path),
      major: try object.optional("major", Read.integer),
      minor: try object.optional("minor", Read.integer),
      fileMode: try object.optional("fileMode", Read.integer),
      uid: try object.optional("uid", Read.integer),
      gid: try object.optional("gid", Read.integer))
  }
}

extension LinuxSection.NetDevice: JSONReadable {
  package static func read(_ value: JSONValue) throws(ConfigError) -> LinuxSection.NetDevice {
    LinuxSection.NetDevice(name: try Read.object(value).nonEmpty("name"))
  }
}

extension LinuxSection.Personality: JSONReadable {
  package static func read(_ value: JSONValue) throws(ConfigError) -> LinuxSection.Personality {
    let object = try Read.object(value)
    return LinuxSection.Personality(
      domain: try object.required("domain", Read.text),
      flags: try object.list("flags", Read.text))
  }
}

extension LinuxSection.MemoryPolicy: JSONReadable {
  package static func read(_ value: JSONValue) throws(ConfigError) -> LinuxSection.MemoryPolicy {
    let object = try Read.object(value)
    return LinuxSection.MemoryPolicy(
      mode: try object.required("mode", Read.text),
      nodes: try object.nonEmpty("nodes"),
      flags: try object.list("flags", Read.text))
  }
}

extension LinuxSection.IntelRdt: JSONReadable {
  package static func read(_ value: JSONValue) throws(ConfigError) -> LinuxSection.IntelRdt {
    let object = try Read.object(value)
    return LinuxSection.IntelRdt(
      closID: try object.nonEmpty("closID", Read.path),
      schemata: try object.list("schemata", Read.text),
      l3CacheSchema: try object.nonEmpty("l3CacheSchema"),
      memBwSchema: try object.nonEmpty("memBwSchema"),
      enableMonitoring: try object.optional("enableMonitoring", Read.flag) ?? false)
  }
}

extension SeccompSection: JSONReadable {
  package static func read(_ value: JSONValue) throws(ConfigError) -> SeccompSection {
    let object = try Read.object(value)
    let section = SeccompSection(
      defaultAction: try object.required("defaultAction", Read.text),
      defaultErrnoRet: try object.optional("defaultErrnoRet", Read.integer),
      architectures: try object.list("architectures", Read.text),
      flags: try object.optional("flags", Read.strings),
      listenerPath: try object.nonEmpty("listenerPath", Read.path),
      listenerMetadata: try object.nonEmpty("listenerMetadata"),
      syscalls: try object.list("syscalls", limit: Bound.seccompRules, SyscallRule.read))
    // One name makes one rule.
    guard section.syscalls.reduce(0, { $0 + $1.names.count }) <= Bound.seccompRules else {
      throw ConfigError("/syscalls", "more than 8192 names")
    }
    return section
  }
}

extension SeccompSection.SyscallRule: JSONReadable {
  package static func read(_ value: JSONValue) throws(ConfigError) -> SeccompSection.SyscallRule {
    let object = try Read.object(value)
    return SeccompSection.SyscallRule(
      names: try object.required("names", Read.strings),
      action: try object.required("action", Read.text),
      errnoRet: try object.optional("errnoRet", Read.integer),
      args: try object.list("args", SeccompSection.Argument.read))
  }
}

extension SeccompSection.Argument: JSONReadable {
  package static func read(_ value: JSONValue) throws(ConfigError) -> SeccompSection.Argument {
    let object = try Read.object(value)
    return SeccompSection.Argument(
      index: try object.required("index", Read.integer),
      value: try object.required("value", Read.integer),
      valueTwo: try object.optional("valueTwo", Read.integer) ?? 0,
      op: try object.required("op", Read.text))
  }
}
