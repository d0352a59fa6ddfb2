import Bytes
import Console
import Hooks
import Identity
import Linux
import Namespaces
import OCISpec
import Plan
import Rootfs
import Seccomp

// How init performs the steps that belong to no domain alone.
extension InitStage {
  /// One instance for all writes of a step, made in the namespaces where we stand now.
  func privateProcfs() throws(SyscallError) -> Handle {
    if let procfs { return procfs.handle }
    let opened = SharedDescriptor(try Procfs.openForSelf())
    procfs = opened
    return opened.handle
  }

  func runHooks(
    _ hooks: [PlannedHook], status: State.Status, environment: [ByteString],
    filter: SeccompFilter? = nil
  ) throws(StepFailure) {
    var state = context.state
    state.status = status
    // As it is seen where the hook runs (ST-4).
    state.pid = ThisProcess.id
    do throws(HookFailure) {
      try HookRunner(state: state.encoded, environment: environment, filter: filter).run(hooks)
    } catch {
      throw StepFailure(step: "", pointer: "", reason: error.message)
    }
  }

  /// A terminal of the container's own devpts, its master handed out before any program of the
  /// container runs.
  func openTerminal(_ plan: ProgramPlan.TerminalPlan) throws(SyscallError) {
    let pty = try Pty.open()
    if let size = plan.size {
      try Terminal.setSize(pty.peer.handle, rows: size.rows, columns: size.columns)
    }
    // The user only: devpts gave it the group that terminals have.
    try pty.peer.handle.changeOwner(user: exec.identity.user.user, group: .max)
    switch context.console {
    case .socket(let socket): try ConsoleSocket.send(pty.master.handle, to: socket.handle)
    case .parent: try channel.send(.terminal, pty.master.handle)
    case nil: throw SyscallError("terminal", "no console socket", .EINVAL)
    }
    for number: Int32 in 0...2 { try pty.peer.handle.duplicate(onto: number) }
    try context.creation?.rootfs.bindConsole(pty.peer.handle)
  }

  /// A filter that notifies.
  func loadFilter() throws(SyscallError) {
    guard let filter = context.filter else { return }
    // The number that the next descriptor gets.
    let next = try Handle.currentDirectory.open("/", .path).handle.raw
    // Without the machine's root the parent may take it from a visible process only. What could be
    // seen of us by now is the program's own.
    if !context.isPrivileged { try ThisProcess.setDumpable(true) }
    try channel.meet(.listens(next))
    // Left open: the parent takes it, and execve closes it.
    _ = try filter.filter.load()?.release()
    // Every call may be one that nobody answers yet.
    if !SharedFlag.wait(seconds: 20) { ThisProcess.exit(255) }
  }

  /// Nothing but the standard streams and what was asked for outlives execve.
  func sealDescriptors() throws(SyscallError) {
    procfs = nil
    // Closed and not only marked: an engine waits for the end of its console socket, and while init
    // waits for its start nothing of the host must be in it.
    try closeAllBut(channel.handle, execFIFO.waiting.handle, execFIFO.result.handle)
    try DescriptorRange.closeOnExec(from: UInt32(3 + context.preservedDescriptors))
    for number in passedDescriptors() { try number.keepOnExec() }
  }

  func enterWorkingDirectory(_ path: ByteString) throws(SyscallError) {
    do throws(SyscallError) {
      try WorkingDirectory.change(to: path)
    } catch {
      guard !retriesWorkingDirectory, error.errno == .EACCES || error.errno == .EPERM else {
        throw error
      }
      retriesWorkingDirectory = true
      return
    }
    // A directory that was reached through a leaked descriptor lies outside (CVE-2024-21626).
    let real = try WorkingDirectory.current()
    if !real.hasPrefix("/") { throw SyscallError("getcwd", path, .EXDEV) }
  }

  func ownStreams() throws(SyscallError) {
    try StandardStreams.give(to: exec.identity.user.user)
  }

