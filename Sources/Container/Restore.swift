import Bytes
import CRIU
import Cgroups
import Console
import Diagnosis
import Launch
package import Linux
import Namespaces
import Plan
import Report
import Rootfs
import Seccomp

/// What a `restore` works with.
struct Restoration {
  var criu: CRIUProgram?
  var directories: ImageDirectories?
  /// What the images mount, and where the host has what of it is not in them.
  var mounts: [CRIUMount] = []
  var sources: [(name: ByteString, source: ByteString)] = []
  /// What the standard streams were open on.
  var streams: [ByteString] = []
  /// The root of the tree that was restored.
  var child: ProcessHandle?
  /// Its terminal, for a foreground.
  var terminal: SharedDescriptor?
  /// Why a step failed for which criu waited.
  var refusal: CommandFailure?
}

extension HostExecutor {
  package var terminal: SharedDescriptor? { stage?.terminal ?? restoration.terminal }

  /// Everything about the images that can be refused before anything exists.
  func openImages(_ request: ImageRequest) throws(CommandFailure) {
    guard case .container(let new) = launched else { return }
    for join in new.plan.namespaces.joins where join.kind == .mount || join.kind == .cgroup {
      throw CommandFailure(
        "criu does not restore into a " + join.kind.name + " namespace that exists ["
          + join.pointer + "]")
    }
    let directories = try ImageDirectories.find(request)
    restoration.directories = directories
    restoration.streams = try directories.streams()
    restoration.mounts = try directories.mounts()
    try compareFilters(directories, new.plan.exec)
    let host = try attempt(SyscallError.self, MountInfo.read())
    restoration.sources = new.plan.outsideMounts.flatMap { $0.sources(host) }
    for mount in restoration.mounts {
      if mount.mountPoint != mount.mountPoint.cleanedPath {
        throw CommandFailure(
          "the images have a mount on " + quoted(mount.mountPoint, .path) + ", which is no path")
      }
      if let name = mount.external, source(of: mount) == nil {
        throw CommandFailure(
          "the images have a mount " + quoted(name, .path) + " that /mounts does not have")
      }
    }
  }

  /// Images are files, and a filter in them is not believed; `compareInForce` sees to it that each process has one.
  private func compareFilters(_ directories: ImageDirectories, _ exec: ExecutionPlan)
    throws(CommandFailure)
  {
    guard let program = try Filter.program(for: exec, [], nil, in: context) else { return }
    guard let image = try directories.file("seccomp.img") else { return }
    let filters: [[UInt8]]
    do throws(ProtobufError) { filters = try CRIUFilters.first(image) } catch {
      throw CommandFailure("--image-path: cannot read the image of filters: " + error.reason)
    }
    if filters.allSatisfy({ $0 == program.bytes }) { return }
    throw CommandFailure(
      "the images have another seccomp filter than the configuration: it is not the one that was dumped, or "
        + "another version of apus dumped it [/linux/seccomp]")
  }

  private func source(of mount: CRIUMount) -> ByteString? {
    restoration.sources.last { $0.name == mount.external }?.source
  }

  func makeMountPoints() throws(CommandFailure) {
    guard let rootfs else { return }
    let points = rootfs.mountPoints
    for mount in restoration.mounts {
      guard let parent = restoration.mounts.first(where: { $0.id == mount.parent }) else {
        continue
      }
      do throws(SyscallError) {
        if parent.mountPoint == "/" {
          try points.make(mount.mountPoint, for: source(of: mount))
        } else if let volume = source(of: parent),
          let rest = mount.mountPoint.path(below: parent.mountPoint)
        {
          try points.make(rest, inSource: volume, for: source(of: mount))
        }
      } catch {
        let path = quoted(mount.mountPoint, .path)
        if error.errno == .ELOOP {
          throw CommandFailure("restore: refused because a link leads to the mount point " + path)
        }
        throw CommandFailure(StepFailure(step: "make the mount point " + path, error))
      }
    }
  }

