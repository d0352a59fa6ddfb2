package import Bytes
import Diagnosis
import Hooks
package import Linux
import OCISpec
package import Plan
import Rootfs
import Seccomp

/// What `create` would find on this host, and stumble over.
package struct Looks {
  let plan: CreatePlan
  let host: HostFacts
  let caller: Caller

  package init(_ plan: CreatePlan, host: HostFacts, caller: Caller) {
    self.plan = plan
    self.host = host
    self.caller = caller
  }

  package var findings: [Finding] {
    namespaces + identity + root + cgroup + hooks + descriptors + cacheGroups + agent
  }

  /// Whether the caller has the capability over this host.
  func holds(_ capability: Int) -> Bool {
    host.permittedCapabilities >> UInt64(capability) & 1 == 1
  }
}

// The root filesystem, and what is mounted into it.
extension Looks {
  private var root: [Finding] {
    let directory: SharedDescriptor
    let path = shown(plan.rootfs.path)
    do throws(SyscallError) {
      directory = SharedDescriptor(
        try Handle.currentDirectory.open(plan.rootfs.path, [.path, .directory]))
      let own = try Handle.currentDirectory.status(ofEntry: "/")
      if try directory.handle.status().isSameFile(as: own) {
        return [.error("root-absent", at: "/root/path", path + " is the host's own root")]
      }
    } catch {
      let reason: ByteString =
        switch error.errno {
        case .ENOENT: " does not exist"
        case .ENOTDIR: " is not a directory"
        default: " cannot be opened: " + error.errno.symbol
        }
      let near = error.errno == .ENOENT ? nearest(to: plan.rootfs.path) : nil
      return [
        .error(
          "root-absent", at: "/root/path", path + reason,
          remedy: near.map { "did you mean " + shown($0) + "?" }
            ?? "a relative path is looked up in the bundle")
      ]
    }
    let unsearchable = closed(plan.rootfs.path + "/.", at: "/root/path")
    if !unsearchable.isEmpty { return unsearchable }
    let view = RootLooks(self, directory)
    return closed(plan.rootfs.path, at: "/root/path") + view.findings
      + ProgramLooks(self, directory).findings
  }

  /// What is there by a similar name.
  func nearest(to path: ByteString) -> ByteString? {
    let parent = path.directoryName
    do throws(SyscallError) {
      let directory = try Handle.currentDirectory.open(parent, [.directory, .nonBlocking])
      let names = try directory.handle.entries().prefix(4096).map { $0.name }
      return path.baseName.nearest(among: names).map { parent.appending($0) }
    } catch {
      return nil
    }
  }

  /// A finding if the caller cannot reach `path`.
  func closed(_ path: ByteString, at pointer: ByteString) -> [Finding] {
    guard !caller.isSelf, let closed = caller.closedDirectory(on: path) else { return [] }
    return [closedFinding(closed, at: pointer)]
  }

  func closedFinding(_ closed: (path: ByteString, status: FileStatus), at pointer: ByteString)
    -> Finding
  {
    .error(
      "mount-closed", at: pointer,
      "user " + ByteString(decimal: caller.user) + " may not search " + shown(closed.path)
        + ", mode "
        + ByteString(octal: closed.status.permissions) + " of user "
        + ByteString(decimal: closed.status.userID) + " (permission denied)",
      remedy: "chmod o+x, or a source elsewhere")
  }
}

// Hooks, and what the command itself needs.
extension Looks {
  /// Who answers for a filter that notifies.
  private var agent: [Finding] {
    guard let seccomp = plan.exec.seccomp, let path = seccomp.listener?.path,
      HostFile.isAbsent(path)
    else { return [] }
    return [
      .error(
        "config-rule", at: seccomp.pointer + "/listenerPath",
        "nobody listens on " + shown(path) + ": it is not there",
        remedy: "start the seccomp agent first, or correct the path")
    ]
  }

  private var cacheGroups: [Finding] {
    guard plan.resctrl != nil, !HostFile.exists("/sys/fs/resctrl/schemata") else { return [] }
    return [
      .error(
        "config-rule", at: "/linux/intelRdt", "no resctrl filesystem is mounted on /sys/fs/resctrl",
        remedy: "mount -t resctrl resctrl /sys/fs/resctrl, where the processor has it, or remove it"
      )
    ]
  }

