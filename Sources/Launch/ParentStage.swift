import Bytes
import Console
package import Linux
package import Plan
import Seccomp

/// The parent's side: clones init and serves it until the container is created.
package final class ParentStage {
  /// Init, or for a while the process that is going to clone it.
  package private(set) var child: ProcessHandle
  private let channel: StageChannel
  private let ends: SharedDescriptor
  /// The master of the terminal, if init was told to send it here.
  package private(set) var terminal: SharedDescriptor?
  /// Whether hooks that may have had effects were reached: then poststop hooks follow a failure.
  package private(set) var reachedHooks = false
  private var isReady = false
  /// Whether init is told at its last sync that it need not wait again.
  package var startsAtOnce = false
  private let exec: ExecutionPlan
  private var isReplaced = false
  /// Whether the process of a second clone goes on before we know it, and what it said before we did: no
  /// more than what it waits for an answer to.
  private let clonesAhead: Bool
  private var early: StageMessage?
  /// Whether it has the answer to `ready` already.
  private var isAnswered = false
  /// The process that cloned it, until it is reaped.
  private var former: ProcessHandle?
  /// Whether the child was given up because somebody holds it.
  private var isHalted = false
  /// When a child whose calls an agent answers is given up, of the monotonic clock, and whether it was.
  private var agentDeadline: Int64?
  private var agentIsSilent = false
  /// Breaks when the one that answers for the filter of the child ends: execve waits for its answer.
  package var supervisor: SharedDescriptor?
  /// How long an agent may take, in seconds, for the calls of init before it waits or is the program.
  private static let agentTime: Int64 = 10
  /// In milliseconds: how long a process may take to end that has nothing else to do any more.
  private static let endTime: Int32 = 10_000

  private init(
    _ child: ProcessHandle, _ exec: ExecutionPlan, _ ends: SharedDescriptor,
    _ context: InitContext
  ) {
    self.child = child
    clonesAhead = !context.waitsWhenCloned
    self.exec = exec
    self.ends = ends
    channel = StageChannel(ends.handle)
  }

  /// Clones a child into `cgroup` and into `new` namespaces, and has it perform `steps`, after what
  /// `inChild` does there.
  package static func launch(
    _ steps: [InitStep], _ exec: ExecutionPlan, new namespaces: NamespaceFlags,
    into cgroup: Handle?, _ context: InitContext, inChild: () -> Void = {}
  ) throws(SyscallError) -> ParentStage {
    let (own, other) = try Socket.pair(.sequencedPacket)
    switch try ThisProcess.clone(new: namespaces, into: cgroup) {
    case .child:
      // An end kept open here would hide the parent's death from us.
      own.closeInChild()
      inChild()
      InitStage.run(steps, context, other)
    case .parent(let child): return ParentStage(child, exec, own, context)
    }
  }

  /// Serves init until it has its maps.
  package func serveMaps(_ service: some StageService) throws(StepFailure) {
    try serve(service, untilMapped: true)
  }

  /// Serves init until it has found its program and waits for `start`, or, in an `exec`, until it is
  /// the program.
  package func serve(_ service: some StageService) throws(StepFailure) {
    try serve(service, untilMapped: false)
  }

  /// The process that was cloned takes the place of the one that said so.
  private func follow(_ pidfd: SharedDescriptor?, _ service: some StageService)
    throws(StepFailure)
  {
    former = child
    try replaceChild(pidfd)
    if clonesAhead {
      isAnswered = try service.cloned(child)
      if isAnswered { try proceed() }
      return
    }
    try proceed()
    // The next one goes on meanwhile.
    try reapFormer()
  }

  private func serve(_ service: some StageService, untilMapped: Bool) throws(StepFailure) {
    while true {
      guard let (message, descriptor) = try receive() else {
        try checkSilence()
        // execve closed the channel, unless a filter kept it from telling that it failed.
        if isReady && !service.waitsForStart { return try checkExecErrno() }
        throw StepFailure(step: "", pointer: "", reason: describeDeath())
      }
      switch message {
      case .needsMaps:
        try service.writeMaps(child)
        if untilMapped { return try proceed() }
      case .cloned:
        try follow(descriptor, service)
        continue
      case .listens(let number):
        try proceed()
        try service.handOver(try takeListener(number), of: child)
        SharedFlag.raise()
        agentDeadline = Clock.monotonicNanoseconds + ParentStage.agentTime * 1_000_000_000
        continue
      case .mountsDone:
        reachedHooks = true
        try service.mountsDone(child)
      case .terminal:
        terminal = descriptor
        try prepareTerminal()
        continue
      case .entered:
        try service.entered(child)
        continue
      case .ready:
        try service.ready(child)
        isReady = true
        if isAnswered {
          try reapFormer()
          continue
        }
        if startsAtOnce {
          try send(.start)
          continue
        }
      case .created:
        // What comes now may take its time: startContainer hooks.
        agentDeadline = nil
        return
      case .failed(let failure): throw failure
      case .refused(let path, let errno): throw StepFailure(refused: path, errno)
      case .halts(let number): try service.halt(before: Int(number), child)
      case .proceed, .start, .network:
        throw StepFailure(step: "", pointer: "", reason: "unexpected message from init")
      }
      try proceed()
      try reapFormer()
    }
  }

  private func reapFormer() throws(StepFailure) {
    guard let ended = former else { return }
    former = nil
    do throws(SyscallError) {
      if try ended.wait(milliseconds: ParentStage.endTime) == nil { ended.end() }
    } catch {
      throw StepFailure(step: "start init", error)
    }
  }

  /// Of a wait that has ended without a message, whether it was given up.
  private func checkSilence() throws(StepFailure) {
    if isHalted {
      throw StepFailure(
        step: "", pointer: "",
        reason: "a process of the container stopped the one that joins it, for 5 seconds")
    }
    if agentIsSilent {
      throw StepFailure(
        step: "", pointer: "/linux/seccomp/listenerPath",
        reason: "the seccomp agent has not answered what init asks under the filter for "
          + ByteString(decimal: ParentStage.agentTime) + " seconds")
    }
  }

  /// Before init goes on: the program finds its terminal as the caller has it.
  private func prepareTerminal() throws(StepFailure) {
    do throws(SyscallError) {
      if let terminal { try CallerStreams().prepare(terminal.handle) }
    } catch {
      throw StepFailure(step: "set up the terminal", error)
    }
  }

  private func checkExecErrno() throws(StepFailure) {
    if let errno = ExecErrno.errno { throw StepFailure(refused: programName, errno) }
  }

  private var programName: ByteString { exec.program?.arguments[0] ?? "" }

  /// From its first call under the filter on, init may be waiting for whoever listens: it can tell us
  /// nothing more, so the listener is looked for until it is there (SN-5).
  private func takeListener(_ number: Int32) throws(StepFailure) -> SharedDescriptor {
    do throws(SyscallError) {
      // Ten seconds, of which one round takes a millisecond.
      for _ in 0..<10_000 {
        if let found = try child.descriptor(number), try found.handle.isSeccompListener() {
          return found
        }
        if try !Polling.wait([(child.handle, .input)], milliseconds: 1)[0].isEmpty { break }
      }
    } catch {
      throw StepFailure(step: "take the seccomp listener", pointer: "/linux/seccomp", error)
    }
    // A filter that could not be loaded was reported.
    if case .failed(let failure)? = try receive()?.0 { throw failure }
    throw StepFailure(step: "", pointer: "", reason: describeDeath())
  }

  /// The process that was cloned beside the child, which ends.
  private func replaceChild(_ pidfd: SharedDescriptor?) throws(StepFailure) {
    do throws(SyscallError) {
      // Once: later messages come from where programs of the container may have taken the channel.
      guard let pidfd, !isReplaced else {
        throw .violation("init announced its second clone twice, or without a descriptor")
      }
      child = try ProcessHandle.adopt(pidfd)
      isReplaced = true
    } catch {
      throw StepFailure(step: "start init", error)
    }
  }

  /// Lets init go on; to one of a `run` that waits, lets it start.
  package func proceed() throws(StepFailure) { try send(.proceed) }

  /// The network namespace that this process launched init from.
  package func network() throws(SyscallError) -> FileDescriptor {
    try Socket.network(of: channel.handle)
  }

  /// Gives init the network namespace that it is going to join. If it is gone, it has said why.
  package func send(network: Handle) throws(SyscallError) {
    do throws(SyscallError) { try channel.send(.network, network) } catch {
      if error.errno != .EPIPE, error.errno != .ECONNRESET { throw error }
    }
  }

  private func send(_ answer: StageMessage) throws(StepFailure) {
    do throws(SyscallError) { try channel.send(answer) } catch {
      // Only of one that is gone do we ask how it ended: who lives would be waited for without an end.
      if error.errno != .EPIPE, error.errno != .ECONNRESET {
        throw StepFailure(step: "serve init", error)
      }
      try throwLastWords()
      throw StepFailure(step: "", pointer: "", reason: describeDeath())
    }
  }

  /// Of one that is gone: why, if it said so and nobody has read it yet.
  private func throwLastWords() throws(StepFailure) {
    let words: [StageMessage]
    do throws(SyscallError) { words = try channel.rest() } catch {
      throw StepFailure(step: "serve init", error)
    }
    for word in [early].compactMap({ $0 }) + words {
      if case .failed(let failure) = word { throw failure }
      if case .refused(let path, let errno) = word { throw StepFailure(refused: path, errno) }
    }
  }

  /// After what starts a `run`: what became of the program.
  package func outcome(_ service: some StageService) throws(StepFailure) -> ExecFIFO.Outcome {
    var bytes = [UInt8]()
    while let message = try nextWord() {
      if case .halts(let number)? = StageMessage(bytes: message) {
        try service.halt(before: Int(number), child)
        try proceed()
      } else {
        bytes += message
      }
    }
    do throws(SyscallError) {
      return try ExecFIFO.outcome(of: bytes, isAlive: true, program: programName) {
        () throws(SyscallError) in ExecErrno.errno
      }
    } catch {
      throw StepFailure(step: "start", error)
    }
  }

  /// nil at the end.
  private func nextWord() throws(StepFailure) -> [UInt8]? {
    do throws(SyscallError) {
      guard try hasMessage() else { return nil }
      let message = try Socket.receive(ends.handle, limit: StageMessage.limit)
      return message.isEmpty ? nil : message
    } catch {
      if error.errno != .ECONNRESET { throw StepFailure(step: "start", error) }
      return nil
    }
  }

  private func receive() throws(StepFailure) -> (StageMessage, SharedDescriptor?)? {
    if isReplaced, let message = early {
      early = nil
      return (message, nil)
    }
    do throws(SyscallError) {
      while try hasMessage() {
        guard let next = try channel.receive() else { return nil }
        guard clonesAhead, !isReplaced, next.0.isAnswered else { return next }
        // The process of the second clone was faster than the one that announces it. It waits now.
        if early != nil {
          throw SyscallError.violation("init spoke on while it waits for an answer")
        }
        early = next.0
      }
      return nil
    } catch {
      throw StepFailure(step: "serve init", error)
    }
  }

  /// Waits for the next message or the end of the channel; false if the child ended first. Others may
  /// hold the child's end of the channel: one that it cloned and could not tell us of.
  ///
  /// A child that was cloned into a pid namespace that exists can be stopped by whoever is there, and
  /// its end of the channel can be taken from it: false after a while, and once it is the program.
  private func hasMessage() throws(SyscallError) -> Bool {
    var halts = 0
    var isUnanswered = false
    while true {
      var watched = [(channel.handle, Polling.Events.input), (child.handle, .input)]
      if let supervisor, !isUnanswered { watched.append((supervisor.handle, .input)) }
      let events = try Polling.wait(
        watched, milliseconds: isReplaced || isUnanswered || agentDeadline != nil ? 1000 : -1)
      if !events[0].isEmpty { return true }
      if events[1].isEmpty {
        if isUnanswered {
          throw .unmet("what answers for the filter was killed before the program was executed")
        }
        // It also ends by itself when init does, which may have said why between two looks.
        isUnanswered = events.count == 3 && !events[2].isEmpty
        if isUnanswered { continue }
        if let agentDeadline, Clock.monotonicNanoseconds > agentDeadline {
          agentIsSilent = true
          return false
        }
        if !isReplaced { continue }
        halts = try child.isStopped() ? halts + 1 : 0
        isHalted = halts == 5
        if isHalted || (isReady && child.hasExecuted()) { return false }
        continue
      }
      // It may have spoken between the two looks.
      return try !Polling.wait([(channel.handle, .input)], milliseconds: 0)[0].isEmpty
    }
  }

  /// How init ended without a word. What the kernel did for memory the cgroup tells.
  private func describeDeath() -> ByteString {
    do throws(SyscallError) {
      switch try child.wait(milliseconds: ParentStage.endTime) {
      case nil: return "init has left the runtime without a word, and has not ended"
      case .exited(let status):
        return "init exited with status " + ByteString(decimal: status)
      case .signaled(let signal):
        return "init was killed by signal " + ByteString(decimal: signal)
          + (signal == Signal.badCall.rawValue ? badCall : "")
      }
    } catch {
      return "init is gone"
    }
  }
}

