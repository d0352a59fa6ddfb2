package import Bytes
import JSON

/// A profile that stands alone or in a config.json.
package struct SeccompProfile: Sendable {
  package var section: SeccompSection
  /// Where the section stands in its document: empty for a profile alone.
  package var pointer: ByteString
  /// What the container's process has: false where nothing is known of it.
  package var noNewPrivileges = false

  /// - Parameter architecture: as Go names the machine's own, for rules of engines' profiles.
  package static func read(
    _ text: [UInt8], architecture: ByteString
  ) throws(ConfigError) -> SeccompProfile {
    let value = try SeccompSection.parsed(text)
    let object = try Read.object(value)
    guard object.value(of: "defaultAction") == nil else {
      var section = try SeccompSection.read(value)
      try section.select(object, architecture)
      // An engine sets the path of its agent beside the profile.
      if section.listenerPath == nil { section.listenerPath = "/" }
      return SeccompProfile(section: section, pointer: "")
    }
    let config = try Config.read(value)
    guard let section = config.linux.seccomp else {
      throw ConfigError("/linux/seccomp", "missing: every call is let through")
    }
    return SeccompProfile(
      section: section, pointer: "/linux/seccomp",
      noNewPrivileges: config.process?.noNewPrivileges ?? false)
  }
}

extension SeccompSection {
  /// What engines give a container unless they are told otherwise, of what their profiles ask for.
  private static var capabilities: [ByteString] {
    [
      "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_FSETID", "CAP_KILL", "CAP_MKNOD",
      "CAP_NET_BIND_SERVICE", "CAP_NET_RAW", "CAP_SETFCAP", "CAP_SETGID", "CAP_SETPCAP",
      "CAP_SETUID", "CAP_SYS_CHROOT", "CAP_AUDIT_WRITE",
    ]
  }

  /// Resolves what engines' profiles have beside the specification: `archMap`, and rules that hold for an
  /// architecture or with a capability only. A rule that does not hold keeps its place.
  fileprivate mutating func select(
    _ object: JSONObject, _ architecture: ByteString
  ) throws(ConfigError) {
    let native: ByteString = architecture == "amd64" ? "SCMP_ARCH_X86_64" : "SCMP_ARCH_AARCH64"
    if architectures.isEmpty {
      architectures =
        try object.list("archMap") { (value) throws(ConfigError) in
          let entry = try Read.object(value)
          guard try entry.required("architecture", Read.text) == native else { return [] }
          return [native] + (try entry.list("subArchitectures", Read.text))
        }.first { !$0.isEmpty } ?? []
    }
    let holds = try object.list("syscalls", limit: Bound.seccompRules) {
      (value) throws(ConfigError) in
      let rule = try Read.object(value)
      let includes = try rule.optional("includes", Read.object) ?? JSONObject()
      let excludes = try rule.optional("excludes", Read.object) ?? JSONObject()
      let arches = try includes.list("arches", Read.text)
      let caps = try includes.list("caps", Read.text)
      let others = try excludes.list("arches", Read.text) + excludes.list("caps", Read.text)
      let own = SeccompSection.capabilities + [architecture]
      return (arches.isEmpty || arches.contains(architecture))
        && caps.allSatisfy { own.contains($0) } && !others.contains { own.contains($0) }
    }
    for (index, holds) in holds.enumerated() where !holds {
      // As the default action, a rule is none.
      syscalls[index].action = defaultAction
      syscalls[index].errnoRet = defaultErrnoRet
    }
  }
}
