package import Bytes
package import Cgroups
package import Hooks
package import Identity
package import Linux
package import Namespaces
package import OCISpec
package import Resctrl
package import Rootfs
package import Seccomp

/// What both `create` and `exec` do to the process that becomes the program.
package struct ExecutionPlan: Equatable, Sendable {
  /// nil for a container without a process, which can be created and never started (OP-9).
  package var program: ProgramPlan?
  package var identity: IdentityPlan
  package var personality: PersonalityPlan?
  package var memoryPolicy: MemoryPolicyPlan?
  package var seccomp: SeccompPlan?
  /// The session keyring's name; nil keeps the caller's.
  package var keyring: ByteString?

  /// Capabilities that the process has until execve, beside those of its plan.
  package var keptCapabilities: UInt64 {
    seccomp?.needsRights == true ? Capability.systemAdministration : 0
  }
}

/// What the command line adds to a configuration.
package struct CreateRequest: Equatable, Sendable {
  package var id: ByteString
  /// Absolute.
  package var bundle: ByteString
  package var cgroupManager: CgroupManagerKind
  package var noPivot: Bool
  package var noNewKeyring: Bool
  /// Makes the name of the session keyring one that nobody can guess.
  package var keyringNonce: UInt64?
  /// On the host, absolute: what the container gets to say that it is ready; nil if nobody waits.
  package var notifyDirectory: ByteString?

  package init(
    id: ByteString, bundle: ByteString, cgroupManager: CgroupManagerKind, noPivot: Bool = false,
    noNewKeyring: Bool = false, keyringNonce: UInt64? = nil, notifyDirectory: ByteString? = nil
  ) {
    self.id = id
    self.bundle = bundle
    self.cgroupManager = cgroupManager
    self.noPivot = noPivot
    self.noNewKeyring = noNewKeyring
    self.keyringNonce = keyringNonce
    self.notifyDirectory = notifyDirectory
  }
}

/// A container, complete and checked, before anything of it exists.
package struct CreatePlan: Equatable, Sendable {
  package var id: ByteString
  package var bundle: ByteString
  package var rootfs: RootfsPlan
  package var namespaces: NamespacePlan
  package var cgroup: CgroupPlan
  package var resctrl: ResctrlPlan?
  package var hooks: HookPlan
  package var exec: ExecutionPlan
  package var annotations: [Entry<ByteString>]
  package var noPivot: Bool
  /// Whether the container has a socket to say that it is ready.
  package var notifies = false
  /// Whether the runtime has rights of its own over namespaces.
  package var isPrivileged: Bool
  /// Whether that is so in a user namespace of the runtime's own alone.
  package var isInUserNamespace = false
  /// What the specification wants said without an error.
  package var warnings: [ByteString]
  package var steps: [InitStep] = []

  /// Whether the parent makes the network namespace, for which the kernel takes as long as for init's first
  /// mounts. One that belongs to a user namespace is made inside, and so needs no rights outside. In a user
  /// namespace it could not come back: its own network namespace belongs to another, as in rootless engines.
  package var makesNetworkBeside: Bool {
    isPrivileged && !isInUserNamespace && namespaces.creates(.network) && !namespaces.has(.user)
      && !namespaces.needsSecondClone
  }

  /// Whether the parent has work to do between the mounts and pivot_root, beside hooks.
  package var needsParentAfterMounts: Bool { !namespaces.devices.isEmpty }
}

extension CreatePlan {
  package static func make(_ config: Config, _ request: CreateRequest, host: HostFacts)
    throws(ConfigError) -> CreatePlan
  {
    var warnings = [ByteString]()
    try Validation.check(config.annotations)
    var namespaces = try NamespacePlan.make(config: config)
    namespaces.idMaps = try IDMapPlan.make(config.linux, namespaces: namespaces)
    namespaces.timeOffsets = try TimeOffsetPlan.make(config.linux, namespaces: namespaces)
    let devices = try NetworkDevicePlan.make(config.linux, namespaces: &namespaces, host: host)
    namespaces.devices = devices
    try Validation.check(config, namespaces, host: host)
    var plan = CreatePlan(
      id: request.id, bundle: request.bundle,
      rootfs: try RootfsPlan.make(
        config: config, bundle: request.bundle, hasMountNamespace: namespaces.has(.mount),
        noPivot: request.noPivot, host: host, warnings: &warnings),
      namespaces: namespaces,
      cgroup: try CgroupPlan.make(
        config: config, id: request.id, manager: request.cgroupManager, host: host,
        warnings: &warnings),
      resctrl: try config.linux.intelRdt.map { (section) throws(ConfigError) in
        try ResctrlPlan.make(section, id: request.id)
      },
      hooks: try HookPlan(config.hooks, config.annotations),
      exec: try ExecutionPlan.make(
        config.process, config: config, namespaces: namespaces, isInit: true,
        keyring: request.noNewKeyring
          ? nil : SessionKeyring.name(container: request.id, nonce: request.keyringNonce),
        host: host, pointer: "/process", warnings: &warnings),
      annotations: config.annotations, noPivot: request.noPivot,
      isPrivileged: host.effectiveUserID == 0, warnings: warnings)
    try Validation.check(plan.exec.identity.scheduler, plan.hooks)
    plan.rootfs.startsInside = namespaces.has(.user) && namespaces.creates(.mount)
    if let directory = request.notifyDirectory { plan.addNotifyMount(directory) }
    plan.isInUserNamespace = host.isInUserNamespace
    plan.steps = StepOrder.create(plan)
    return plan
  }
}

extension ExecutionPlan {
  /// `process` with what the container's configuration says about every process in it. `pointer` is
  /// where the process object stands.
  static func make(
    _ process: OCISpec.Process?, config: Config, namespaces: NamespacePlan, isInit: Bool,
    keyring: ByteString?, host: HostFacts, pointer: ByteString, warnings: inout [ByteString]
  ) throws(ConfigError) -> ExecutionPlan {
    // A container without a process still has an init, which waits: with the least there is.
    let identity = process ?? OCISpec.Process(cwd: "/", args: ["-"])
    let grantable = namespaces.has(.user) ? .max : host.permittedCapabilities
    let plan = ExecutionPlan(
      program: try process.map { (process) throws(ConfigError) in
        try ProgramPlan.make(process, pointer: pointer)
      },
      identity: try IdentityPlan.make(
        process: identity, isInit: isInit, lastCapability: host.lastCapability,
        grantable: grantable,
        mayLackGroups: namespaces.has(.user) || host.isInUserNamespace,
        keepsGroups: config.annotations[.keptGroups] == "1", pointer: pointer,
        warnings: &warnings),
      personality: try config.linux.personality.map { (personality) throws(ConfigError) in
        try PersonalityPlan.make(personality, pointer: "/linux/personality")
      },
      memoryPolicy: try config.linux.memoryPolicy.map { (policy) throws(ConfigError) in
        try MemoryPolicyPlan.make(policy, pointer: "/linux/memoryPolicy")
      },
      seccomp: try SeccompPlan.make(
        config.linux.seccomp, noNewPrivileges: identity.noNewPrivileges, kernel: host.kernel,
        pointer: "/linux/seccomp"),
      keyring: keyring)
    if process != nil, plan.keptCapabilities & ~grantable != 0 {
      throw ConfigError(
        "/linux/seccomp",
        "without noNewPrivileges a filter needs CAP_SYS_ADMIN, which the runtime does not have")
    }
    return plan
  }
}
