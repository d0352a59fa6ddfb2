package import Bytes

/// The `linux` object of `config.json` (runtime-spec, config-linux.md).
package struct LinuxSection: Equatable, Sendable {
  package var namespaces: [Namespace]
  package var uidMappings: [IDMapping]
  package var gidMappings: [IDMapping]
  /// Keyed by clock name.
  package var timeOffsets: [Entry<TimeOffset>]
  package var devices: [Device]
  /// Keyed by the name of the interface on the host.
  package var netDevices: [Entry<NetDevice>]
  package var cgroupsPath: ByteString?
  package var resources: Resources
  package var rootfsPropagation: ByteString?
  package var maskedPaths: [ByteString]
  package var readonlyPaths: [ByteString]
  package var mountLabel: ByteString?
  package var seccomp: SeccompSection?
  package var sysctl: [Entry<ByteString>]
  package var personality: Personality?
  package var memoryPolicy: MemoryPolicy?
  package var intelRdt: IntelRdt?

  package init(
    namespaces: [Namespace] = [],
    uidMappings: [IDMapping] = [],
    gidMappings: [IDMapping] = [],
    timeOffsets: [Entry<TimeOffset>] = [],
    devices: [Device] = [],
    netDevices: [Entry<NetDevice>] = [],
    cgroupsPath: ByteString? = nil,
    resources: Resources = Resources(),
    rootfsPropagation: ByteString? = nil,
    maskedPaths: [ByteString] = [],
    readonlyPaths: [ByteString] = [],
    mountLabel: ByteString? = nil,
    seccomp: SeccompSection? = nil,
    sysctl: [Entry<ByteString>] = [],
    personality: Personality? = nil,
    memoryPolicy: MemoryPolicy? = nil,
    intelRdt: IntelRdt? = nil
  ) {
    self.namespaces = namespaces
    self.uidMappings = uidMappings
    self.gidMappings = gidMappings
    self.timeOffsets = timeOffsets
    self.devices = devices
    self.netDevices = netDevices
    self.cgroupsPath = cgroupsPath
    self.resources = resources
    self.rootfsPropagation = rootfsPropagation
    self.maskedPaths = maskedPaths
    self.readonlyPaths = readonlyPaths
    self.mountLabel = mountLabel
    self.seccomp = seccomp
    self.sysctl = sysctl
    self.personality = personality
    self.memoryPolicy = memoryPolicy
    self.intelRdt = intelRdt
  }
}

extension LinuxSection {
  package struct Namespace: Equatable, Sendable {
    package var type: ByteString
    /// The namespace to join; absent, also when written as an empty string, asks for a new one
    /// (NS-2).
    package var path: ByteString?

    package init(type: ByteString, path: ByteString? = nil) {
      self.type = type
      self.path = path
    }
  }

  package struct TimeOffset: Equatable, Sendable {
    package var secs: Int64
    package var nanosecs: UInt32

    package init(secs: Int64 = 0, nanosecs: UInt32 = 0) {
      self.secs = secs
      self.nanosecs = nanosecs
    }
  }

  package struct Device: Equatable, Sendable {
    package var type: ByteString
    package var path: ByteString
    package var major: Int64?
    package var minor: Int64?
    package var fileMode: UInt32?
    package var uid: UInt32?
    package var gid: UInt32?

    package init(
      type: ByteString,
      path: ByteString,
      major: Int64? = nil,
      minor: Int64? = nil,
      fileMode: UInt32? = nil,
      uid: UInt32? = nil,
      gid: UInt32? = nil
    ) {
      self.type = type
      self.path = path
      self.major = major
      self.minor = minor
      self.fileMode = fileMode
      self.uid = uid
      self.gid = gid
    }
  }

  package struct NetDevice: Equatable, Sendable {
    /// The name inside; absent keeps the one outside.
    package var name: ByteString?

    package init(name: ByteString? = nil) {
      self.name = name
    }
  }

  package struct Personality: Equatable, Sendable {
    package var domain: ByteString
    package var flags: [ByteString]

    package init(domain: ByteString, flags: [ByteString] = []) {
      self.domain = domain
      self.flags = flags
    }
  }

  package struct MemoryPolicy: Equatable, Sendable {
    package var mode: ByteString
    package var nodes: ByteString?
    package var flags: [ByteString]

    package init(mode: ByteString, nodes: ByteString? = nil, flags: [ByteString] = []) {
      self.mode = mode
      self.nodes = nodes
      self.flags = flags
    }
  }

  package struct IntelRdt: Equatable, Sendable {
    package var closID: ByteString?
    package var schemata: [ByteString]
    package var l3CacheSchema: ByteString?
    package var memBwSchema: ByteString?
    package var enableMonitoring: Bool

    package init(
      closID: ByteString? = nil,
      schemata: [ByteString] = [],
      l3CacheSchema: ByteString? = nil,
      memBwSchema: ByteString? = nil,
      enableMonitoring: Bool = false
    ) {
      self.closID = closID
      self.schemata = schemata
      self.l3CacheSchema = l3CacheSchema
      self.memBwSchema = memBwSchema
      self.enableMonitoring = enableMonitoring
    }
  }
}
