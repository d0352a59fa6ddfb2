import Bytes
import Hooks
import Identity
import Linux
import OCISpec
import Plan
import Seccomp

// From the search for the program to execve.
extension InitStage {
  /// `part` of `step`. The errors of hooks and of a program that cannot be executed are lines of their
  /// own, which name no step.
  func perform(_ part: ProgramStep, of step: InitStep) throws(StepFailure) {
    switch part {
    case .createContainerHooks(let hooks):
      try runHooks(hooks, status: .creating, environment: [], filter: nil)
    case .startContainerHooks(let hooks, let underFilter):
      try runHooks(
        hooks, status: .created, environment: hookEnvironment,
        filter: underFilter ? try filter(for: step).filter : nil)
    case .find(let program, let user): try find(program, user: user)
    case .check(let program): try search(program, asUser: true)
    case .loadFilter:
      let filter = try filter(for: step)
      try named(step) { () throws(SyscallError) in try load(filter) }
    case .enterWorkingDirectory(let path):
      try named(step) { () throws(SyscallError) in try enterWorkingDirectory(path) }
    case .retryWorkingDirectory(let path):
      if !retriesWorkingDirectory { return }
      try named(step) { () throws(SyscallError) in try enterWorkingDirectory(path) }
    case .announce: try named(step) { () throws(SyscallError) in try announce() }
    case .execute:
      // A program that execve refuses is the one case that engines ask about.
      throw StepFailure(step: "", pointer: "", reason: ProgramError(execute()).message)
    case .executeUnderFilter:
      let filter = try filter(for: step)
      try named(step) { () throws(SyscallError) in throw execute(under: filter) }
    case .none:
      throw failure(of: step, "config.json has no process")
    }
  }

  private func failure(of step: InitStep, _ reason: ByteString) -> StepFailure {
    StepFailure(step: step.title, pointer: step.pointer, reason: reason)
  }

  /// The plan's filter, as the parent compiled it.
  private func filter(for step: InitStep) throws(StepFailure) -> SeccompProgram {
    guard let filter = context.filter else {
      throw failure(of: step, "there is no compiled filter")
    }
    return filter
  }

  private func runHooks(
    _ hooks: [PlannedHook], status: State.Status, environment: [ByteString],
    filter: SeccompFilter?
  ) throws(StepFailure) {
    var state = context.state
    state.status = status
    // As it is seen where the hook runs (ST-4).
    state.pid = ThisProcess.id
    do throws(HookFailure) {
      var runner = HookRunner(state: state.encoded, environment: environment, filter: filter)
      runner.trace = context.hookTrace
      try runner.run(hooks)
    } catch {
      throw StepFailure(step: "", pointer: "", reason: error.message)
    }
  }

  /// Finds the program, and makes its arguments and environment as execve takes them.
  private func find(_ program: ProgramPlan, user: UInt32) throws(StepFailure) {
    try search(program, asUser: false)
    var environment = program.environment
    if environment.needsHome {
      environment.set("HOME", to: findHome(of: user))
    }
    hookEnvironment = environment.entries
    for (name, value) in context.extraEnvironment { environment.set(name, to: value) }
    image = ExecutableImage(arguments: program.arguments, environment: environment.entries)
  }

  private func search(_ program: ProgramPlan, asUser: Bool) throws(StepFailure) {
    do throws(ProgramError) {
      programPath = try ProgramSearch.find(
        program.arguments[0], path: program.environment.value(of: "PATH"),
        workingDirectory: program.workingDirectory, asUser: asUser)
    } catch {
      throw StepFailure(step: "", pointer: "", reason: error.message)
    }
  }

  private func findHome(of user: UInt32) -> ByteString {
    do throws(SyscallError) {
      let root = SharedDescriptor(try Handle.currentDirectory.open("/", [.path, .directory]))
      return HomeDirectory.find(user: user, root: root.handle)
    } catch {
      return HomeDirectory.fallback
    }
  }

  private func enterWorkingDirectory(_ path: ByteString) throws(SyscallError) {
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
    if !real.hasPrefix("/") {
      throw .violation(quoted(path) + " is outside the container's root", path)
    }
  }

  /// A filter that notifies.
  private func load(_ filter: SeccompProgram) throws(SyscallError) {
    // The number that the next descriptor gets.
    let next = try Handle.currentDirectory.open("/", .path).handle.raw
    try channel.sync(.listens(next))
    // Every call may be one that nobody answers before the parent has the listener.
    if try !filter.filter.loadListening(seconds: 20) { ThisProcess.exit(255) }
  }

  /// All that is left to do but execve.
  private func announce() throws(SyscallError) {
    // Caught from the engine, or ours: the program starts with neither.
    try Signals.resetAll()
    // Closed for good and not only marked: execve resolves `/proc/self/fd/N` before it closes
    // anything. The channel and the FIFOs stay open as marked, or nobody would hear of a failure.
    try closeAllBut(channel.handle, execFIFO.waiting.handle, execFIFO.result.handle)
    if isCreated { execFIFO.announce(forbidsWrite: context.filter?.forbidsWrite == true) }
  }

  /// The last step: only an error comes back.
  private func execute() -> SyscallError {
    guard let image else { return .unmet("the program has not been looked up") }
    return image.execute(programPath)
  }

  /// The last step with a filter: it says itself what execve answers, since nothing that would say it
  /// here can be relied on under the filter.
  private func execute(under filter: SeccompProgram) -> SyscallError {
    guard let image else { return .unmet("the program has not been looked up") }
    let listener = isCreated ? execFIFO.result.handle : channel.handle
    let report = ExecutionReport(
      handle: filter.forbidsWrite ? nil : listener,
      message: StageMessage.refused(programPath, Errno(rawValue: 0)).bytes, status: 255)
    return image.execute(programPath, under: filter.supervised ?? filter.filter, report: report)
  }
}
