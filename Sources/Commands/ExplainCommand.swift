import Bytes
import Container
import Diagnosis
import Linux
import OCISpec
import Plan
import Report
import Rootfs
import StateStore

/// Why a command failed before or beside any container: its id, the state root, a socket.
struct CommandExplanation {
  let command: Command
  let context: CommandContext

  func explain(_ failure: CommandFailure) -> CommandFailure {
    guard failure.report?.code == nil else { return failure }
    return failure.diagnosed(diagnosis(failure))
  }

  private func diagnosis(_ failure: CommandFailure) -> Diagnosis? {
    let message = failure.message
    if message == "container does not exist" { return absent() }
    if message == "container with given ID already exists" { return taken() }
    // Wherever it was that one more could not be opened.
    switch failure.report?.errno {
    case .EMFILE:
      return Diagnosis(
        .descriptors, "RLIMIT_NOFILE of the caller is used up", hint: "raise it (ulimit -n)")
    case .ENFILE:
      return Diagnosis(
        .descriptors, "the machine has as many files open as fs.file-max allows",
        hint: "raise it (sysctl fs.file-max), or end what holds them")
    default: break
    }
    if message.hasPrefix("state root `") || isBelowRoot(failure.report?.subject) {
      return stateRoot(failure)
    }
    if message.hasPrefix("--console-socket: cannot")
      || message.hasPrefix("--pidfd-socket: cannot connect")
      || ByteString("/listenerPath: cannot connect").occurs(in: message)
    {
      return socket(message)
    }
    if message.hasPrefix("--console-socket ")
      || ByteString("terminal").occurs(in: message) && !message.hasPrefix("an archive ")
    {
      return Diagnosis(.terminal, hint: withoutSocket(message))
    }
    if message.hasPrefix("cannot read `") { return CommandExplanation.unreadable(message) }
    if let rootfs, failure.report?.errno == .ENOENT,
      message.hasPrefix("open `" + rootfs.escaped(.path) + "`")
    {
      let near = rootfs.baseName.nearest(among: HostLook.names(rootfs.directoryName))
      return Diagnosis(
        .rootAbsent, "--rootfs: there is no directory of that name",
        hint: near.map { "did you mean `" + rootfs.directoryName.appending($0) + "`?" }
          ?? "unpack a root filesystem there, or correct it")
    }
    if message.hasPrefix("cannot write the pid file") {
      return Diagnosis(.stateRoot, hint: "--pid-file names a file in a directory that is there")
    }
    if message.hasPrefix("cgroup controller ") {
      let place = context.host.cgroup.mountPoint ?? "/sys/fs/cgroup"
      let offered = HostLook.text(place + "/cgroup.controllers", limit: 4096).split(on: 0x0a)[0]
      return Diagnosis(
        .cgroupController, place + " offers " + (offered.isEmpty ? "none" : offered),
        hint: "make the controller available there, or leave the limit out")
    }
    return state(message)
  }

  /// A document that is there and cannot be read.
  static func unreadable(_ message: ByteString) -> Diagnosis? {
    let path = message.cut(at: UInt8(ascii: "`"))?.after.cut(at: UInt8(ascii: "`"))?.before ?? ""
    let status = HostLook.status(path)
    if message.hasSuffix("EISDIR") {
      return Diagnosis(.configAbsent, "it is a directory", hint: "name the file")
    }
    if message.hasSuffix("ENOTDIR") {
      return Diagnosis(
        .configAbsent, "a file is on the way to it",
        hint: "give the directory of the bundle with --bundle")
    }
    guard message.hasSuffix("EACCES") else { return nil }
    return Diagnosis(
      .configAbsent,
      HostLook.caller.name + " may not read it" + (status.map { " (" + $0.rights + ")" } ?? ""),
      hint: "chmod o+r it, or call as its owner")
  }

  private var rootfs: ByteString? {
    switch command {
    case .create(let options): options.changes.rootfs
    case .run(let options): options.create.changes.rootfs
    case .start, .state, .list, .kill, .delete, .pause, .resume, .exec, .debug, .trace, .ps, .spec,
      .features, .update, .events, .inspect, .gc, .doctor, .check, .plan, .explain, .seccomp,
      .mounts, .report, .checkpoint, .restore:
      nil
    }
  }

  // The id.

  private var id: ByteString {
    switch command {
    case .create(let options): options.id
    case .run(let options): options.create.id
    case .start(let options): options.id
    case .exec(let options): options.id
    case .debug(let options): options.exec.id
    case .state(let options): options.id
    case .ps(let options): options.id
    case .kill(let options): options.id
    case .delete(let options): options.id
    case .pause(let options): options.id
    case .resume(let options): options.id
    case .update(let options): options.id
    case .events(let options): options.id
    case .inspect(let options): options.id
    case .checkpoint(let options): options.id
    case .restore(let options): options.create.id
    case .explain(let options): options.id
    case .report(let options): options.id
    case .mounts(let options): options.id
    case .list, .trace, .spec, .features, .gc, .doctor, .check, .plan, .seccomp: ""
    }
  }

