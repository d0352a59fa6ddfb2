import Bytes
import Cgroups
import Diagnosis
import Hooks
import Identity
import Linux
import Namespaces
import OCISpec
import Plan
import Report
import Rootfs
import Seccomp

/// Why a container could not be created or entered: its plan, and what is there of it, looked at once
/// more. Only after a failure.
struct Explanation {
  private(set) var plan: CreatePlan
  /// Of the process that failed: init's, or that of an `exec`.
  let exec: ExecutionPlan
  let view: RootView?
  /// Where the configuration is, for the notes.
  let file: ByteString
  let host: HostFacts
  /// How the program was given.
  private var form = ProgramExamination.Form.arguments

  init(
    _ plan: CreatePlan, _ exec: ExecutionPlan, _ view: RootView?, file: ByteString, host: HostFacts
  ) {
    self.plan = plan
    self.exec = exec
    self.view = view
    self.file = file
    self.host = host
  }

  init(_ plan: CreatePlan, file: ByteString, host: HostFacts) {
    self.init(plan, plan.exec, RootView(plan.rootfs), file: file, host: host)
  }

  func explain(_ failure: CommandFailure) -> CommandFailure {
    var failure = failure
    var report = failure.report ?? FailureReport()
    if report.pointer.isEmpty {
      // The line names them in its own way.
      if failure.message.hasPrefix("exec: \"") { report.pointer = "/process/args" }
      if failure.message.hasPrefix("hook /hooks/") {
        report.pointer = failure.message.split(on: 0x20)[1]
      }
      if !report.pointer.isEmpty { failure.report = report }
    }
    return located(failure)
  }

  private func located(_ failure: CommandFailure) -> CommandFailure {
    guard failure.report?.code == nil else { return failure }
    var failure = failure
    if failure.report?.pointer.isEmpty == false {
      let text = Array(HostLook.text(file, limit: BundleFile.limit).bytes)
      if !text.isEmpty { failure = failure.located(in: text, file) }
    }
    return failure.diagnosed(diagnosis(failure))
  }

  /// Of an `exec`: what an option asked for is not looked for in the configuration.
  func explain(_ failure: CommandFailure, _ options: ExecOptions) -> CommandFailure {
    var explanation = self
    if options.process == nil { explanation.form = .exec(options.id) }
    guard let report = failure.report, report.code == nil,
      let option = options.option(for: report.pointer)
    else { return explanation.located(failure) }
    var diagnosis = diagnosis(failure)
    if option == "--cwd" { diagnosis?.hint = "make it, or correct --cwd" }
    var failure = failure.diagnosed(diagnosis)
    let place = " [" + report.pointer + "]"
    for start in 0...max(0, failure.message.count - place.count)
    where failure.message.dropFirst(start).hasPrefix(place) {
      failure.message =
        failure.message.prefix(start) + " [" + option + "]"
        + failure.message.dropFirst(start + place.count)
      break
    }
    failure.report?.pointer = ""
    return failure
  }

  /// Of mounts that are added to a container that exists.
  func explain(_ failure: CommandFailure, adding mounts: [MountPlan]) -> CommandFailure {
    guard mounts.contains(where: { $0.pointer == failure.report?.pointer }) else { return failure }
    var explanation = self
    explanation.plan.rootfs.mounts = mounts
    return failure.diagnosed(explanation.mount(failure))
  }

  private func diagnosis(_ failure: CommandFailure) -> Diagnosis? {
    let message = failure.message
    let report = failure.report ?? FailureReport()
    if let found = agent(message) { return found }
    if message.hasPrefix("exec: \"") { return program(message) }
    if message.hasPrefix("hook /hooks/") { return hook(message) }
    if message.hasPrefix("container's cgroup") { return cgroup(message) }
    if message.hasPrefix("cgroup controller ") { return controller(report.pointer) }
    if message.hasPrefix("systemd: ") {
      return Diagnosis(
        .cgroupFailed,
        hint: "see that systemd and its bus run (systemctl is-system-running), or do without "
          + "--systemd-cgroup")
    }
    if message.hasPrefix("init ") { return died(message) }
    if report.step == "start init" { return start(report) }
    let pointer = report.pointer
    if pointer.hasPrefix("/mounts/") { return mount(failure) }
    if pointer == "/process/cwd" { return workingDirectory(report) }
    return kernel(message, report)
  }

