// Commands: what each command does.
//
// Lives here: one file a command, or a few that belong together; the options as values; the log; how
// an error becomes the one line that the caller sees.
// Never here: how an option is spelled (CommandLine), a step of init (Launch), a file's name below the
// state root (StateStore).
// Imports: everything below.

import Bytes
import CRIU
import Container
import JSON
import Linux
import OCISpec
package import Report
import Tracing

/// Performs `command` and gives the exit status. `reserved` descriptors from 3 on are the caller's, for
/// the container.
package func perform(
  _ command: Command, global: GlobalOptions, log: Log, _ protection: Protection? = nil
) throws(CommandFailure) -> Int32 {
  let trace = try TraceFile.open(global, began: command.needsProtection ? protection?.began : nil)
  defer { TraceFile.finish(trace, log) }
  do throws(CommandFailure) { return try act(command, global, log, trace) } catch {
    trace?.fails = true
    // The wait that was ended says nothing of its own.
    guard let signal = Interruption.signal else { throw explained(error, command, global, log) }
    throw CommandFailure(interruptedBy: signal)
  }
}

private func explained(
  _ failure: CommandFailure, _ command: Command, _ global: GlobalOptions, _ log: Log
) -> CommandFailure {
  do throws(CommandFailure) {
    let context = try CommandContext(global, log)
    let failure = CommandExplanation(command: command, context: context).explain(failure)
    EndReport.keep(failure, of: command, context)
    return failure
  } catch {
    return failure
  }
}

private func act(
  _ command: Command, _ global: GlobalOptions, _ log: Log, _ trace: Trace?
) throws(CommandFailure) -> Int32 {
  if case .features = command {
    let features = Documents.features(checkpoints: CRIUProgram.path(global.criu) != nil)
    try Output.write(features.json.encoded(indent: "  ") + [0x0a])
    return 0
  }
  if case .spec(let options) = command { return try Documents.spec(options) }
  let context = try CommandContext(global, log, trace)
  switch command {
  case .create(let options): return try Create.perform(options, context)
  case .run(let options): return try Run.perform(options, context)
  case .start(let options): return try Start.perform(options, context)
  case .exec(let options): return try Exec.perform(options, context)
  case .debug(let options): return try DebugCommand.perform(options, context)
  case .trace(let options): return try TraceCommand.perform(options)
  case .state(let options): return try Inspection.state(options, context)
  case .list(let options): return try Inspection.list(options, context)
  case .ps(let options): return try Inspection.ps(options, context)
  case .kill(let options): return try Kill.perform(options, context)
  case .pause(let options): return try Pause.perform(options.id, context)
  case .resume(let options): return try Resume.perform(options.id, context)
  case .delete(let options): return try Delete.perform(options, context)
  case .update(let options): return try Update.perform(options, context)
  case .events(let options): return try Events.perform(options, context)
  case .doctor(let options): return try DoctorCommand.perform(options, context)
  case .gc(let options): return try GcCommand.perform(options, context)
  case .inspect(let options): return try InspectCommand.perform(options, context)
  case .check(let options): return try CheckCommand.perform(options, context)
  case .plan(let options): return try PlanCommand.perform(options, context)
  case .explain(let options): return try ExplainCommand.perform(options, context)
  case .seccomp(let options): return try SeccompCommand.perform(options, context)
  case .mounts(let options): return try Mounts.perform(options, context)
  case .report(let options): return try ReportCommand.perform(options, context)
  case .checkpoint(let options): return try Checkpoint.perform(options, context)
  case .restore(let options): return try Restore.perform(options, context)
  case .spec, .features: return 0
  }
}
