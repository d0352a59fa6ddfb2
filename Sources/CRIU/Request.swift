package import Bytes

/// What CRIU is asked for (`criu_req_type` of its rpc.proto).
package enum CRIUAction: UInt64, Sendable {
  case dump = 1
  case restore = 2
  case check = 3
  case preDump = 4
  case notify = 6
  case featureCheck = 9
  case version = 10
}

/// How CRIU treats cgroups (`criu_cg_mode`).
package enum CRIUCgroupMode: UInt64, Sendable {
  case ignore = 0
  case none = 1
  case properties = 2
  case soft = 3
  case full = 4
  case strict = 5
}

extension CRIUCgroupMode {
  /// By the words of `--manage-cgroups-mode`.
  package init(_ word: ByteString?) {
    self =
      switch word {
      case "soft": .soft
      case "full": .full
      case "strict": .strict
      default: .ignore
      }
  }
}

package enum CRIUNetworkLock: UInt64, Sendable {
  case iptables = 1
  case nftables = 2
  case skip = 3

  package init?(_ word: ByteString?) {
    switch word {
    case "iptables": self = .iptables
    case "nftables": self = .nftables
    case "skip": self = .skip
    default: return nil
    }
  }
}

/// A mount, a descriptor or a namespace that CRIU finds outside of its images: what it is called in them,
/// and what it is now.
package struct CRIUExternal: Equatable, Sendable {
  package let key: ByteString
  package let value: ByteString

  package init(key: ByteString, value: ByteString) {
    self.key = key
    self.value = value
  }
}

package struct CRIUPageServer: Equatable, Sendable {
  package let address: ByteString
  package let port: Int32

  package init(address: ByteString, port: Int32) {
    self.address = address
    self.port = port
  }
}

/// `criu_opts`, as far as a container needs it. Numbers of descriptors are this process's, except those of
/// `inherited`, which CRIU itself has.
package struct CRIUOptions: Equatable, Sendable {
  package var images: Int32
  package var work: Int32?
  package var pid: Int32?
  package var root: ByteString?
  package var logFile: ByteString = "criu.log"
  package var parentImages: ByteString?
  package var configFile: ByteString?
  package var cgroupMode: CRIUCgroupMode = .ignore
  /// The freezer that CRIU uses, a directory of cgroup v2.
  package var freezer: ByteString?
  package var networkLock: CRIUNetworkLock?
  package var pageServer: CRIUPageServer?
  /// Flags of clone(2) of the namespaces that are restored without what is in them.
  package var emptyNamespaces: UInt64?
  package var statusDescriptor: Int32?
  package var lsmProfile: ByteString?
  package var lsmMountContext: ByteString?
  package var mounts: [CRIUExternal] = []
  package var externals: [ByteString] = []
  package var inherited: [(key: ByteString, descriptor: Int32)] = []
  package var joined: [(kind: ByteString, path: ByteString)] = []
  package var flags: CRIUFlags = []

  package init(images: Int32) { self.images = images }

  package static func == (left: CRIUOptions, right: CRIUOptions) -> Bool {
    left.encoded == right.encoded
  }

  /// Every field by its number in rpc.proto.
  var encoded: ProtobufWriter {
    var message = ProtobufWriter()
    message.add(1, images)
    if let pid { message.add(2, pid) }
    // Debugging messages: what went wrong is said in them.
    message.add(9, 4 as Int32)
    message.add(10, logFile)
    if let pageServer {
      var server = ProtobufWriter()
      server.add(1, pageServer.address)
      server.add(2, pageServer.port)
      message.add(11, server)
    }
    message.add(12, true)
    if let root { message.add(13, root) }
    if let parentImages { message.add(14, parentImages) }
    if let work { message.add(17, work) }
    encodeOutside(&message)
    message.add(34, cgroupMode.rawValue)
    if cgroupMode != .ignore { message.add(24, true) }
    // Of the hierarchies only the unified one: v1 ones would be mounted, and copied into.
    message.add(43, "" as ByteString)
    if let emptyNamespaces { message.add(38, emptyNamespaces) }
    if let freezer { message.add(44, freezer) }
    if let statusDescriptor { message.add(49, statusDescriptor) }
    if let configFile { message.add(51, configFile) }
    if let lsmProfile { message.add(53, lsmProfile) }
    if let lsmMountContext { message.add(63, lsmMountContext) }
    if let networkLock { message.add(64, networkLock.rawValue) }
    for (flag, field) in CRIUFlags.fields where flags.contains(flag) { message.add(field, true) }
    return message
  }
}

