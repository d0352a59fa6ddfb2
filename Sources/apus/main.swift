// apus: the executable.
//
// Lives here: one call from its arguments to its exit status.
// Never here: how an option is spelled (CommandLine), what a command does (Commands).
// Imports: Bytes, CommandLine, Commands, Linux.

import Bytes
import CommandLine
import Commands
import Linux
import Report

// Nothing of how the caller set up its own process changes what a command does.
let protection = Protection()
Signals.takeOver()
ThisProcess.takeOverUmask()
ThisProcess.exit(call(protection))

/// Reads the arguments, opens the log, performs the command.
func call(_ protection: Protection) -> Int32 {
  let invocation: Invocation
  do throws(UsageError) {
    invocation = try Invocation.parse(
      Array(ProcessArguments.all.dropFirst()), directory: workingDirectory())
  } catch {
    return refuse(error)
  }
  switch invocation.action {
  case .print(let text): return print(text, invocation.global)
  case .printVersion: return print(Version.text, invocation.global)
  case .perform(let command): return perform(command, invocation, protection)
  }
}

func workingDirectory() -> ByteString? {
  do throws(SyscallError) {
    return try WorkingDirectory.current()
  } catch {
    return nil
  }
}

/// A mistake is logged like any failure, so that an engine can show it.
func refuse(_ mistake: UsageError) -> Int32 {
  do throws(CommandFailure) {
    // JSON lines on standard error are for a program: no usage among them.
    let isJSON = mistake.global.log == .standardError && mistake.global.logFormat == .json
    try Log(mistake.global).fail(mistake.message, explanation: isJSON ? "" : mistake.usage)
  } catch {
    Log().fail(mistake.message, explanation: mistake.usage)
  }
  return mistake.exitStatus
}

func print(_ text: ByteString, _ global: GlobalOptions) -> Int32 {
  do throws(CommandFailure) {
    try Output.write(Array(text.bytes))
    return 0
  } catch {
    Log().fail(error.message)
    return 1
  }
}

/// The streams are open, the numbers that belong to the container are taken, and no program gets another
/// file of the caller's: all before anything of ours is opened.
func secureDescriptors(reserved: Int) throws(CommandFailure) -> [Int32] {
  do throws(SyscallError) {
    try StandardStreams.fill()
    return try Descriptors.reserve(reserved)
  } catch {
    if error.errno == .EMFILE, reserved > 0 {
      throw CommandFailure(
        "--preserve-fds: " + ByteString(decimal: reserved)
          + " descriptors are more than RLIMIT_NOFILE of the caller allows; give fewer, or raise it "
          + "(ulimit -n)")
    }
    throw CommandFailure(error)
  }
}

func perform(
  _ command: Command, _ invocation: Invocation, _ protection: Protection
) -> Int32 {
  let log: Log
  let holes: [Int32]
  do throws(CommandFailure) {
    // Every file that the caller names would be opened with rights that are not the caller's.
    if Credentials.isSetuid { throw CommandFailure("apus does not run setuid or setgid") }
    let reserved = command.preservedDescriptors + Descriptors.passedIn
    holes = try secureDescriptors(reserved: reserved)
    if command.needsProtection {
      try protection.complete(
        keeping: command.callerPaths + invocation.global.callerPaths, from: 3 + reserved,
        isTraced: invocation.global.trace != nil)
    }
    log = try Log(invocation.global, reserved: reserved)
  } catch {
    Log().fail(error.message)
    return error.exitStatus
  }
  for note in invocation.notes { log.debug(note) }
  log.warn(ofHoles: holes)
  do throws(CommandFailure) {
    let status = try Commands.perform(command, global: invocation.global, log: log, protection)
    log.showWarnings()
    return status
  } catch {
    log.fail(error)
    return error.exitStatus
  }
}
