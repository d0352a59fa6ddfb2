package import Bytes
package import JSON
import Linux
package import OCISpec

/// What later commands must know about a container: they have no options of `create`, run in
/// another directory, perhaps after the bundle is gone.
///
/// It is written twice: as `creating`, with everything that is going to exist, before anything does;
/// and with the init that was started. So a `create` that is killed at any moment leaves nothing that
/// `delete --force` does not find.
package struct ContainerRecord: Equatable, Sendable {
  package var id: ByteString
  /// Absolute.
  package var bundle: ByteString
  /// Absolute.
  package var rootfs: ByteString
  /// When `create` began, in seconds and nanoseconds since 1970.
  package var createdSeconds: Int64
  package var createdNanoseconds: Int64
  /// nil until init is started.
  package var initProcess: InitIdentity?
  /// Below the cgroup2 mount point; nil without a cgroup.
  package var cgroupPath: ByteString?
  /// How many ancestors of the cgroup were there before it was made.
  package var cgroupBase: Int?
  /// The inode of the cgroup, which is recorded with init.
  package var cgroupInode: UInt64?
  /// Where cgroup2 was mounted.
  package var cgroupMountPoint: ByteString?
  /// `cgroupfs`, `systemd` or `disabled`.
  package var cgroupManager: ByteString
  /// Below the root of resctrl: what was made there for the container alone.
  package var resctrlDirectory: ByteString?
  /// The session keyring that `exec` joins too; nil keeps the caller's.
  package var keyring: ByteString?
  /// Which namespaces init was started in, by kind; empty where they could not be seen. `exec` joins
  /// no others, which init may have made for itself since.
  package var namespaces: [Entry<ByteString>] = []
  /// Whether init is the first process of a pid namespace of its own: then its death ends all processes of the container.
  package var ownsPidNamespace: Bool
  /// Whether the copy of the configuration has something for `start`, and for `delete`, beyond what is
  /// here: if not, they do not decode it.
  package var startNeedsConfig = true
  package var deleteNeedsConfig = true
  /// Those of the configuration: `state` prints them (AN-4).
  package var annotations: [Entry<ByteString>]
  /// Destination and source of each mount, for the tools that ask which volumes a container uses.
  package var mounts: [Entry<ByteString>]
  /// What `mounts add` has mounted since, and how many mounts the last one was to make.
  package var liveMounts: [LiveMount] = []
  package var addedMounts = 0
  /// The limits since the last `update`; nil while they are those of the configuration.
  package var resources: Resources?

  package init(
    id: ByteString, bundle: ByteString, rootfs: ByteString, createdSeconds: Int64,
    createdNanoseconds: Int64, initProcess: InitIdentity? = nil, cgroupPath: ByteString? = nil,
    cgroupMountPoint: ByteString? = nil, cgroupManager: ByteString,
    resctrlDirectory: ByteString? = nil, keyring: ByteString? = nil,
    ownsPidNamespace: Bool, annotations: [Entry<ByteString>] = [],
    mounts: [Entry<ByteString>] = []
  ) {
    self.id = id
    self.bundle = bundle
    self.rootfs = rootfs
    self.createdSeconds = createdSeconds
    self.createdNanoseconds = createdNanoseconds
    self.initProcess = initProcess
    self.cgroupPath = cgroupPath
    self.cgroupMountPoint = cgroupMountPoint
    self.cgroupManager = cgroupManager
    self.resctrlDirectory = resctrlDirectory
    self.keyring = keyring
    self.ownsPidNamespace = ownsPidNamespace
    self.annotations = annotations
    self.mounts = mounts
  }
}

/// A process, distinguished from any later one with the same pid.
package struct InitIdentity: Equatable, Sendable {
  package var pid: Int32
  /// Field 22 of /proc/PID/stat, in clock ticks since boot.
  package var startTime: UInt64
  /// The inode number of its pidfds, which no other process has until the machine is booted again; nil
  /// before Linux 6.9.
  package var inode: UInt64?
  /// The boot during which that was.
  package var bootID: ByteString

  package init(pid: Int32, startTime: UInt64, inode: UInt64? = nil, bootID: ByteString) {
    self.pid = pid
    self.startTime = startTime
    self.inode = inode
    self.bootID = bootID
  }
}