extension CRIUOptions {
  /// What is outside of the images.
  private func encodeOutside(_ message: inout ProtobufWriter) {
    for mount in mounts {
      var pair = ProtobufWriter()
      pair.add(1, mount.key)
      pair.add(2, mount.value)
      message.add(23, pair)
    }
    for external in externals { message.add(37, external) }
    for inherited in inherited {
      var pair = ProtobufWriter()
      pair.add(1, inherited.key)
      pair.add(2, inherited.descriptor)
      message.add(27, pair)
    }
    for joined in joined {
      var pair = ProtobufWriter()
      pair.add(1, joined.kind)
      pair.add(2, joined.path)
      message.add(39, pair)
    }
  }
}

/// The members of `criu_opts` that are yes or no.
package struct CRIUFlags: OptionSet, Sendable {
  package let rawValue: UInt32
  package init(rawValue: UInt32) { self.rawValue = rawValue }

  package static let leaveRunning = CRIUFlags(rawValue: 1 << 0)
  package static let externalUnixSockets = CRIUFlags(rawValue: 1 << 1)
  package static let tcpEstablished = CRIUFlags(rawValue: 1 << 2)
  package static let evasiveDevices = CRIUFlags(rawValue: 1 << 3)
  package static let shellJob = CRIUFlags(rawValue: 1 << 4)
  package static let fileLocks = CRIUFlags(rawValue: 1 << 5)
  package static let trackMemory = CRIUFlags(rawValue: 1 << 6)
  package static let autoDedup = CRIUFlags(rawValue: 1 << 7)
  package static let linkRemap = CRIUFlags(rawValue: 1 << 8)
  package static let restoreAsSibling = CRIUFlags(rawValue: 1 << 9)
  package static let tcpSkipInFlight = CRIUFlags(rawValue: 1 << 10)
  package static let lazyPages = CRIUFlags(rawValue: 1 << 11)
  package static let orphanTerminalMaster = CRIUFlags(rawValue: 1 << 12)
  package static let tcpClose = CRIUFlags(rawValue: 1 << 13)

  /// Those that a command line names.
  package static func named(_ name: ByteString) -> CRIUFlags {
    switch name {
    case "leave-running": .leaveRunning
    case "ext-unix-sk": .externalUnixSockets
    case "tcp-established": .tcpEstablished
    case "tcp-skip-in-flight": .tcpSkipInFlight
    case "tcp-close": .tcpClose
    case "shell-job": .shellJob
    case "file-locks": .fileLocks
    case "auto-dedup": .autoDedup
    case "link-remap": .linkRemap
    case "lazy-pages": .lazyPages
    default: []
    }
  }

  static var fields: [(CRIUFlags, UInt32)] {
    [
      (.leaveRunning, 3), (.externalUnixSockets, 4), (.tcpEstablished, 5), (.evasiveDevices, 6),
      (.shellJob, 7), (.fileLocks, 8), (.trackMemory, 15), (.autoDedup, 16), (.linkRemap, 18),
      (.restoreAsSibling, 26), (.tcpSkipInFlight, 46), (.lazyPages, 48),
      (.orphanTerminalMaster, 50), (.tcpClose, 52),
    ]
  }
}

/// `criu_features`: what the kernel and CRIU can do together.
package struct CRIUFeatures: OptionSet, Sendable {
  package let rawValue: UInt32
  package init(rawValue: UInt32) { self.rawValue = rawValue }

  /// Pages that were written since a pre-dump are known (CONFIG_MEM_SOFT_DIRTY).
  package static let trackMemory = CRIUFeatures(rawValue: 1 << 1)
  package static let lazyPages = CRIUFeatures(rawValue: 1 << 2)
}

/// One message to CRIU (`criu_req`).
package struct CRIURequest: Equatable, Sendable {
  let action: CRIUAction
  let options: CRIUOptions?
  let features: CRIUFeatures

  package init(_ action: CRIUAction, _ options: CRIUOptions? = nil, features: CRIUFeatures = []) {
    self.action = action
    self.options = options
    self.features = features
  }

  package var encoded: [UInt8] {
    var message = ProtobufWriter()
    message.add(1, action.rawValue)
    if let options { message.add(2, options.encoded) }
    if action == .notify { message.add(3, true) }
    if action == .featureCheck {
      var asked = ProtobufWriter()
      if features.contains(.trackMemory) { asked.add(1, true) }
      if features.contains(.lazyPages) { asked.add(2, true) }
      message.add(5, asked)
    }
    return message.bytes
  }
}
