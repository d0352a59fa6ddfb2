package import Bytes
package import Linux
package import OCISpec

/// The five capability sets of the program (capabilities(7)), bit n for capability n, exactly.
package struct CapabilityPlan: Equatable, Sendable {
  package var bounding: UInt64 = 0
  package var effective: UInt64 = 0
  package var inheritable: UInt64 = 0
  package var permitted: UInt64 = 0
  package var ambient: UInt64 = 0
  /// The highest number that the kernel knows: the bounding set is emptied up to there.
  package var lastCapability: Int

  /// Without `section` all sets are empty, as in crun: the least is what nobody asked for (CA-4).
  ///
  /// A name that means nothing to the kernel, or that the process cannot be given, is left out with a
  /// warning (CA-2, CA-3). Sets that contradict each other are an error.
  package static func make(
    _ section: OCISpec.Process.Capabilities?, lastCapability: Int, grantable: UInt64,
    pointer: ByteString, warnings: inout [ByteString]
  ) throws(ConfigError) -> CapabilityPlan {
    var plan = CapabilityPlan(lastCapability: lastCapability)
    guard let section else { return plan }
    var reader = Reader(lastCapability: lastCapability, grantable: grantable, pointer: pointer)
    plan.bounding = reader.set(section.bounding, "bounding")
    plan.permitted = reader.set(section.permitted, "permitted")
    plan.effective = reader.set(section.effective, "effective")
    plan.inheritable = reader.set(section.inheritable, "inheritable")
    plan.ambient = reader.set(section.ambient, "ambient")
    if let lacking = name(of: plan.effective & ~plan.permitted) {
      throw ConfigError(
        pointer + "/effective", "has " + quoted(lacking) + ", which is not in permitted")
    }
    // The bounding set is cut first, and capset(2) then refuses what it lacks.
    if let lacking = name(of: plan.inheritable & ~plan.bounding) {
      throw ConfigError(
        pointer + "/inheritable", "has " + quoted(lacking) + ", which is not in bounding")
    }
    // The kernel raises an ambient capability only with both (CVE-2016-8867 raised them for all). No
    // warning: Buildah asks for it in every container, and would show one in each step of a build.
    plan.ambient &= plan.permitted & plan.inheritable
    warnings += reader.warnings
    return plan
  }

  /// The first of `set`; nil for none.
  private static func name(of set: UInt64) -> ByteString? {
    set == 0 ? nil : Capability.names[set.trailingZeroBitCount]
  }

  private struct Reader {
    let lastCapability: Int
    let grantable: UInt64
    let pointer: ByteString
    var warnings = [ByteString]()
    /// Each is told once, with the place of the first.
    var told = [ByteString]()

    mutating func set(_ names: [ByteString], _ member: ByteString) -> UInt64 {
      var set: UInt64 = 0
      for (position, name) in names.enumerated() {
        let reason: ByteString
        if told.contains(name) { continue }
        if let number = Capability.number(of: name), number <= lastCapability {
          if grantable >> UInt64(number) & 1 == 1 {
            set |= 1 << UInt64(number)
            continue
          }
          reason = " cannot be granted, the runtime does not have it"
        } else {
          let names = Capability.names
          let upper = name.uppercased
          let near =
            names.contains("CAP_" + upper) ? "CAP_" + upper : upper.nearest(among: names)
          reason =
            " is not a capability of this kernel"
            + (near.map { ": did you mean " + quoted($0) + "?" } ?? "")
        }
        told.append(name)
        warnings.append(
          pointer + "/" + member + "/" + ByteString(decimal: position) + ": " + quoted(name)
            + reason)
      }
      return set
    }
  }
}

extension CapabilityPlan {
  /// Empties the bounding set of all that is not listed. Needs CAP_SETPCAP, so it comes before
  /// anything is given up.
  package func dropBounding() throws(SyscallError) {
    for number in 0...lastCapability where bounding >> UInt64(number) & 1 == 0 {
      // One that the kernel does not have is not in the set either.
      _ = try Capability.dropFromBoundingSet(number)
    }
  }

  /// Sets permitted, effective, inheritable and ambient; after the change of user, which clears the
  /// effective set. `exec` takes its sets from the same plan: none of them fills inheritable by
  /// itself (CVE-2022-27650, CVE-2022-29162).
  ///
  /// `kept` is held beside them up to execve, which makes the program's sets of the bounding, the
  /// inheritable and the ambient one, for root as for others. Only under no_new_privs it looks at
  /// permitted too: then nothing may be kept.
  package func apply(keeping kept: UInt64 = 0) throws(SyscallError) {
    try sets(keeping: kept).apply()
    try Capability.clearAmbient()
    for number in 0...lastCapability where ambient >> UInt64(number) & 1 == 1 {
      try Capability.raiseAmbient(number)
    }
  }

  /// Asks the kernel what we hold now.
  package func verify(keeping kept: UInt64 = 0) throws(SyscallError) {
    if try CapabilitySets.current() != sets(keeping: kept) {
      throw .unmet("the kernel did not set the capabilities that were asked for")
    }
  }

  private func sets(keeping kept: UInt64) -> CapabilitySets {
    CapabilitySets(
      effective: effective | kept, permitted: permitted | kept, inheritable: inheritable)
  }
}