extension ContainerRecord {
  /// Raised when a later version can no longer be read by an earlier one.
  static let version = 1

  /// Our own keys, and those that third-party tools read from runc's file. `init(plain:)` reads exactly this.
  package var json: JSONValue {
    var object = JSONObject()
    object["apusVersion"] = .integer(ContainerRecord.version)
    object["id"] = .string(id)
    object["bundle"] = .string(bundle)
    object["rootfs"] = .string(rootfs)
    object["created"] = .string(
      Timestamp.text(seconds: createdSeconds, nanoseconds: createdNanoseconds))
    object["createdSeconds"] = .integer(createdSeconds)
    object["createdNanoseconds"] = .integer(createdNanoseconds)
    object["cgroupManager"] = .string(cgroupManager)
    object["cgroupPath"] = cgroupPath.map { .string($0) }
    object["cgroupBase"] = cgroupBase.map { .integer($0) }
    object["cgroupInode"] = cgroupInode.map { .integer($0) }
    object["cgroupMountPoint"] = cgroupMountPoint.map { .string($0) }
    object["resctrlDirectory"] = resctrlDirectory.map { .string($0) }
    object["keyring"] = keyring.map { .string($0) }
    object["ownsPidNamespace"] = .bool(ownsPidNamespace)
    object["startNeedsConfig"] = .bool(startNeedsConfig)
    object["deleteNeedsConfig"] = .bool(deleteNeedsConfig)
    object["namespaces"] = namespaces.json
    object["annotations"] = annotations.json
    object["resources"] = resources?.json
    if !liveMounts.isEmpty {
      object["liveMounts"] = .array(liveMounts.map { $0.json })
      object["addedMounts"] = .integer(addedMounts)
    }
    if let cgroupPath, let cgroupMountPoint {
      object["cgroup_paths"] = ["": .string(cgroupMountPoint + cgroupPath)]
    }
    if let initProcess {
      object["init_process_pid"] = .integer(initProcess.pid)
      object["init_process_start"] = .integer(initProcess.startTime)
      object["init_process_inode"] = initProcess.inode.map { .integer($0) }
      object["bootID"] = .string(initProcess.bootID)
      object["namespace_paths"] = initProcess.namespacePaths
    }
    object["config"] = [
      "rootfs": .string(rootfs),
      "mounts": .array(
        mounts.map { ["source": .string($0.value), "destination": .string($0.key)] }
          + liveMounts.map {
            ["source": .string($0.source), "destination": .string($0.destination), "live": true]
          }),
      "labels": .strings(annotations.map { $0.key + "=" + $0.value } + ["bundle=" + bundle]),
    ]
    return .object(object)
  }