  private var hooks: [Finding] {
    var found = [Finding]()
    for hook in plan.hooks.hooks where hook.kind != .startContainer {
      let pointer = hook.pointer + "/path"
      guard HostFile.status(hook.path) != nil else {
        guard HostFile.isAbsent(hook.path) else { continue }
        let fault = fault(ofHook: hook.path, at: pointer)
        found.append(
          .error(
            "hook-absent", at: pointer,
            shown(hook.path) + " does not exist on the host"
              + (fault?.code == .execOneString ? ": " + (fault?.cause ?? "") : ""),
            remedy: fault?.hint ?? "install it, or correct the path"))
        continue
      }
      found += unexecutable(hook.path, at: pointer)
    }
    // One that fails after the container's end holds up nothing.
    for index in found.indices where found[index].pointer.hasPrefix("/hooks/poststop/") {
      found[index].severity = .warning
    }
    return found
  }

  private func unexecutable(_ path: ByteString, at pointer: ByteString) -> [Finding] {
    guard let fault = fault(ofHook: path, at: pointer) else { return [] }
    let cause = fault.cause.isEmpty ? "cannot be executed" : fault.cause
    return [
      .error(
        ByteString(stringLiteral: fault.codeOfHook.word), at: pointer, shown(path) + ": " + cause,
        remedy: fault.hint)
    ]
  }

  private func fault(ofHook path: ByteString, at pointer: ByteString) -> Diagnosis? {
    let root: SharedDescriptor
    do throws(SyscallError) {
      root = SharedDescriptor(try Handle.currentDirectory.open("/", [.path, .directory]))
    } catch {
      return nil
    }
    var examination = ProgramExamination(
      [path], path: nil, workingDirectory: "/", in: RootView(root: root), rootPath: "", for: nil)
    examination.place = "on the host"
    examination.subject = pointer
    examination.form = .hook
    return examination.diagnosis()
  }

  /// Whether the directory of containers can be made or written: by its deepest part that exists.
  package func stateRoot(_ path: ByteString) -> [Finding] {
    var place = path
    while place.count > 1 {
      if HostFile.isAbsent(place) {
        place = place.directoryName
        continue
      }
      var reason: ByteString?
      do throws(SyscallError) {
        let directory = SharedDescriptor(try Handle.currentDirectory.open(place, .path))
        if try directory.handle.filesystem().isReadOnly {
          reason = "lies on a read-only file system (EROFS)"
        } else if !caller.may(3, try directory.handle.status()) {
          reason =
            "cannot be written by user " + ByteString(decimal: caller.user)
            + " (permission denied)"
        }
      } catch {
        reason = "cannot be reached: " + error.errno.symbol
      }
      guard let reason else { return [] }
      return [
        .error(
          "state-root", "the state root " + shown(path) + ": " + shown(place) + " " + reason,
          remedy: "give --root a directory that can be written, or set XDG_RUNTIME_DIR")
      ]
    }
    return []
  }

  private var descriptors: [Finding] {
    // A soft limit that is too low is raised.
    guard caller.isSelf, let hard = ProcessLimits.current.of(7)?.hard, hard < 24
    else { return [] }
    return [
      .error(
        "descriptors", "RLIMIT_NOFILE is " + ByteString(decimal: hard) + ": too few descriptors",
        remedy: "raise the limit of open files to 1024")
    ]
  }
}

/// Our own limits, by the kernel's numbers.
struct ProcessLimits {
  /// nil is no limit.
  typealias Limit = (resource: Int32, soft: UInt64?, hard: UInt64?)

  private var limits: [Limit] = []

  func of(_ resource: Int32) -> Limit? { limits.first { $0.resource == resource } }

  /// `/proc/self/limits` has a line for each resource, in the order of their numbers but for the
  /// first ones, in columns of fixed width.
  static var current: ProcessLimits {
    let text = HostFile.text("/proc/self/limits") ?? ""
    var limits = ProcessLimits()
    for line in text.split(on: 0x0a) {
      for (name, number) in names where line.hasPrefix(name + " ") {
        let words = line.dropFirst(name.count).split(on: 0x20).filter { !$0.isEmpty }
        guard words.count > 1 else { continue }
        limits.limits.append((number, words[0].unsignedDecimal, words[1].unsignedDecimal))
      }
    }
    return limits
  }

  private static let names: [(name: ByteString, number: Int32)] = [
    ("Max cpu time", 0), ("Max file size", 1), ("Max data size", 2), ("Max stack size", 3),
    ("Max core file size", 4), ("Max resident set", 5), ("Max processes", 6),
    ("Max open files", 7), ("Max locked memory", 8), ("Max address space", 9),
    ("Max file locks", 10), ("Max pending signals", 11), ("Max msgqueue size", 12),
    ("Max nice priority", 13), ("Max realtime priority", 14), ("Max realtime timeout", 15),
  ]
}