  func becomeUser() throws(SyscallError) {
    try exec.identity.user.apply()
    try exec.identity.user.verify()
    // The kernel makes us dumpable again in some changes of user.
    try ThisProcess.setDumpable(false)
    try followParent()
    if retriesWorkingDirectory, let program = exec.program {
      try enterWorkingDirectory(program.workingDirectory)
    }
  }

  func takeCapabilities() throws(SyscallError) {
    try exec.identity.capabilities.apply(keeping: exec.keptCapabilities)
    try exec.identity.capabilities.verify(keeping: exec.keptCapabilities)
  }

  /// The search, and once the program is found its arguments and environment as execve takes them.
  func findProgram(asUser: Bool) throws(ProgramError) {
    guard let program = exec.program else { return }
    programPath = try ProgramSearch.find(
      program.arguments[0], path: program.environment.value(of: "PATH"),
      workingDirectory: program.workingDirectory, asUser: asUser)
    guard image == nil else { return }
    var environment = program.environment
    if environment.needsHome {
      environment.set("HOME", to: findHome())
    }
    hookEnvironment = environment.entries
    for (name, value) in context.extraEnvironment { environment.set(name, to: value) }
    image = ExecutableImage(arguments: program.arguments, environment: environment.entries)
  }

  private func findHome() -> ByteString {
    do throws(SyscallError) {
      let root = SharedDescriptor(try Handle.currentDirectory.open("/", [.path, .directory]))
      return HomeDirectory.find(user: exec.identity.user.user, root: root.handle)
    } catch {
      return HomeDirectory.fallback
    }
  }

  /// Tells the parent that all is well, and waits. From here on the parent may be gone.
  func awaitStart() throws(SyscallError) {
    try ThisProcess.setParentDeathSignal(nil)
    // Without the machine's root, exec finds our namespaces only if we can be seen. What could be seen
    // of us by now is the program's own.
    if !context.isPrivileged { try ThisProcess.setDumpable(true) }
    try channel.send(.created)
    isCreated = true
    try execFIFO.waitForStart()
    if exec.program == nil { throw SyscallError("start", "no process in config.json", .EINVAL) }
  }

  /// All that is left to do but execve.
  func announce() throws(SyscallError) {
    // Caught from the engine, or ours: the program starts with neither.
    try Signals.resetAll()
    // Closed for good and not only marked: execve resolves `/proc/self/fd/N` before it closes
    // anything. The channel and the FIFOs stay open as marked, or nobody would hear of a failure.
    try closeAllBut(channel.handle, execFIFO.waiting.handle, execFIFO.result.handle)
    if isCreated { execFIFO.announce(isMute: context.filter?.isMute == true) }
  }

  /// The last step: only an error comes back.
  func execute() -> SyscallError {
    guard let image else { return SyscallError("execve", programPath, .ENOENT) }
    return image.execute(programPath)
  }

  /// The last step with a filter: it says itself what execve answers, since nothing that would say it
  /// here can be relied on under the filter.
  func executeUnderFilter() -> SyscallError {
    guard let image, let filter = context.filter else {
      return SyscallError("execve", programPath, .ENOENT)
    }
    let listener = isCreated ? execFIFO.result.handle : channel.handle
    let report = ExecutionReport(
      handle: filter.isMute ? nil : listener,
      message: StageMessage.refused(programPath, Errno(rawValue: 0)).bytes, status: 255)
    return image.execute(programPath, under: filter.filter, report: report)
  }

  func closeAllBut(_ kept: Handle...) throws(SyscallError) {
    var first = UInt32(3 + context.preservedDescriptors)
    // Numbers may repeat: without a FIFO it is the channel that init waits at.
    for number in kept.map({ UInt32($0.raw) }).sorted() where number >= first {
      if number > first { try DescriptorRange.close(from: first, through: number - 1) }
      first = number + 1
    }
    try DescriptorRange.close(from: first)
  }
}
