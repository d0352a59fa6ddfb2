import Bytes
import Console
import Linux
import Plan
import Rootfs

// What a process of the container may see of this one, and what this one lets go of.
extension InitStage {
  func perform(_ step: ProcessStep) throws(SyscallError) {
    switch step {
    case .setNonDumpable: try ThisProcess.setDumpable(false)
    case .setDumpable: try ThisProcess.setDumpable(true)
    case .startSession: try ThisProcess.makeSession()
    case .forgetArguments: ProcessArguments.forget()
    case .leaveHost: try leaveHost()
    case .nullStreams(let mayLackOne):
      // An `exec` has entered the root already.
      let root = context.creation?.rootfs.root.handle
      try NullStreams.replace(root: root, mayLackOne: mayLackOne)
    case .terminal(let plan, let owner): try openTerminal(plan, owner: owner)
    case .controllingTerminal: try Terminal.makeControlling(.standardInput)
    case .ownStreams(let user): try StandardStreams.give(to: user)
    case .sealDescriptors: try sealDescriptors()
    }
  }

  /// A terminal of the container's own devpts, its master handed out before any program of the
  /// container runs.
  private func openTerminal(_ plan: ProgramPlan.TerminalPlan, owner: UInt32) throws(SyscallError) {
    let pty = try Pty.open()
    if let size = plan.size {
      try Terminal.setSize(pty.peer.handle, rows: size.rows, columns: size.columns)
    }
    // The user only: devpts gave it the group that terminals have.
    try pty.peer.handle.changeOwner(user: owner, group: .max)
    switch context.console {
    case .socket(let socket): try ConsoleSocket.send(pty.master.handle, to: socket.handle)
    case .parent: try channel.send(.terminal, pty.master.handle)
    case nil: throw .unmet("there is no console socket to send the terminal to")
    }
    for number: Int32 in 0...2 { try pty.peer.handle.duplicate(onto: number) }
  }

  /// Closes everything but the channel, the standard streams and what is passed to the program. The
  /// placeholder of a number that nothing is passed with is a file of the host too: the channel takes
  /// its place, and nothing that is opened later gets the number.
  private func leaveHost() throws(SyscallError) {
    procfs = nil
    let passed = passedDescriptors()
    passedBefore = passed
    for number in 0..<context.preservedDescriptors {
      let handle = Handle(raw: Int32(3 + number))
      if !passed.contains(handle) { try channel.handle.occupy(handle.raw) }
    }
    try closeAllBut(channel.handle)
  }

  /// Those of the numbers from 3 on that hold a file of the caller's. The others hold a placeholder,
  /// which stays close-on-exec.
  private func passedDescriptors() -> [Handle] {
    if let passedBefore { return passedBefore }
    return (0..<context.preservedDescriptors).map { Handle(raw: Int32(3 + $0)) }
      .filter { !PreservedDescriptors.isPlaceholder($0) }
  }

  /// Nothing but the standard streams and what was asked for outlives execve.
  private func sealDescriptors() throws(SyscallError) {
    procfs = nil
    // Closed and not only marked: an engine waits for the end of its console socket, and while init
    // waits for its start nothing of the host must be in it.
    try closeAllBut(channel.handle, execFIFO.waiting.handle, execFIFO.result.handle)
    try DescriptorRange.closeOnExec(from: UInt32(3 + context.preservedDescriptors))
    for number in passedDescriptors() { try number.keepOnExec() }
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
