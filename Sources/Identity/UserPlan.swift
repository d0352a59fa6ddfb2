package import Bytes
package import Linux
package import OCISpec

/// User, groups and file mode mask of the program, as its user namespace counts them.
package struct UserPlan: Equatable, Sendable {
  package var user: UInt32
  package var group: UInt32
  /// All supplementary groups: an empty list drops those of the caller (PR-9).
  package var additionalGroups: [UInt32]
  /// 0022 if the configuration has none, for init and `exec` alike (PR-8).
  package var umask: UInt32
  /// Whether this is inside a user namespace, the container's or the caller's, which may deny
  /// setgroups(2): then none can be asked for, and those of the caller stay, as the kernel has it.
  package var mayLackGroups: Bool = false
  /// Whether the caller's groups stay, with none added (`run.oci.keep_original_groups`).
  package var keepsGroups: Bool = false

  /// The id that setresuid(2) takes for "leave as it is": a process with it would keep being root.
  private static var none: UInt32 { .max }

  package static func make(
    _ user: OCISpec.Process.User, mayLackGroups: Bool = false, keepsGroups: Bool = false,
    pointer: ByteString
  ) throws(ConfigError) -> UserPlan {
    if user.uid == none { throw ConfigError(pointer + "/uid", "not a user id") }
    if user.gid == none { throw ConfigError(pointer + "/gid", "not a group id") }
    for (position, group) in user.additionalGids.enumerated() where group == none {
      throw ConfigError(
        pointer + "/additionalGids/" + ByteString(decimal: position), "not a group id")
    }
    if user.additionalGids.count > 65536 {
      throw ConfigError(pointer + "/additionalGids", "more than the kernel's 65536 groups")
    }
    if keepsGroups, !user.additionalGids.isEmpty {
      throw ConfigError(
        pointer + "/additionalGids", "are not set while run.oci.keep_original_groups keeps others")
    }
    if let umask = user.umask, umask > 0o777 {
      throw ConfigError(pointer + "/umask", "not a mode mask")
    }
    return UserPlan(
      user: user.uid, group: user.gid, additionalGroups: user.additionalGids,
      umask: user.umask ?? 0o022, mayLackGroups: mayLackGroups,
      keepsGroups: keepsGroups)
  }
}

extension UserPlan {
  /// Groups, group, user, in this order: each needs rights that the next gives up. Capabilities
  /// survive for `CapabilityPlan.apply`.
  package func apply() throws(SyscallError) {
    if user != 0 { try Capability.setKeepOnUserChange(true) }
    do throws(SyscallError) {
      if !keepsGroups { try Credentials.setGroups(additionalGroups) }
    } catch {
      guard deniesGroups, error.errno == .EPERM else { throw error }
    }
    try Credentials.setGroup(group)
    try Credentials.setUser(user)
    if user != 0 { try Capability.setKeepOnUserChange(false) }
  }

  private var deniesGroups: Bool { mayLackGroups && additionalGroups.isEmpty }

  /// Asks the kernel who we are now (security: no silent downgrade).
  package func verify() throws(SyscallError) {
    guard Credentials.userID == user, Credentials.effectiveUserID == user else {
      throw .unmet("the kernel did not set the user id " + ByteString(decimal: user))
    }
    guard Credentials.groupID == group, Credentials.effectiveGroupID == group else {
      throw .unmet("the kernel did not set the group id " + ByteString(decimal: group))
    }
    if !deniesGroups, !keepsGroups, try Credentials.groups().count != additionalGroups.count {
      throw .unmet("the kernel did not set the supplementary groups")
    }
  }
}
