import Bytes
import Hooks
import Identity
import Linux
import Namespaces
import OCISpec

/// Rules that concern more than one domain.
enum Validation {
  static func check(_ annotations: [Entry<ByteString>]) throws(ConfigError) {
    if annotations.isEmpty { return }
    for (name, reason) in Annotation.refused where annotations[name] != nil {
      throw ConfigError("/annotations/" + name, reason)
    }
  }

  /// A deadline task cannot fork, and it takes rights to become one that a hook at that time does
  /// not have any more (SC-6).
  static func check(_ scheduler: SchedulerPlan?, _ hooks: HookPlan) throws(ConfigError) {
    guard let scheduler, scheduler.forbidsFork, !hooks[.startContainer].isEmpty else { return }
    throw ConfigError(
      "/process/scheduler/flags",
      "SCHED_DEADLINE with startContainer hooks needs SCHED_FLAG_RESET_ON_FORK")
  }

  static func check(_ config: Config, _ namespaces: NamespacePlan, host: HostFacts)
    throws(ConfigError)
  {
    if host.effectiveUserID != 0, !namespaces.has(.user) {
      throw ConfigError("/linux/namespaces", "without root a user namespace is needed")
    }
    for (index, mount) in config.mounts.enumerated()
    where !(mount.uidMappings.isEmpty && mount.gidMappings.isEmpty) {
      let pointer = "/mounts/" + ByteString(decimal: index)
      _ = try IDMapPlan.checked(mount.uidMappings, pointer: pointer + "/uidMappings")
      _ = try IDMapPlan.checked(mount.gidMappings, pointer: pointer + "/gidMappings")
    }
    if let maps = namespaces.idMaps {
      try check(config.process?.user ?? .init(uid: 0, gid: 0), maps, host: host)
    }
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

  /// An id without a map would be the overflow id, which owns files of others. Root is who init is
  /// until it is the program.
  private static func check(_ user: Process.User, _ maps: IDMapPlan, host: HostFacts)
    throws(ConfigError)
  {
    if !maps.hasUser(0) { throw ConfigError("/linux/uidMappings", "does not map 0, the root") }
    if !maps.hasGroup(0) { throw ConfigError("/linux/gidMappings", "does not map 0, the root") }
    let pointer: ByteString = "/process/user"
    if !maps.hasUser(user.uid) { throw unmapped(pointer + "/uid", user.uid, "uidMappings") }
    if !maps.hasGroup(user.gid) { throw unmapped(pointer + "/gid", user.gid, "gidMappings") }
    for (index, group) in user.additionalGids.enumerated() {
      let here = pointer + "/additionalGids/" + ByteString(decimal: index)
      if !maps.hasGroup(group) { throw unmapped(here, group, "gidMappings") }
      if maps.writer(host: host) == .ownIDs {
        throw ConfigError(here, "an unprivileged map of the own group alone allows no others")
      }
    }
  }

  private static func unmapped(_ pointer: ByteString, _ id: UInt32, _ member: ByteString)
    -> ConfigError
  {
    ConfigError(pointer, ByteString(decimal: id) + " is not in /linux/" + member)
  }
}