  package init?(_ value: JSONValue) {
    guard case .object(let object) = value,
      object.text("apusVersion") == ByteString(decimal: ContainerRecord.version),
      let id = object.text("id"), let bundle = object.text("bundle"),
      let rootfs = object.text("rootfs"),
      let seconds = object.text("createdSeconds")?.signedDecimal,
      let nanoseconds = object.text("createdNanoseconds")?.signedDecimal,
      let manager = object.text("cgroupManager"),
      case .bool(let ownsPidNamespace)? = object.value(of: "ownsPidNamespace")
    else { return nil }
    self.init(
      id: id, bundle: bundle, rootfs: rootfs, createdSeconds: seconds,
      createdNanoseconds: nanoseconds, initProcess: InitIdentity(object),
      cgroupPath: object.text("cgroupPath"), cgroupMountPoint: object.text("cgroupMountPoint"),
      cgroupManager: manager, resctrlDirectory: object.text("resctrlDirectory"),
      keyring: object.text("keyring"), ownsPidNamespace: ownsPidNamespace,
      annotations: ContainerRecord.strings("annotations", object),
      mounts: ContainerRecord.mounts(object))
    namespaces = ContainerRecord.strings("namespaces", object)
    // Those of earlier versions say nothing of it.
    if case .bool(false)? = object.value(of: "startNeedsConfig") { startNeedsConfig = false }
    if case .bool(false)? = object.value(of: "deleteNeedsConfig") { deleteNeedsConfig = false }
    if object.value(of: "cgroupBase") != nil {
      cgroupBase = object.text("cgroupBase")?.unsignedDecimal.flatMap { Int(exactly: $0) }
      if cgroupBase == nil { return nil }
    }
    if object.value(of: "cgroupInode") != nil {
      cgroupInode = object.text("cgroupInode")?.unsignedDecimal
      if cgroupInode == nil { return nil }
    }
    if case .array(let mounts)? = object.value(of: "liveMounts") {
      liveMounts = mounts.compactMap { LiveMount($0) }
      guard liveMounts.count == mounts.count,
        let added = object.text("addedMounts")?.unsignedDecimal.flatMap({ Int(exactly: $0) })
      else { return nil }
      addedMounts = added
    }
    if !isSound { return nil }
    if let limits = object.value(of: "resources") {
      do throws(ConfigError) { resources = try Resources.read(limits) } catch { return nil }
    }
  }

  /// Whether its values are of those that `create` records: a cgroup below the root of the hierarchy, which is
  /// never the container's own, a group below that of resctrl.
  var isSound: Bool {
    if let cgroupPath, cgroupPath == "/" || !cgroupPath.isCleanPath { return false }
    if let group = resctrlDirectory, group.isEmpty || !("/" + group).isCleanPath { return false }
    return (0..<1_000_000_000).contains(createdNanoseconds)
  }

  private static func strings(_ name: StaticString, _ object: JSONObject) -> [Entry<ByteString>] {
    guard case .object(let map)? = object.value(of: name) else { return [] }
    return map.members.compactMap {
      if case .string(let text) = $0.value { Entry($0.name, text) } else { nil }
    }
  }

  private static func mounts(_ object: JSONObject) -> [Entry<ByteString>] {
    guard case .object(let config)? = object.value(of: "config"),
      case .array(let mounts)? = config.value(of: "mounts")
    else { return [] }
    return mounts.compactMap {
      guard case .object(let mount) = $0, let destination = mount.text("destination"),
        let source = mount.text("source"), mount.value(of: "live") == nil
      else { return nil }
      return Entry(destination, source)
    }
  }
}

extension InitIdentity {
  fileprivate init?(_ object: JSONObject) {
    guard
      let pid = object.text("init_process_pid")?.unsignedDecimal.flatMap({ Int32(exactly: $0) }),
      pid > 0, let start = object.text("init_process_start")?.unsignedDecimal,
      let bootID = object.text("bootID")
    else { return nil }
    self.init(
      pid: pid, startTime: start, inode: object.text("init_process_inode")?.unsignedDecimal,
      bootID: bootID)
  }

  fileprivate var namespacePaths: JSONValue {
    let base: ByteString = "/proc/" + ByteString(decimal: pid) + "/ns/"
    return [
      "NEWNS": .string(base + "mnt"), "NEWPID": .string(base + "pid"),
      "NEWNET": .string(base + "net"), "NEWIPC": .string(base + "ipc"),
      "NEWUTS": .string(base + "uts"), "NEWUSER": .string(base + "user"),
      "NEWCGROUP": .string(base + "cgroup"), "NEWTIME": .string(base + "time"),
    ]
  }
}

extension JSONObject {
  /// The text of a string or the digits of a number.
  func text(_ name: StaticString) -> ByteString? {
    switch value(of: name) {
    case .string(let text)?, .number(let text)?: text
    case .null?, .bool?, .array?, .object?, nil: nil
    }
  }
}
