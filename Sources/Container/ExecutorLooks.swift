import Bytes
import Cgroups
import Diagnosis
import Launch
import Linux
import Namespaces
import OCISpec
import Plan
import Report
import Resctrl
import Rootfs
import StateStore

// How the looks of a `HostOrder` are performed: nothing of them outlives the command.
extension HostExecutor {
  func perform(_ step: HostStep.Look) throws(CommandFailure) {
    switch step {
    case .descriptorLimit: try checkDescriptors()
    case .resctrlGroup(let plan):
      try openGroup(plan)
      do throws(ConfigError) { try resctrl?.check() } catch { throw CommandFailure(error) }
    case .resctrlOfContainer(let plan): try openGroup(plan)
    case .cgroupAncestors: findAncestors()
    case .namespace(let join):
      do throws(ConfigError) { joined.append(try join.open()) } catch {
        throw CommandFailure(error)
      }
    case .namespacesOfInit(let kinds): try openNamespacesOfInit(kinds)
    case .rootOfInit: try openRootOfInit()
    case .cgroupOfContainer: try openCgroup()
    case .tools(let path):
      toolRoot = try DebugTools.open(path, context)
      toolRoot?.containerRoot = record.rootfs
    case .consoleSocket(let path):
      console = try ReceiverSockets.connect("--console-socket", path)
    case .pidfdSocket(let path):
      pidfdSocket = try ReceiverSockets.connect("--pidfd-socket", path)
    case .pidFileDirectory(let path): pidFileDirectory = try PidFile.directory(of: path)
    case .mountIDs(let pointer, let map): try openIDs(map, pointer)
    case .root(let path): try openRoot(path)
    case .sources:
      do throws(ConfigError) { try rootfs?.pinSources() } catch { throw CommandFailure(error) }
    case .filter:
      filter = try Filter.program(
        for: launched.exec, launched.annotations, options.supervision, in: context)
    case .agent: agent = try ListenerHandover.connect(launched.exec)
    case .criu: restoration.criu = try CRIUFailure.program(context)
    case .images(let request): try openImages(request)
    }
  }

  private func openGroup(_ plan: ResctrlPlan) throws(CommandFailure) {
    do throws(ConfigError) { resctrl = try ResctrlGroup.open(plan) } catch {
      throw CommandFailure(error)
    }
  }

  private func findAncestors() {
    guard case .container(let new) = launched else { return }
    cgroupSite = CgroupSite.find(new.plan.cgroup, host: context.host)
    record.cgroupBase = cgroupSite?.depth
  }

  private func openRoot(_ path: ByteString) throws(CommandFailure) {
    guard case .container(let new) = launched else { return }
    do throws(SyscallError) {
      rootfs = try RootfsContext.open(
        new.plan.rootfs, idMaps: mountIDs.map { ($0.pointer, $0.namespace) })
    } catch {
      // Not the kernel's text: engines would take it for a missing program.
      let path = "`" + path.escaped(limit: 200) + "`"
      if error.kind == .unmet {
        throw CommandFailure("config.json /root/path: " + error.message + ": " + path)
      }
      switch error.errno {
      case .ENOENT: throw CommandFailure("config.json /root/path: there is no directory " + path)
      case .ENOTDIR: throw CommandFailure("config.json /root/path: must be a directory: " + path)
      default:
        throw CommandFailure(
          "config.json /root/path: cannot open " + path + ": " + error.errno.symbol)
      }
    }
  }

  /// One user namespace for each different map of an idmapped mount.
  private func openIDs(_ map: IDMapPlan, _ pointer: ByteString) throws(CommandFailure) {
    if let known = mountIDs.first(where: { $0.map == map }) {
      mountIDs.append((map, pointer, known.namespace))
      return
    }
    do throws(SyscallError) {
      let own = map.users.isEmpty ? joined.first { $0.kind == .user } : nil
      let namespace: SharedDescriptor
      if let own { namespace = own.shared } else { namespace = try map.makeNamespace() }
      mountIDs.append((map, pointer, namespace))
    } catch {
      throw CommandFailure(StepFailure(step: "make the ids of a mount", pointer: pointer, error))
    }
  }
}

// Of the container that a process joins.
extension HostExecutor {
  /// One open file for each kind, from init's own, whose identity was checked. An init that moved to
  /// others is not followed: in a user namespace that it made itself the program would get rights
  /// over a tree that is anybody's.
  private func openNamespacesOfInit(_ kinds: [NamespaceKind]) throws(CommandFailure) {
    guard case .process(let new) = launched else { return }
    let (opened, strayed) = try attempt(
      SyscallError.self,
      OpenedNamespace.all(
        of: new.initProcess, kinds + [.pid], recorded: record.namespaces,
        mayRejoin: context.host.mayJoinNamespaces))
    if let strayed {
      throw CommandFailure(
        "cannot exec: init has left the " + strayed.name + " namespace that the container was "
          + "created with")
    }
    joined = opened
  }

  /// The root of a container without a mount namespace, which differs from ours all the same.
  private func openRootOfInit() throws(CommandFailure) {
    guard case .process(let new) = launched else { return }
    do throws(SyscallError) {
      let path = "/proc/" + ByteString(decimal: new.initProcess.pid) + "/root"
      rootOfInit = SharedDescriptor(
        try Handle.currentDirectory.open(path, [.path, .directory]))
      // The number may have changed hands while we looked: the process itself cannot have.
      try new.initProcess.send(Signal(rawValue: 0))
    } catch {
      throw CommandFailure(StepFailure(step: "join the container", error))
    }
  }

  private func openCgroup() throws(CommandFailure) {
    guard case .process(let new) = launched else { return }
    cgroup = try new.container.cgroup(around: new.initProcess, context)
    if !new.cgroups.isEmpty { cloneTarget = try ExecCgroup.open(new.cgroups, cgroup) }
  }
}
