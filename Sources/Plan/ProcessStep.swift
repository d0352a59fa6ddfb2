import Bytes

/// What init does about what it shows and holds: its memory, its session, its descriptors.
package enum ProcessStep: Equatable, Sendable {
  /// PR_SET_DUMPABLE 0: no other process may look into this one (prctl(2)).
  case setNonDumpable
  case setDumpable
  case startSession
  /// The command line and the environment, which /proc shows.
  case forgetArguments
  /// Closes what is held of the host, but for the channel and what is passed to the program.
  case leaveHost
  /// A container in the host's mount namespace may have no null device of its own.
  case nullStreams(mayLackOne: Bool)
  /// `owner` gets the terminal.
  case terminal(ProgramPlan.TerminalPlan, owner: UInt32)
  case controllingTerminal
  /// Gives the standard streams to `user`, who opens them again through /dev/stdout.
  case ownStreams(user: UInt32)
  case sealDescriptors
}

extension ProcessStep {
  var title: ByteString {
    switch self {
    case .setNonDumpable: "become non-dumpable"
    case .setDumpable: "become dumpable"
    case .startSession: "start a session"
    case .forgetArguments: "wipe the command line and the environment"
    case .leaveHost: "close what is held of the host"
    case .nullStreams: "replace /dev/null of the standard streams"
    case .terminal: "open the terminal"
    case .controllingTerminal: "make the terminal the controlling one"
    case .ownStreams: "give the standard streams to the user"
    case .sealDescriptors: "mark descriptors to be closed"
    }
  }

  var pointer: ByteString {
    switch self {
    case .terminal, .controllingTerminal: "/process/terminal"
    case .ownStreams: "/process/user"
    case .setNonDumpable, .setDumpable, .startSession, .forgetArguments, .leaveHost, .nullStreams,
      .sealDescriptors:
      ""
    }
  }

  var reason: ByteString {
    switch self {
    case .setNonDumpable:
      "before any process in a joined namespace can look at this one (CVE-2016-9962)"
    case .setDumpable: "without root, exec and the parent find only a process that can be seen"
    case .startSession: "before a terminal can become the controlling one"
    case .forgetArguments: "before a process of the container can read them in /proc"
    case .leaveHost: "before a process of the container can reach this one"
    case .nullStreams: "the container's own /dev/null exists only now"
    case .terminal, .controllingTerminal: "needs the container's devpts"
    case .ownStreams: "needs CAP_CHOWN"
    case .sealDescriptors: "before the filter, which may forbid it"
    }
  }

  var details: ByteString {
    switch self {
    case .terminal(let plan, let owner):
      (plan.size.map {
        " of " + ByteString(decimal: $0.rows) + " rows and " + ByteString(decimal: $0.columns)
          + " columns"
      } ?? "") + " for user " + ByteString(decimal: owner)
    case .ownStreams(let user): " " + ByteString(decimal: user)
    case .nullStreams(let mayLackOne): mayLackOne ? " if the root has one" : ""
    case .setNonDumpable, .setDumpable, .startSession, .forgetArguments, .leaveHost,
      .controllingTerminal, .sealDescriptors:
      ""
    }
  }
}
