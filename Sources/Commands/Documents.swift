import Bytes
import Hooks
import Identity
import Linux
import Namespaces
package import OCISpec
package import Report
import Rootfs
import Seccomp

/// `spec` and `features`: commands without a container.
package enum Documents {
  package static func spec(_ options: SpecOptions) throws(CommandFailure) -> Int32 {
    let rootless =
      options.rootless
      ? SpecTemplate.Rootless(
        uid: Credentials.effectiveUserID, gid: Credentials.effectiveGroupID) : nil
    try Output.write(SpecTemplate.text(rootless: rootless), toNew: options.file, mode: 0o666)
    return 0
  }

  /// What is compiled in, whatever the host has (FT-1), from the tables that the code acts on.
  package static func features(checkpoints: Bool) -> Features {
    Features(
      hooks: HookKind.allCases.map { $0.name },
      mountOptions: MountOptionTable.names,
      linux: Features.LinuxFeatures(
        namespaces: NamespaceKind.names,
        capabilities: Capability.names,
        cgroup: .init(v1: false, v2: true, systemd: true, systemdUser: true, rdma: true),
        seccomp: .init(
          enabled: true,
          actions: SeccompNames.actions.map { $0.name.text },
          operators: SeccompNames.operators.map { $0.name.text },
          archs: FilterCompiler.architectures,
          knownFlags: SeccompNames.flags.map { $0.name.text },
          supportedFlags: SeccompNames.flags.map { $0.name.text }),
        apparmor: true, selinux: true,
        intelRdt: .init(enabled: true, schemata: true, monitoring: true),
        memoryPolicy: .init(
          modes: MemoryPolicyPlan.modes, flags: MemoryPolicyPlan.flags.map { $0.name }),
        idmapMounts: true, netDevices: true),
      annotations: [
        Entry("org.opencontainers.runc.checkpoint.enabled", checkpoints ? "true" : "false"),
        Entry("io.github.seccomp.libseccomp.version", FilterCompiler.libraryVersion),
      ],
      potentiallyUnsafeConfigAnnotations: ["org.systemd.property."]
        + Annotation.allCases.map { $0.name })
  }
}