  private var shownID: ByteString { CommandWords.quoted(id.escaped(limit: 255)) }

  private func absent() -> Diagnosis {
    let own = context.root.path
    if !id.isEmpty, let lost = lostRecord(own) { return lost }
    let cause = "no `" + id.escaped(limit: 100) + "` below " + own
    var others = KnownRoots.usual()
    if let runtime = ProcessArguments.variable("XDG_RUNTIME_DIR"), runtime.hasPrefix("/") {
      others.append(runtime + "/apus")
    }
    // A root beside ours.
    let parent = own.directoryName
    others += HostLook.names(parent).prefix(64).map { parent.appending($0) }
    for root in others
    where root != own && !id.isEmpty && HostLook.status(root + "/" + id + "/state.json") != nil {
      return Diagnosis(
        .containerAbsent, cause + ", there is one below " + root, hint: "give --root " + root)
    }
    if let near = id.nearest(among: HostLook.names(own).filter { !$0.hasPrefix(".") }) {
      return Diagnosis(.containerAbsent, cause, hint: "did you mean `" + near + "`?")
    }
    return Diagnosis(
      .containerAbsent, cause, hint: "`apus list` shows what is there; --root names another place")
  }

  /// Its directory is there, and nothing in it says what it is.
  private func lostRecord(_ root: ByteString) -> Diagnosis? {
    do throws(StateError) {
      let id = try ContainerID(id)
      let directory = try StateDirectory.open(id, in: context.root)
      // A `create` at work has not written it yet.
      guard try directory.loadRecord() == nil, try !directory.isLocked() else { return nil }
      return Diagnosis(
        .containerAbsent,
        "its directory `" + root.appending(id.text) + "` is there, and its record is gone",
        hint: "`apus delete --force " + id.text + "` removes what is left of it")
    } catch {
      return nil
    }
  }

  private func taken() -> Diagnosis {
    var cause = ByteString()
    do throws(CommandFailure) {
      if let container = try Container.find(id, context).container {
        cause = "it is " + (try container.status()).name
        if let pid = container.record.initProcess?.pid {
          cause += ", pid " + ByteString(decimal: pid)
        }
        cause += ", of the bundle " + container.record.bundle
      }
    } catch {}
    return Diagnosis(
      .containerExists, cause,
      hint: "take another id, or delete that one (apus delete --force " + shownID + ")")
  }

  private func state(_ message: ByteString) -> Diagnosis? {
    let hint: ByteString
    if message.hasPrefix("cannot delete container ") {
      hint = "kill it first (apus kill " + shownID + " KILL), or give --force"
    } else if message.hasPrefix("cannot exec in a stopped") {
      hint = "its program has ended: delete it and create it anew"
    } else if message.hasPrefix("container with id "), message.hasSuffix(" is not running") {
      hint = "`apus state " + shownID + "` shows its status"
    } else if message.hasPrefix("cannot exec in a paused") {
      hint = "resume it first (apus resume " + shownID + ")"
    } else if message.hasPrefix("cannot start a container that has stopped") {
      hint = "delete it and create it anew"
    } else if message.hasPrefix("the record of container ") {
      hint = "`apus delete --force " + shownID + "` removes what is left of it"
    } else if let stopped = stopped(message) {
      return stopped
    } else if message.hasPrefix("cannot start") || message.hasPrefix("container not") {
      hint = "`apus state` shows its status"
    } else {
      return nil
    }
    return Diagnosis(.containerState, hint: hint)
  }

  /// What engines search for says only that it does not run.
  private func stopped(_ message: ByteString) -> Diagnosis? {
    guard message == "container not running" || message == "container not paused" else {
      return nil
    }
    do throws(CommandFailure) {
      let status = try Container.find(id, context).container?.status()
      guard let status else { return nil }
      return Diagnosis(
        .containerState, "it is " + status.name,
        hint: status == .stopped
          ? "its program has ended: `apus explain " + shownID + "` says what is known of it"
          : "`apus state " + shownID + "` shows its status")
    } catch {
      return nil
    }
  }

  // The state root.

  private func isBelowRoot(_ subject: ByteString?) -> Bool {
    guard let subject else { return false }
    if !id.isEmpty, subject == id || subject.hasPrefix(id + "/") { return true }
    guard subject.hasPrefix("/") else { return false }
    let own = context.root.path
    return subject.hasPrefix(own) || own.hasPrefix(subject + "/")
  }

