package import Bytes

/// The limits of `linux.resources`, and of `update --resources` (runtime-spec, config-linux.md,
/// "Control groups"). What is absent is left as it is.
package struct Resources: Equatable, Sendable {
  /// Absent and empty differ for an update: only the second replaces the list.
  package var devices: [DeviceRule]?
  package var memory: Memory?
  package var cpu: CPU?
  package var pids: Pids?
  package var blockIO: BlockIO?
  package var hugepageLimits: [HugepageLimit]
  package var network: Network?
  /// Keyed by RDMA device.
  package var rdma: [Entry<RDMA>]
  /// Keyed by the name of a cgroup v2 file.
  package var unified: [Entry<ByteString>]

  package init(
    devices: [DeviceRule]? = nil,
    memory: Memory? = nil,
    cpu: CPU? = nil,
    pids: Pids? = nil,
    blockIO: BlockIO? = nil,
    hugepageLimits: [HugepageLimit] = [],
    network: Network? = nil,
    rdma: [Entry<RDMA>] = [],
    unified: [Entry<ByteString>] = []
  ) {
    self.devices = devices
    self.memory = memory
    self.cpu = cpu
    self.pids = pids
    self.blockIO = blockIO
    self.hugepageLimits = hugepageLimits
    self.network = network
    self.rdma = rdma
    self.unified = unified
  }
}

extension Resources {
  package struct DeviceRule: Equatable, Sendable {
    package var allow: Bool
    package var type: ByteString?
    /// Absent and −1 stand for every number.
    package var major: Int64?
    package var minor: Int64?
    package var access: ByteString?

    package init(
      allow: Bool,
      type: ByteString? = nil,
      major: Int64? = nil,
      minor: Int64? = nil,
      access: ByteString? = nil
    ) {
      self.allow = allow
      self.type = type
      self.major = major
      self.minor = minor
      self.access = access
    }
  }

  /// In bytes; −1 is no limit.
  package struct Memory: Equatable, Sendable {
    package var limit: Int64?
    package var reservation: Int64?
    /// Memory and swap together, as cgroup v1 counts.
    package var swap: Int64?
    package var kernel: Int64?
    package var kernelTCP: Int64?
    package var swappiness: UInt64?
    package var disableOOMKiller: Bool?
    package var useHierarchy: Bool?
    package var checkBeforeUpdate: Bool

    package init(
      limit: Int64? = nil,
      reservation: Int64? = nil,
      swap: Int64? = nil,
      kernel: Int64? = nil,
      kernelTCP: Int64? = nil,
      swappiness: UInt64? = nil,
      disableOOMKiller: Bool? = nil,
      useHierarchy: Bool? = nil,
      checkBeforeUpdate: Bool = false
    ) {
      self.limit = limit
      self.reservation = reservation
      self.swap = swap
      self.kernel = kernel
      self.kernelTCP = kernelTCP
      self.swappiness = swappiness
      self.disableOOMKiller = disableOOMKiller
      self.useHierarchy = useHierarchy
      self.checkBeforeUpdate = checkBeforeUpdate
    }
  }

  /// Times in microseconds.
  package struct CPU: Equatable, Sendable {
    package var shares: UInt64?
    package var quota: Int64?
    package var burst: UInt64?
    package var period: UInt64?
    package var realtimeRuntime: Int64?
    package var realtimePeriod: UInt64?
    package var cpus: ByteString?
    package var mems: ByteString?
    package var idle: Int64?

    package init(
      shares: UInt64? = nil,
      quota: Int64? = nil,
      burst: UInt64? = nil,
      period: UInt64? = nil,
      realtimeRuntime: Int64? = nil,
      realtimePeriod: UInt64? = nil,
      cpus: ByteString? = nil,
      mems: ByteString? = nil,
      idle: Int64? = nil
    ) {
      self.shares = shares
      self.quota = quota
      self.burst = burst
      self.period = period
      self.realtimeRuntime = realtimeRuntime
      self.realtimePeriod = realtimePeriod
      self.cpus = cpus
      self.mems = mems
      self.idle = idle
    }
  }

  package struct Pids: Equatable, Sendable {
    /// 0 forbids every further process; −1 is no limit.
    package var limit: Int64

    package init(limit: Int64) {
      self.limit = limit
    }
  }

  package struct BlockIO: Equatable, Sendable {
    package var weight: UInt16?
    package var leafWeight: UInt16?
    package var weightDevice: [WeightDevice]
    package var throttleReadBpsDevice: [ThrottleDevice]
    package var throttleWriteBpsDevice: [ThrottleDevice]
    package var throttleReadIOPSDevice: [ThrottleDevice]
    package var throttleWriteIOPSDevice: [ThrottleDevice]

    package init(
      weight: UInt16? = nil,
      leafWeight: UInt16? = nil,
      weightDevice: [WeightDevice] = [],
      throttleReadBpsDevice: [ThrottleDevice] = [],
      throttleWriteBpsDevice: [ThrottleDevice] = [],
      throttleReadIOPSDevice: [ThrottleDevice] = [],
      throttleWriteIOPSDevice: [ThrottleDevice] = []
    ) {
      self.weight = weight
      self.leafWeight = leafWeight
      self.weightDevice = weightDevice
      self.throttleReadBpsDevice = throttleReadBpsDevice
      self.throttleWriteBpsDevice = throttleWriteBpsDevice
      self.throttleReadIOPSDevice = throttleReadIOPSDevice
      self.throttleWriteIOPSDevice = throttleWriteIOPSDevice
    }
  }

  package struct WeightDevice: Equatable, Sendable {
    package var major: Int64
    package var minor: Int64
    package var weight: UInt16?
    package var leafWeight: UInt16?

    package init(major: Int64, minor: Int64, weight: UInt16? = nil, leafWeight: UInt16? = nil) {
      self.major = major
      self.minor = minor
      self.weight = weight
      self.leafWeight = leafWeight
    }
  }

  package struct ThrottleDevice: Equatable, Sendable {
    package var major: Int64
    package var minor: Int64
    /// Bytes or operations a second.
    package var rate: UInt64

    package init(major: Int64, minor: Int64, rate: UInt64) {
      self.major = major
      self.minor = minor
      self.rate = rate
    }
  }

  package struct HugepageLimit: Equatable, Sendable {
    /// `2MB`, `1GB`: digits and one of KB, MB, GB.
    package var pageSize: ByteString
    /// In bytes.
    package var limit: UInt64

    package init(pageSize: ByteString, limit: UInt64) {
      self.pageSize = pageSize
      self.limit = limit
    }
  }

  package struct Network: Equatable, Sendable {
    package var classID: UInt32?
    package var priorities: [NetworkPriority]

    package init(classID: UInt32? = nil, priorities: [NetworkPriority] = []) {
      self.classID = classID
      self.priorities = priorities
    }
  }

  package struct NetworkPriority: Equatable, Sendable {
    package var name: ByteString
    package var priority: UInt32

    package init(name: ByteString, priority: UInt32) {
      self.name = name
      self.priority = priority
    }
  }

  package struct RDMA: Equatable, Sendable {
    package var hcaHandles: UInt32?
    package var hcaObjects: UInt32?

    package init(hcaHandles: UInt32? = nil, hcaObjects: UInt32? = nil) {
      self.hcaHandles = hcaHandles
      self.hcaObjects = hcaObjects
    }
  }
}