  private func kernel(_ message: ByteString, _ report: FailureReport) -> Diagnosis? {
    let pointer = report.pointer
    if pointer.hasPrefix("/linux/namespaces/") { return namespace(message, pointer) }
    if pointer == "/linux/uidMappings" || pointer == "/linux/gidMappings" {
      return maps(message, report)
    }
    if pointer.hasPrefix("/linux/sysctl/") { return sysctl(report) }
    if pointer.hasPrefix("/process/rlimits/") { return limit(pointer) }
    if pointer.hasPrefix("/linux/netDevices/") { return networkDevice(report) }
    if pointer == "/process/apparmorProfile" || pointer == "/process/selinuxLabel" {
      return Diagnosis(
        .securityLabel, hint: "remove " + pointer + ", or enable the module (boot parameter lsm=)")
    }
    if pointer.hasPrefix("/linux/resources") {
      return resource(message, pointer)
    }
    if report.step.hasPrefix("become the user"), report.errno == .EINVAL {
      return Diagnosis(
        .configRule, userName + " is not in the id maps of the container",
        hint: "take an id that is mapped, or map it (/linux/uidMappings)")
    }
    if ByteString("the container has no null device").occurs(in: message),
      let device = plan.rootfs.devices.first(where: { $0.path == "/dev/null" })
    {
      return Diagnosis(
        .configRule, "a null device is 1:3",
        hint: "correct major and minor of "
          + (device.pointer.isEmpty ? "/dev/null in the root filesystem" : device.pointer))
    }
    if message.hasPrefix("--cgroup: opening "), ByteString("ENOENT").occurs(in: message) {
      return Diagnosis(
        .cgroupFailed, "it is not there, below the cgroup of the container",
        hint: "make it first (mkdir), or leave --cgroup out")
    }
    if pointer == "/linux/namespaces", report.errno == .EINVAL,
      ByteString("setns `user`").occurs(in: message)
    {
      return Diagnosis(
        .namespacePath, "the runtime is in that user namespace itself",
        hint: "leave the entry with the type user out")
    }
    if let remedy = StepRemedies.hint(pointer) { return Diagnosis(.configRule, hint: remedy) }
    if ByteString("config.json /root/path").occurs(in: message) { return rootDirectory() }
    if ByteString("the cgroup `").occurs(in: message) { return brokenCgroup(message) }
    return nil
  }

  private func rootDirectory() -> Diagnosis {
    guard let found = HostLook.view?.find(plan.rootfs.path, for: HostLook.caller) else {
      return Diagnosis(.rootAbsent)
    }
    switch found {
    case .missing(let step, let link?):
      return Diagnosis(
        .rootAbsent,
        "`" + link.path + "` is a link to `" + link.target.escaped(limit: 200)
          + "`, and `" + step + "` is not there", hint: "correct root.path or the link")
    case .missing(let step, nil):
      let parent = step.directoryName
      let near = step.baseName.nearest(among: HostLook.names(parent))
      return Diagnosis(
        .rootAbsent, step == plan.rootfs.path ? "" : "`" + step + "` is not there",
        hint: near.map { "did you mean `" + parent.appending($0) + "`?" }
          ?? "correct root.path, or unpack the root filesystem there")
    case .closed(let directory, let status):
      return Diagnosis(
        .rootAbsent,
        HostLook.caller.name + " may not search `" + directory + "` (" + status.rights + ")",
        hint: "let others search it (chmod o+x), or move the bundle")
    case .found(let real, _, let status)
    where status.kind == .directory && !HostLook.caller.passesAll
      && !status.allows(1, HostLook.caller):
      return Diagnosis(
        .rootAbsent,
        HostLook.caller.name + " may not search `" + real + "` (" + status.rights + ")",
        hint: "give it to the caller (chown), or let others search it (chmod o+x)")
    case .found(_, _, let status) where status.kind != .directory:
      return Diagnosis(
        .rootAbsent, "it names a " + status.kind.noun, hint: "give the directory it was unpacked to"
      )
    case .found, .notDirectory, .endless, .unknown: return Diagnosis(.rootAbsent)
    }
  }

  /// A call that an agent had to answer, and nobody did: the kernel says ENOSYS, and init can say nothing if that was its
  /// word to us.
  private func agent(_ message: ByteString) -> Diagnosis? {
    if let filter = exec.seccomp, filter.asksTracer(of: "execve"),
      ByteString("(ENOSYS)").occurs(in: message)
    {
      return Diagnosis(
        .execFilter,
        "seccomp answers execve with SCMP_ACT_TRACE, and no tracer is attached ["
          + filter.place(of: "execve") + "]", hint: "allow execve in /linux/seccomp")
    }
    guard let listener = exec.seccomp?.listener,
      ByteString("(ENOSYS)").occurs(in: message)
        || message.hasPrefix("init exited with status 255")
    else { return nil }
    return Diagnosis(
      message.hasPrefix("init ") ? .initDied : .execFilter,
      "a rule with SCMP_ACT_NOTIFY asks the agent at `" + listener.path
        + "`, which is gone or did not answer",
      hint: "see what the agent logged, or take the call out of /linux/seccomp")
  }

  private func died(_ message: ByteString) -> Diagnosis {
    ByteString("signal 31").occurs(in: message)
      ? Diagnosis(.initDied, hint: "allow it in /linux/seccomp")
      : Diagnosis(.initDied)
  }