  private func stateRoot(_ failure: CommandFailure) -> Diagnosis {
    let hint: ByteString =
      context.root.isExplicit
      ? "give --root a directory that can be written"
      : "set XDG_RUNTIME_DIR, or give --root, a directory that can be written"
    switch failure.report?.errno {
    case .EROFS:
      return Diagnosis(.stateRoot, "the state root lies on a read-only filesystem", hint: hint)
    case .ENOSPC:
      return Diagnosis(
        .stateRoot, "the filesystem of the state root is full",
        hint: "free some space or inodes (df -h, df -i), or " + hint)
    case .EDQUOT:
      return Diagnosis(
        .stateRoot, "the caller's quota on the filesystem of the state root is used up",
        hint: "raise it, or " + hint)
    default: break
    }
    guard let view = HostLook.view else { return Diagnosis(.stateRoot, hint: hint) }
    // The last directory that is there: in it the next should have been made.
    var path = context.root.path
    while path.count > 1 {
      switch view.find(path, for: HostLook.caller) {
      case .closed(let directory, let status):
        return Diagnosis(
          .stateRoot,
          HostLook.caller.name + " may not search `" + directory + "` (" + status.rights + ")",
          hint: hint)
      case .notDirectory(let step):
        return Diagnosis(.stateRoot, "`" + step + "` is a file", hint: hint)
      case .found(let real, _, let status):
        if status.kind != .directory {
          return Diagnosis(.stateRoot, "`" + real + "` is a " + status.kind.noun, hint: hint)
        }
        guard !HostLook.caller.passesAll, !status.allows(2, HostLook.caller) else {
          return Diagnosis(.stateRoot, hint: hint)
        }
        return Diagnosis(
          .stateRoot,
          HostLook.caller.name + " may not write to `" + real + "` (" + status.rights + ")",
          hint: hint)
      case .missing, .endless, .unknown:
        path = path.directoryName
      }
    }
    return Diagnosis(.stateRoot, hint: hint)
  }

  // Sockets.

  private func withoutSocket(_ message: ByteString) -> ByteString {
    if ByteString("detached container with a terminal needs").occurs(in: message) {
      return "give it, or set /process/terminal to false"
    }
    return ByteString("detached process with a terminal needs").occurs(in: message)
      ? "give it, or leave --tty out" : ""
  }

  private func socket(_ message: ByteString) -> Diagnosis {
    let isAgent = ByteString("/listenerPath: ").occurs(in: message)
    let code: DiagnosisCode = isAgent ? .configRule : .terminal
    guard let path = message.cut(at: UInt8(ascii: "`"))?.after.cut(at: UInt8(ascii: "`"))?.before
    else { return Diagnosis(code) }
    let hint: ByteString =
      isAgent
      ? "start the seccomp agent first: it makes the socket and listens; or correct listenerPath"
      : "start the receiver first: it makes the socket and listens"
    if path.count > 107 {
      return Diagnosis(
        code,
        "the path of a socket has at most 107 bytes, this one "
          + ByteString(decimal: path.count), hint: "make it in a shorter directory")
    }
    switch HostLook.view?.find(path, for: HostLook.caller) {
    case .missing(let step, _):
      return Diagnosis(code, "`" + step + "` is not there", hint: hint)
    case .closed(let directory, let status):
      return Diagnosis(
        code,
        HostLook.caller.name + " may not search `" + directory + "` (" + status.rights + ")")
    case .found(_, _, let status) where status.kind != .socket:
      return Diagnosis(
        code, "it is a " + status.kind.noun + " and no socket", hint: hint)
    case .found where message.hasSuffix("EPROTOTYPE"):
      return Diagnosis(
        code, "it is a socket of datagrams", hint: "listen on one of the type SOCK_STREAM")
    case .found: return Diagnosis(code, "nobody listens on it", hint: hint)
    case .notDirectory, .endless, .unknown, nil: return Diagnosis(code)
    }
  }
}

extension Explanation {
  /// Of a container that exists: for `start`, whose init has ended, and for `exec`, whose program is
  /// looked for in what init sees.
  init?(
    _ container: Container, _ context: CommandContext, exec: ExecutionPlan? = nil,
    pid: Int32? = nil
  ) {
    do throws(CommandFailure) {
      let config = try container.config()
      let request = CreateRequest(
        id: container.record.id, bundle: container.record.bundle,
        cgroupManager: context.cgroupManager)
      do throws(ConfigError) {
        let plan = try CreatePlan.make(config, request, host: context.host)
        var exec = exec ?? plan.exec
        // With the rules of a filter that was known without them.
        exec.seccomp = plan.exec.seccomp
        self.init(
          plan, exec,
          pid.flatMap { RootView(ofProcess: $0) } ?? RootView(plan.rootfs),
          file: container.record.bundle + "/config.json", host: context.host)
      } catch {
        return nil
      }
    } catch {
      return nil
    }
  }
}
