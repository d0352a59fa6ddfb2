// Commands: what each command does, from its options to its exit status.
//
// Lives here: one file for each command, the options they take, the log.
// Never here: how an option is spelled, a kernel flag, a path below the state root, the order of
// steps.
// Imports: Bytes, JSON, OCISpec, Linux, the domains, Plan, Launch, StateStore.

import Bytes

/// Performs `command`. Gives the exit status: 0, or the program's own for `run` and `exec`.
package func perform(
  _ command: Command, global: GlobalOptions, log: Log
) throws(CommandFailure) -> Int32 {
  throw CommandFailure("not implemented in this version")
}