  func restore(_ request: ImageRequest) throws(CommandFailure) {
    guard case .container(let new) = launched, let criu = restoration.criu,
      let directories = restoration.directories, let rootfs
    else { return }
    let (options, inherited) = restoreOptions(request, new.plan, directories)
    let hasCgroupNamespace = new.plan.namespaces.creates(.cgroup)
    // Tasks of a user namespace look for images themselves, as nobody's.
    let mode = try directories.open(toOthers: new.plan.namespaces.has(.user))
    defer { directories.close(mode) }
    directories.clear(log: options.logFile)
    let response: CRIUResponse
    do throws(CRIUError) {
      let client = try CRIUClient.start(
        criu.path, streams: [.standardInput, .standardOutput, .standardError],
        inherited: inherited, cgroup: cgroup?.directory
      ) { () throws(SyscallError) in
        try rootfs.enterRestore()
        // From inside the cgroup, which is its root then.
        if hasCgroupNamespace { try ThisProcess.unshare(.cgroup) }
      }
      response = try client.perform(
        CRIURequest(.restore, options), directories.patience(options.logFile, request)
      ) { (notification, descriptors) throws(CRIUError) in
        try serve(notification, descriptors)
      }
    } catch {
      restoration.child?.end()
      if let refusal = restoration.refusal { throw refusal }
      throw CRIUFailure.of(error, directories, log: "restore.log", action: "restore")
    }
    guard let child, response.restoredPid == child.pid else {
      throw CommandFailure("criu has restored another process than it said")
    }
  }

  private func restoreOptions(
    _ request: ImageRequest, _ plan: CreatePlan, _ directories: ImageDirectories
  ) -> (CRIUOptions, inherited: [Handle]) {
    var options = request.options(
      images: directories.images.handle.raw, work: directories.work.handle.raw, plan.annotations)
    options.parentImages = nil
    options.logFile = "restore.log"
    options.root = plan.rootfs.path
    options.flags.formUnion([.evasiveDevices, .restoreAsSibling])
    // The terminal is the caller's then: none is made.
    if !options.flags.contains(.shellJob) { options.flags.insert(.orphanTerminalMaster) }
    options.emptyNamespaces = plan.emptyNamespaces
    options.mounts = restoration.sources.map { CRIUExternal(key: $0.name, value: $0.source) }
    ImageRequest.setDefault(&options.configFile)
    for (number, name) in restoration.streams.enumerated() where name.hasPrefix("pipe:") {
      options.inherited.append((name, Int32(number)))
    }
    var inherited = [Handle]()
    let own: ByteString = "/proc/" + ByteString(decimal: ThisProcess.id) + "/fd/"
    for namespace in joined {
      switch namespace.kind {
      case .network, .pid:
        options.inherited.append(
          (namespace.kind.externalName, CRIUClient.firstInherited + Int32(inherited.count)))
        inherited.append(namespace.handle)
      case .user, .ipc, .uts, .cgroup, .time, .mount:
        options.joined.append(
          (namespace.kind.file, own + ByteString(decimal: namespace.handle.raw)))
      }
    }
    return (options, inherited)
  }

  private func serve(_ notification: CRIUNotification, _ descriptors: [SharedDescriptor])
    throws(CRIUError)
  {
    do throws(CommandFailure) {
      switch notification {
      case .setupNamespaces(let pid):
        let child = try attempt(SyscallError.self, ProcessHandle.open(pid))
        restoration.child = child
        // Connections are made again on it.
        if case .container(let new) = launched, new.plan.namespaces.creates(.network) {
          try attempt(SyscallError.self, bringLoopbackUp(child))
        }
        try attempt(StepFailure.self, serve(order.atMounts, child))
      case .postRestore(let pid):
        if restoration.child == nil {
          restoration.child = try attempt(SyscallError.self, ProcessHandle.open(pid))
        }
      case .orphanTerminalMaster: try handOver(terminal: descriptors.first)
      case .preResume:
        // Processes have their rights by now, and criu goes on whatever is answered.
        if let child { try attempt(StepFailure.self, serve(order.atReady, child)) }
      case .preDump, .postDump, .preRestore, .statusReady, .other: break
      }
    } catch {
      restoration.refusal = error
      // criu traces the processes: nobody else can reap them before it has ended.
      do throws(SyscallError) { try restoration.child?.send(.kill) } catch {}
      throw .refused(error.message)
    }
  }

  private func handOver(terminal: SharedDescriptor?) throws(CommandFailure) {
    guard let terminal else { return }
    do throws(SyscallError) {
      if let console {
        try ConsoleSocket.send(terminal.handle, to: console.handle)
      } else {
        restoration.terminal = terminal
        try CallerStreams().prepare(terminal.handle)
      }
    } catch {
      throw CommandFailure(StepFailure(step: "send the terminal", error))
    }
  }
}