extension ParentStage {
  /// Whose filter kills, where init made a call that it must not make. The container's is the last
  /// step, unless it notifies.
  private var badCall: ByteString {
    exec.seccomp?.usesNotify == true
      ? " (the seccomp filter, which notifies, forbids a call that init needs [/linux/seccomp])"
      : " (a seccomp filter that the runtime was started under forbids a call)"
  }
}

/// What happens in the parent at each meeting with init.
package protocol StageService {
  /// Whether the child waits for a start instead of going on to its program.
  var waitsForStart: Bool { get }
  /// It is in its user and time namespaces, and nobody else is: their maps and clocks are ours to set.
  func writeMaps(_ child: ProcessHandle) throws(StepFailure)
  /// The filter of the child asks whoever has `listener`.
  func handOver(_ listener: SharedDescriptor, of child: ProcessHandle) throws(StepFailure)
  /// It was cloned into the container, and goes on. Returns whether it need not wait when it is ready.
  func cloned(_ child: ProcessHandle) throws(StepFailure) -> Bool
  /// It is in all its namespaces, and goes on.
  func entered(_ child: ProcessHandle) throws(StepFailure)
  /// Every mount is made, pivot_root has not happened.
  func mountsDone(_ child: ProcessHandle) throws(StepFailure)
  /// Init waits before the step with this place in the order.
  func halt(before step: Int, _ child: ProcessHandle) throws(StepFailure)
  /// Nothing of the host is needed any more: limits are set and the pid is recorded.
  func ready(_ child: ProcessHandle) throws(StepFailure)
}
