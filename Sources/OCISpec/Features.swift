package import Bytes

/// The Features document (runtime-spec, features.md): what this build supports, whatever the host.
package struct Features: Equatable, Sendable {
  package var hooks: [ByteString]
  package var mountOptions: [ByteString]
  package var linux: LinuxFeatures
  package var annotations: [Entry<ByteString>]
  /// Annotations that change behaviour; one that ends in a dot stands for a prefix.
  package var potentiallyUnsafeConfigAnnotations: [ByteString]

  package init(
    hooks: [ByteString] = [],
    mountOptions: [ByteString] = [],
    linux: LinuxFeatures = LinuxFeatures(),
    annotations: [Entry<ByteString>] = [],
    potentiallyUnsafeConfigAnnotations: [ByteString] = []
  ) {
    self.hooks = hooks
    self.mountOptions = mountOptions
    self.linux = linux
    self.annotations = annotations
    self.potentiallyUnsafeConfigAnnotations = potentiallyUnsafeConfigAnnotations
  }
}

extension Features {
  package struct LinuxFeatures: Equatable, Sendable {
    package var namespaces: [ByteString]
    package var capabilities: [ByteString]
    package var cgroup: Cgroup
    package var seccomp: Seccomp
    package var apparmor: Bool
    package var selinux: Bool
    package var intelRdt: IntelRdt
    package var memoryPolicy: MemoryPolicy
    package var idmapMounts: Bool
    package var netDevices: Bool

    package init(
      namespaces: [ByteString] = [],
      capabilities: [ByteString] = [],
      cgroup: Cgroup = Cgroup(),
      seccomp: Seccomp = Seccomp(),
      apparmor: Bool = false,
      selinux: Bool = false,
      intelRdt: IntelRdt = IntelRdt(),
      memoryPolicy: MemoryPolicy = MemoryPolicy(),
      idmapMounts: Bool = false,
      netDevices: Bool = false
    ) {
      self.namespaces = namespaces
      self.capabilities = capabilities
      self.cgroup = cgroup
      self.seccomp = seccomp
      self.apparmor = apparmor
      self.selinux = selinux
      self.intelRdt = intelRdt
      self.memoryPolicy = memoryPolicy
      self.idmapMounts = idmapMounts
      self.netDevices = netDevices
    }
  }

  package struct Cgroup: Equatable, Sendable {
    package var v1: Bool
    package var v2: Bool
    package var systemd: Bool
    package var systemdUser: Bool
    package var rdma: Bool

    package init(
      v1: Bool = false,
      v2: Bool = false,
      systemd: Bool = false,
      systemdUser: Bool = false,
      rdma: Bool = false
    ) {
      self.v1 = v1
      self.v2 = v2
      self.systemd = systemd
      self.systemdUser = systemdUser
      self.rdma = rdma
    }
  }

  package struct Seccomp: Equatable, Sendable {
    package var enabled: Bool
    package var actions: [ByteString]
    package var operators: [ByteString]
    package var archs: [ByteString]
    package var knownFlags: [ByteString]
    package var supportedFlags: [ByteString]

    package init(
      enabled: Bool = false,
      actions: [ByteString] = [],
      operators: [ByteString] = [],
      archs: [ByteString] = [],
      knownFlags: [ByteString] = [],
      supportedFlags: [ByteString] = []
    ) {
      self.enabled = enabled
      self.actions = actions
      self.operators = operators
      self.archs = archs
      self.knownFlags = knownFlags
      self.supportedFlags = supportedFlags
    }
  }

  package struct IntelRdt: Equatable, Sendable {
    package var enabled: Bool
    package var schemata: Bool
    package var monitoring: Bool

    package init(enabled: Bool = false, schemata: Bool = false, monitoring: Bool = false) {
      self.enabled = enabled
      self.schemata = schemata
      self.monitoring = monitoring
    }
  }

  package struct MemoryPolicy: Equatable, Sendable {
    package var modes: [ByteString]
    package var flags: [ByteString]

    package init(modes: [ByteString] = [], flags: [ByteString] = []) {
      self.modes = modes
      self.flags = flags
    }
  }
}