  private func workingDirectory(_ report: FailureReport) -> Diagnosis {
    let path = exec.program?.workingDirectory ?? "/"
    switch view?.find(path, for: user) {
    case .missing(let step, let link):
      if let link {
        return Diagnosis(
          .cwd,
          "`" + link.path + "` is a link to `" + link.target.escaped(limit: 200)
            + "`, which is not in the root filesystem", hint: "correct process.cwd or the link")
      }
      return Diagnosis(
        .cwd, "the directory `" + step + "` is not in the root filesystem",
        hint: "make it, or correct process.cwd")
    case .notDirectory(let step):
      return Diagnosis(.cwd, "`" + step + "` is no directory", hint: "correct process.cwd")
    case .closed(let directory, let status):
      return Diagnosis(
        .cwd, userName + " may not search `" + directory + "` (" + status.rights + ")",
        hint: "let others search it (chmod o+x), or run as another user")
    case .found(let real, _, let status):
      if status.kind != .directory {
        return Diagnosis(
          .cwd, "`" + real + "` is " + status.kind.title + " and no directory",
          hint: "correct process.cwd")
      }
      if let user, !user.passesAll, !status.allows(1, user) {
        return Diagnosis(
          .cwd, userName + " may not search `" + real + "` (" + status.rights + ")",
          hint: "let others search it (chmod o+x), or run as another user")
      }
      return Diagnosis(.cwd)
    case .endless, .unknown, nil: return Diagnosis(.cwd)
    }
  }

  // Who the program is.

  private var userName: ByteString {
    "uid " + ByteString(decimal: exec.identity.user.user)
  }

  /// As the host sees its files.
  var user: RootView.User? {
    let plan = exec.identity.user
    let maps = self.plan.namespaces.idMaps
    func outside(_ id: UInt32, _ map: [IDMapping]?) -> UInt32? {
      guard let map, !map.isEmpty else { return id }
      for range in map where id >= range.containerID && id - range.containerID < range.size {
        return range.hostID + (id - range.containerID)
      }
      return nil
    }
    guard let id = outside(plan.user, maps?.users) else { return nil }
    // CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH.
    let passes = exec.identity.capabilities.effective & 0b110 != 0 && maps == nil
    return RootView.User(
      user: id,
      groups: ([plan.group] + plan.additionalGroups).compactMap { outside($0, maps?.groups) },
      passesAll: passes, name: userName)
  }

  private func program(_ message: ByteString) -> Diagnosis? {
    guard let view, let program = exec.program else { return nil }
    var examination = ProgramExamination(
      program.arguments, path: program.environment.value(of: "PATH"),
      workingDirectory: program.workingDirectory, in: view, rootPath: plan.rootfs.path, for: user)
    examination.form = form
    if form != .arguments { examination.subject = "the command" }
    examination.isOfUnknownFormat = ByteString("ENOEXEC").occurs(in: message)
    if let found = examination.diagnosis() { return found }
    if ByteString("seccomp").occurs(in: message) {
      return Diagnosis(.execFilter, hint: "allow execve in /linux/seccomp")
    }
    if ByteString("ETXTBSY").occurs(in: message) {
      return Diagnosis(
        .execFailed, "a process has it open for writing",
        hint: "wait until it is written, or put a copy in its place")
    }
    return ByteString("permission denied").occurs(in: message)
      ? Diagnosis(
        .execRefused, "its mode, its mount and its interpreter allow it",
        hint: "see what a security module or a seccomp filter says (dmesg, audit log)")
      : Diagnosis(.execFailed, hint: ProgramFailure.hint(message))
  }
}

extension RootView {
  /// The files of a container that is not there (any more): its root filesystem and what the
  /// configuration mounts over it.
  init?(_ plan: RootfsPlan) {
    do throws(SyscallError) {
      let root = try Handle.currentDirectory.open(plan.path, [.path, .directory])
      self.init(
        root: SharedDescriptor(root),
        mounts: plan.mounts.map { mount in
          var source: ByteString?
          if case .bind(let path, _) = mount.kind { source = path }
          return Mount(
            pointer: mount.pointer, destination: mount.destination, source: source,
            isNoExec: mount.options.attributes.set.contains(.noExecute))
        })
    } catch {
      return nil
    }
  }

  /// The files of a process as it sees them.
  init?(ofProcess pid: Int32) {
    do throws(SyscallError) {
      let path = "/proc/" + ByteString(decimal: pid) + "/root"
      self.init(
        root: SharedDescriptor(try Handle.currentDirectory.open(path, [.path, .directory])))
    } catch {
      return nil
    }
  }
}

/// The kernel's other answers to execve(2).
enum ProgramFailure {
  static func hint(_ message: ByteString) -> ByteString {
    if ByteString("ETXTBSY").occurs(in: message) {
      return
        "some process has the file open for writing: end it (`fuser`), or write a new file and "
        + "rename it"
    }
    if ByteString("E2BIG").occurs(in: message) {
      return "args and env are too long together: pass it in a file, or raise RLIMIT_STACK"
    }
    if ByteString("ENOMEM").occurs(in: message) {
      return "raise RLIMIT_AS or RLIMIT_STACK in /process/rlimits, or the memory limit"
    }
    if ByteString("(EMFILE)").occurs(in: message) {
      return "raise RLIMIT_NOFILE in /process/rlimits, or of the caller"
    }
    if ByteString("(ENFILE)").occurs(in: message) { return "raise the sysctl fs/file-max" }
    if ByteString("ELOOP").occurs(in: message) {
      return "its links or interpreters lead in a circle"
    }
    return ""
  }
}
