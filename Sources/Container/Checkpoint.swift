import Bytes
import CRIU
import Cgroups
import Diagnosis
import JSON
import Linux
import Namespaces
import OCISpec
import Plan
import Report
import Rootfs
import StateStore

/// What a `checkpoint` has found so far.
struct DumpFindings {
  var plan: CreatePlan?
  var criu: CRIUProgram?
  var directories: ImageDirectories?
  var mounts: [CRIUExternal] = []
  var namespaces: [ByteString] = []
  /// What the standard streams of init are open on.
  var streams: [ByteString] = []
  var wasFrozen = false
}

// How the steps of `checkpoint` are performed.
extension ControlExecutor {
  func openRunning() throws(CommandFailure) {
    let container = try container
    process = try container.openInit()
    guard process != nil else { throw ControlExecutor.notRunning }
    cgroup = try container.cgroup(context)
    dump.wasFrozen = try container.status() == .paused
    var config = try container.config()
    config.nameListener()
    do throws(ConfigError) {
      dump.plan = try CreatePlan.make(
        config,
        CreateRequest(
          id: container.record.id, bundle: container.record.bundle,
          cgroupManager: .cgroupfs), host: context.host)
    } catch {
      throw CommandFailure(error)
    }
  }

  func askCRIU(_ request: ImageRequest) throws(CommandFailure) {
    let criu = try CRIUFailure.program(context)
    dump.criu = criu
    var wanted: CRIUFeatures = []
    if request.isPreDump || request.parent != nil { wanted.insert(.trackMemory) }
    if request.flags.contains(.lazyPages) { wanted.insert(.lazyPages) }
    if wanted.isEmpty { return }
    let has: CRIUFeatures
    do throws(CRIUError) { has = try criu.has(wanted) } catch { throw CRIUFailure.of(error) }
    if wanted.contains(.trackMemory), !has.contains(.trackMemory) {
      throw CommandFailure(
        "the kernel does not track written memory (CONFIG_MEM_SOFT_DIRTY): no pre-dump is possible")
    }
    if wanted.contains(.lazyPages), !has.contains(.lazyPages) {
      throw CommandFailure("the kernel has no userfaultfd that --lazy-pages needs")
    }
  }

  /// Mounts and namespaces of which images have the name only.
  func findOutside() throws(CommandFailure) {
    guard let plan = dump.plan else { return }
    let process = try initProcess
    let base = "/proc/" + ByteString(decimal: process.pid)
    try CommandFailure.from { () throws(SyscallError) in
      let host = Handle.currentDirectory
      let root = try host.open(base + "/root", [.path, .directory])
      let info = try host.open(base + "/mountinfo", .readOnly)
      let mounts = OutsideMounts(root: root.handle, mountInfo: try info.handle.readKernelFile())
      dump.mounts = try mounts.find(plan.outsideMounts).map {
        CRIUExternal(key: $0.mountPoint, value: $0.name)
      }
      for kind in [NamespaceKind.network, .pid] where plan.namespaces.join(of: kind) != nil {
        let inode = try host.status(behindEntry: base + "/ns/" + kind.file).inode
        dump.namespaces.append(
          kind.file + "[" + ByteString(decimal: inode) + "]:" + kind.externalName)
      }
      for number in 0..<3 {
        dump.streams.append(ControlExecutor.link(base + "/fd/" + ByteString(decimal: number)))
      }
      // The number may have changed hands while we looked: the process itself cannot have.
      try process.send(Signal(rawValue: 0))
    }
    if let mount = try container.record.liveMounts.first {
      throw CommandFailure(
        "`mounts add` has mounted " + quoted(mount.destination, .path)
          + ", which config.json does not have: a restore would lack it")
    }
    if let pointer = plan.rootfs.mappedMount {
      throw CommandFailure("criu does not restore a mount with mapped ids [" + pointer + "]")
    }
  }

  private static func link(_ path: ByteString) -> ByteString {
    do throws(SyscallError) { return try Handle.currentDirectory.readLink(path) } catch {
      return ""
    }
  }

  func makeDirectories(_ request: ImageRequest) throws(CommandFailure) {
    dump.directories = try ImageDirectories.make(request)
  }

