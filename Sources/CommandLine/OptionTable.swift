// The table: every command and option of apus. Parser, help, man pages and completions are made
// from it. Each entry is computed when it is asked for, so that start-up pays for one command only.

package enum CommandName: CaseIterable, Sendable {
  case create, start, run, state, list, kill, delete, pause, resume, exec, ps, update, events
  case mounts, checkpoint, restore, spec, features
  // From here on: to see why.
  case check, plan, explain, inspect, debug, trace, seccomp, doctor, gc, report, help, generate

  package var text: StaticString {
    switch self {
    case .create: "create"
    case .start: "start"
    case .run: "run"
    case .state: "state"
    case .list: "list"
    case .kill: "kill"
    case .delete: "delete"
    case .pause: "pause"
    case .resume: "resume"
    case .exec: "exec"
    case .ps: "ps"
    case .spec: "spec"
    case .features: "features"
    case .update: "update"
    case .events: "events"
    case .inspect: "inspect"
    case .gc: "gc"
    case .doctor: "doctor"
    case .check: "check"
    case .plan: "plan"
    case .debug: "debug"
    case .seccomp: "seccomp"
    case .report: "report"
    case .trace: "trace"
    case .checkpoint: "checkpoint"
    case .restore: "restore"
    case .mounts: "mounts"
    case .help: "help"
    case .explain: "explain"
    case .generate: "generate"
    }
  }

  package var spec: CommandSpec {
    switch self {
    case .create: .create
    case .start: .start
    case .run: .run
    case .state: .state
    case .list: .list
    case .kill: .kill
    case .delete: .delete
    case .pause: .pause
    case .resume: .resume
    case .exec: .exec
    case .ps: .ps
    case .spec: .spec
    case .features: .features
    case .update: .update
    case .events: .events
    case .inspect: .inspect
    case .gc: .gc
    case .doctor: .doctor
    case .check: .check
    case .plan: .plan
    case .debug: .debug
    case .seccomp: .seccomp
    case .report: .report
    case .trace: .trace
    case .checkpoint: .checkpoint
    case .restore: .restore
    case .mounts: .mounts
    case .help: .help
    case .explain: .explain
    case .generate: .generate
    }
  }
}

extension OptionSpec {
  package static var helpFlag: OptionSpec { .flag(.help, short: "h", "print this help and exit") }

  /// The options before the command.
  package static var global: [OptionSpec] {
    [
      .value(
        .root, .directory, "DIR",
        "directory of container state (default: /run/apus, or $XDG_RUNTIME_DIR/apus if not root)"),
      .value(
        .log, .logDestination, "FILE",
        "append messages to FILE, to journald:ID or to syslog:ID instead of standard error"),
      .value(.logFormat, .choice("text|json"), "FORMAT", "format of messages: text or json"),
      .value(
        .logLevel, .choice("error|warning|debug"), "LEVEL",
        "least severe message to write: error, warning or debug (default: error, and warnings at success)"
      ),
      .value(
        .explain, .choice("auto|always|never"), "WHEN",
        "notes below an error, what was found and what to do: auto (on a terminal), always or never"
      ),
      .flag(.debug, "the same as --log-level debug"),
      .value(
        .trace, .file, "FILE", "write how long each step of the command took to FILE (apus trace)"),
      .value(
        .traceFormat, .choice("chrome|otlp"), "FORMAT",
        "form of --trace: chrome, which Perfetto opens, or a line of OTLP that is appended (default: chrome)"
      ),
      .value(
        .cgroupManager, .choice("cgroupfs|systemd|disabled"), "MANAGER",
        "cgroup manager: cgroupfs, systemd or disabled (default: cgroupfs)"),
      .flag(
        .systemdCgroup, short: "s", "the same as --cgroup-manager systemd, which wins over this"),
      .value(
        .rootless, .choice("auto|true|false"), "WHEN",
        "whether to do without root's privileges: auto, true or false (default: auto)"),
      .value(.criu, .text, "PATH", "the criu of checkpoint and restore (default: the machine's)"),
      .flag(.version, short: "vV", "print the version and exit"),
      .helpFlag,
    ]
  }
}
