package import Bytes
package import Linux
package import Tracing

/// Runs hooks where its caller stands: in this process's namespaces, cgroup and root, and with its
/// user.
package struct HookRunner {
  /// The State document that each hook reads from its standard input (HK-6).
  private let state: [UInt8]
  /// For hooks whose configuration says nothing about an environment (HK-3).
  private let environment: [ByteString]
  /// The hooks' current directory; nil keeps that of this process.
  private let directory: SharedDescriptor?
  /// What each hook is put under as its last step before it is executed: the filter need not allow
  /// what we do.
  private let filter: SeccompFilter?
  /// With `--trace`.
  package var trace: HookTrace?

  package init(
    state: [UInt8], environment: [ByteString] = [], directory: SharedDescriptor? = nil,
    filter: SeccompFilter? = nil
  ) {
    self.state = state
    self.environment = environment
    self.directory = directory
    self.filter = filter
  }

  /// All of `hooks` in their order, up to the first that fails.
  package func run(_ hooks: [PlannedHook]) throws(HookFailure) {
    if filter != nil, let hook = hooks.first, !ExecErrno.exists {
      do throws(SyscallError) { try ExecErrno.make() } catch {
        throw HookFailure(hook: hook, reason: .system(error), lastLine: "", duration: 0)
      }
    }
    for hook in hooks { try run(hook) }
  }

  /// All of `hooks`, whatever becomes of one of them: `poststop` must not hold up a deletion (HK-9).
  /// `onEnd` is told of each, with the failure if it was one.
  package func runEach(_ hooks: some Sequence<PlannedHook>, onEnd: (HookFailure?) -> Void) {
    for hook in hooks {
      // A signal ends a hook that hangs, not the deletion.
      Interruption.allowing {
        do throws(HookFailure) {
          try run(hook, grace: HookRunner.grace)
          onEnd(nil)
        } catch {
          onEnd(error)
        }
      }
    }
  }

  /// The seconds that a signal leaves a hook which takes something apart: most are about to be done. The
  /// next signal ends it at once.
  private static var grace: Int64 { 5 }

  private func run(_ hook: PlannedHook, grace: Int64? = nil) throws(HookFailure) {
    guard let trace else { return try perform(hook, nil, grace: grace) }
    let parent = trace.begin(hook.arguments)
    do throws(HookFailure) { try perform(hook, parent, grace: grace) } catch {
      trace.end(error.message)
      throw error
    }
    trace.end(nil)
  }

  private func perform(_ hook: PlannedHook, _ parent: TraceParent?, grace: Int64?)
    throws(HookFailure)
  {
    var output = HookOutput()
    let end: ProcessEnd?
    let start = Clock.monotonicNanoseconds
    func failure(_ reason: HookFailure.Reason, _ lastLine: ByteString) -> HookFailure {
      HookFailure(
        hook: hook, reason: reason, lastLine: lastLine,
        duration: (Clock.monotonicNanoseconds - start) / 1_000_000)
    }
    do throws(SyscallError) {
      end = try spawn(hook, parent, grace: grace, &output)
      if filter != nil, let errno = ExecErrno.errno {
        throw SyscallError("execve", hook.path, errno)
      }
    } catch {
      throw failure(.system(error), "")
    }
    guard let end else { throw failure(.timedOut(hook.timeout ?? 0), output.lastLine) }
    if end != .exited(0) { throw failure(.ended(end), output.lastLine) }
  }

  /// The end of the hook, nil when its time ran out; it is dead and reaped in either case.
  private func spawn(
    _ hook: PlannedHook, _ parent: TraceParent?, grace: Int64?, _ output: inout HookOutput
  ) throws(SyscallError) -> ProcessEnd? {
    // A file, not a pipe: a hook that does not read cannot make us wait or raise SIGPIPE.
    let input = try MemoryFile.create("state")
    try input.handle.writeAll(state)
    try MemoryFile.seal(input.handle)
    try input.handle.seek(to: 0)
    let (reading, writing) = try makePipe()
    let file = try HookRunner.open(hook.outputFile)
    let errorFile = try HookRunner.open(hook.errorFile)
    var environment = hook.environment ?? environment
    if let parent {
      environment = HookTrace.adding(parent, to: environment, own: hook.environment != nil)
    }
    let image = ExecutableImage(arguments: hook.arguments, environment: environment)
    let own = ThisProcess.id
    switch try ThisProcess.fork() {
    case .child:
      become(
        hook, image, parent: own, input: input.handle, output: (file ?? writing).handle,
        errors: (errorFile ?? writing).handle)
    case .parent(let child):
      return try supervise(child, hook, grace: grace, reading: reading.handle, &output)
    }
  }

  private static func open(_ path: ByteString?) throws(SyscallError) -> SharedDescriptor? {
    guard let path else { return nil }
    // Opening a FIFO without a reader would block forever; non-blocking it is an error (ENXIO).
    let file = SharedDescriptor(
      try Handle.currentDirectory.open(
        path, [.writeOnly, .create, .append, .nonBlocking, .noControllingTerminal], mode: 0o600))
    // For hooks it is a file like any other.
    try file.handle.setNonBlocking(false)
    return file
  }

  /// The child's side: three descriptors, a group of its own, then the program (HK-10).
  private func become(
    _ hook: PlannedHook, _ image: ExecutableImage, parent: Int32, input: Handle, output: Handle,
    errors: Handle
  ) -> Never {
    var failure: SyscallError
    do throws(SyscallError) {
      // The parent may be killed, and no other process would find this one.
      try ThisProcess.endWithParent(parent)
      try ThisProcess.makeProcessGroup()
      try Signals.resetAll()
      try input.duplicate(onto: 0)
      try output.duplicate(onto: 1)
      try errors.duplicate(onto: 2)
      if let directory { try WorkingDirectory.change(to: directory.handle) }
      try DescriptorRange.close(from: 3)
      if let filter {
        let report = ExecutionReport(handle: nil, message: [], status: 127)
        failure = image.execute(hook.path, under: filter, report: report)
      } else {
        failure = image.execute(hook.path)
      }
    } catch {
      failure = error
    }
    // The errno by its name only: engines take its text for the fate of the container's program.
    let words = failure.call + " failed with " + failure.errno.symbol
    do throws(SyscallError) { try Handle.standardError.writeOnce(words) } catch {}
    ThisProcess.exit(127)
  }
}