  func dump(_ request: ImageRequest) throws(CommandFailure) {
    guard let plan = dump.plan, let criu = dump.criu, let directories = dump.directories else {
      return
    }
    let container = try container
    var options = request.options(
      images: directories.images.handle.raw, work: directories.work.handle.raw, plan.annotations)
    options.logFile = "dump.log"
    options.pid = try initProcess.pid
    options.root = plan.rootfs.path
    options.mounts = dump.mounts
    options.externals = dump.namespaces
    options.flags.insert(.orphanTerminalMaster)
    if request.isPreDump || request.parent != nil { options.flags.insert(.trackMemory) }
    // Devices and addresses of a network are of who made them: hooks and engines make them anew.
    options.emptyNamespaces = plan.emptyNamespaces
    options.freezer = container.freezer
    directories.clear(log: options.logFile)
    ImageRequest.setDefault(&options.configFile)
    do throws(CRIUError) {
      let client = try CRIUClient.start(criu.path, streams: [], undoesItself: true)
      _ = try client.perform(
        CRIURequest(request.isPreDump ? .preDump : .dump, options),
        directories.patience("dump.log", request)
      ) { (notification, _) throws(CRIUError) in
        switch notification {
        case .postDump: if !request.isPreDump { try writeStreams(directories) }
        case .statusReady: try reportReady(request)
        case .preDump, .setupNamespaces, .orphanTerminalMaster, .preRestore, .postRestore,
          .preResume, .other:
          break
        }
      }
    } catch {
      thawAgain()
      throw CRIUFailure.of(error, directories, log: "dump.log", action: "checkpoint")
    }
  }

  /// For the pipes among them, which a restore replaces by its own streams. Runs with all processes
  /// stopped, and before they are killed: images without it are not complete.
  private func writeStreams(_ directories: ImageDirectories) throws(CRIUError) {
    do throws(SyscallError) {
      let file = SharedDescriptor(
        try directories.images.handle.open(
          ImageDirectories.streamsName, [.writeOnly, .create, .truncate, .noFollow], mode: 0o600))
      try file.handle.writeAll(JSONValue.strings(dump.streams).encoded())
    } catch {
      throw .system(error)
    }
  }

  private func reportReady(_ request: ImageRequest) throws(CRIUError) {
    guard let number = request.statusDescriptor else { return }
    do throws(SyscallError) {
      let file = FileDescriptor(owning: number)
      try file.handle.writeAll([0])
    } catch {
      throw .system(error)
    }
  }

  /// A CRIU that was killed leaves frozen what it froze.
  private func thawAgain() {
    if dump.wasFrozen { return }
    do throws(CgroupError) { try cgroup?.thaw() } catch { context.log.warning(error.message) }
  }

  func removeDumped() throws(CommandFailure) {
    Interruption.disarm()
    try Teardown(try container, context).perform()
  }
}

extension CreatePlan {
  /// With a user namespace CRIU may not mount a cgroup2: it is the container's directory of the host's then.
  var outsideMounts: [OutsideMount] {
    guard namespaces.has(.user), let path = cgroup.path else { return rootfs.outside }
    return rootfs.outside
      + rootfs.mounts.compactMap { (mount: MountPlan) -> OutsideMount? in
        guard case .cgroup(let hierarchy, true) = mount.kind else { return nil }
        return OutsideMount(
          name: mount.destination, destination: mount.destination,
          source: hierarchy + path.text)
      }
  }

  /// The network of the container's own, if there is one.
  var emptyNamespaces: UInt64? {
    namespaces.creates(.network) ? NamespaceFlags.network.rawValue : nil
  }
}

extension NamespaceKind {
  /// What images call one that the container joined.
  var externalName: ByteString { self == .pid ? "extRootPidNS" : "extRootNetNS" }
}

extension Container {
  /// The directory of cgroup v2 whose freezer stops the processes for a dump.
  var freezer: ByteString? {
    guard let path = record.cgroupPath, let mountPoint = record.cgroupMountPoint else { return nil }
    return mountPoint + path
  }
}

extension ImageRequest {
  /// What an administrator says to CRIU, unless the container's configuration names a file of its own or
  /// none.
  static func setDefault(_ file: inout ByteString?) {
    if file == nil {
      file = ["/etc/criu/apus.conf", "/etc/criu/runc.conf"].first { (path: ByteString) in
        do throws(SyscallError) {
          return try Handle.currentDirectory.status(behindEntry: path).kind == .regular
        } catch {
          return false
        }
      }
    }
    if file?.isEmpty == true { file = nil }
  }
}
