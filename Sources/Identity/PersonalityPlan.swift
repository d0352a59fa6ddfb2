package import Bytes
package import Linux
package import OCISpec

/// The execution domain of the program (personality(2)): which machine uname(2) shows.
package struct PersonalityPlan: Equatable, Sendable {
  package var domain: UInt32

  package static let domains: [(name: ByteString, number: UInt32)] = [
    ("LINUX", 0x0000), ("LINUX32", 0x0008),
  ]

  package static func make(
    _ section: LinuxSection.Personality, pointer: ByteString
  ) throws(ConfigError) -> PersonalityPlan {
    guard let domain = domains.first(where: { $0.name == section.domain })?.number else {
      throw ConfigError(pointer + "/domain", "unknown execution domain " + quoted(section.domain))
    }
    // The specification has the member and no value for it (LX-7, VV-1).
    if let flag = section.flags.first {
      throw ConfigError(pointer + "/flags/0", "unknown personality flag " + quoted(flag))
    }
    return PersonalityPlan(domain: domain)
  }

  package func apply() throws(SyscallError) { try Scheduling.setPersonality(domain) }
}
