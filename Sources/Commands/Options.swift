package import Bytes
package import Report
package import Seccomp

// What the command line asked for, after parsing: one value for each command, nothing of how a
// flag is spelled. Every path here is absolute unless its comment says otherwise; no id has been
// checked yet, since the rule for ids belongs to the state store.

/// One invocation. Commands of later versions that take no options here are refused by the parser.
package enum Command: Sendable {
  case create(CreateOptions)
  case start(StartOptions)
  case run(RunOptions)
  case state(StateOptions)
  case list(ListOptions)
  case kill(KillOptions)
  case delete(DeleteOptions)
  case pause(PauseOptions)
  case resume(ResumeOptions)
  case exec(ExecOptions)
  case debug(DebugOptions)
  case trace(TraceOptions)
  case ps(PsOptions)
  case spec(SpecOptions)
  case features
  case update(UpdateOptions)
  case events(EventsOptions)
  case inspect(InspectOptions)
  case gc(GcOptions)
  case doctor(DoctorOptions)
  case check(CheckOptions)
  case plan(PlanOptions)
  case explain(ExplainOptions)
  case seccomp(SeccompOptions)
  case mounts(MountsOptions)
  case report(ReportOptions)
  case checkpoint(CheckpointOptions)
  case restore(RestoreOptions)
}

extension Command {
  /// How many descriptors from 3 on belong to the container: nothing of ours may take those numbers
  /// (CVE-2024-21626 is a descriptor of the runtime that reached a container).
  package var preservedDescriptors: Int {
    switch self {
    case .create(let options): options.preserveFds
    case .run(let options): options.create.preserveFds
    case .exec(let options): options.preserveFds
    case .restore(let options): options.create.preserveFds
    case .start, .state, .list, .kill, .delete, .pause, .resume, .debug, .trace, .ps, .spec,
      .features, .update, .events, .inspect, .gc, .doctor, .check, .plan, .explain, .seccomp,
      .mounts, .report, .checkpoint:
      0
    }
  }
}

/// The options before the command.
package struct GlobalOptions: Equatable, Sendable {
  /// `--root`, never `/`; nil asks for the default root, which may be missing.
  package var root: ByteString?
  package var log: LogDestination = .standardError
  package var logFormat: LogFormat = .text
  /// nil: errors, and warnings of a command that succeeds.
  package var logLevel: LogLevel?
  package var notes: NotesChoice = .automatic
  /// What `--cgroup-manager`, or else `--systemd-cgroup`, chose; nil if neither was given.
  package var cgroupManager: CgroupManagerChoice?
  package var rootless: RootlessChoice = .automatic
  /// The criu to use, absolute or a bare name.
  package var criu: ByteString?
  package var trace: TraceChoice?

  package init() {}
}

package enum CgroupManagerChoice: Equatable, Sendable { case cgroupfs, systemd, disabled }

package enum RootlessChoice: Equatable, Sendable { case automatic, yes, no }

package enum OutputFormat: Equatable, Sendable { case table, json }

package struct CreateOptions: Equatable, Sendable {
  package var id: ByteString
  package var bundle: ByteString
  /// The configuration file, `config.json` in the bundle unless `--config` names another.
  package var config: ByteString
  package var consoleSocket: ByteString?
  package var pidfdSocket: ByteString?
  package var pidFile: ByteString?
  package var noPivot = false
  package var noNewKeyring = false
  package var preserveFds = 0
  package var changes = ConfigChanges()
  package var supervision: Supervision?

  package init(id: ByteString, bundle: ByteString, config: ByteString) {
    self.id = id
    self.bundle = bundle
    self.config = config
  }
}

package struct RunOptions: Equatable, Sendable {
  package var create: CreateOptions
  package var detach = false
  package var keep = false
  package var noSubreaper = false
  /// `--break`.
  package var breaks: [ByteString] = []
  /// Where the profile goes that is learnt; nil: standard output.
  package var profile: ByteString?

  package init(create: CreateOptions) { self.create = create }
}

package struct StartOptions: Equatable, Sendable {
  package var id: ByteString
  package init(id: ByteString) { self.id = id }
}

package struct StateOptions: Equatable, Sendable {
  package var id: ByteString
  package init(id: ByteString) { self.id = id }
}

package struct PauseOptions: Equatable, Sendable {
  package var id: ByteString
  package init(id: ByteString) { self.id = id }
}

package struct ResumeOptions: Equatable, Sendable {
  package var id: ByteString
  package init(id: ByteString) { self.id = id }
}

package struct ListOptions: Equatable, Sendable {
  package var format: OutputFormat = .table
  /// Ids only.
  package var quiet = false
  package init() {}
}

package struct KillOptions: Equatable, Sendable {
  /// An extended regular expression if `regex` is set.
  package var id: ByteString
  /// As given: a number, a name with or without `SIG` in any case, or `RTMIN+n`.
  package var signal: ByteString = "SIGTERM"
  package var all = false
  package var regex = false
  package init(id: ByteString) { self.id = id }
}

package struct DeleteOptions: Equatable, Sendable {
  /// An extended regular expression if `regex` is set.
  package var id: ByteString
  package var force = false
  package var regex = false
  package init(id: ByteString) { self.id = id }
}

package struct ExecOptions: Equatable, Sendable {
  package var id: ByteString
  /// The file with the process object; the options from `tty` to `capabilities` and `arguments` are
  /// empty then, since the file stands for all of them.
  package var process: ByteString?
  package var detach = false
  package var pidFile: ByteString?
  package var consoleSocket: ByteString?
  package var pidfdSocket: ByteString?
  package var preserveFds = 0
  package var ignorePaused = false
  /// As given, `[CTRL[,CTRL]:]PATH` below the container's cgroup.
  package var cgroups: [ByteString] = []

  package var tty = false
  /// A path in the container, as given.
  package var cwd: ByteString?
  /// `NAME=VALUE` entries, to be appended to the environment of the container's configuration.
  package var environment: [ByteString] = []
  package var user: ExecUser?
  package var additionalGids: [UInt32] = []
  /// nil keeps what the configuration says.
  package var noNewPrivileges: Bool?
  package var processLabel: ByteString?
  package var apparmorProfile: ByteString?
  package var capabilities: [ByteString] = []
  /// The program and its arguments: never empty without `process`.
  package var arguments: [ByteString] = []

  package init(id: ByteString) { self.id = id }
}

package struct ExecUser: Equatable, Sendable {
  package var uid: UInt32
  /// nil keeps the group of the container's configuration.
  package var gid: UInt32?
  package init(uid: UInt32, gid: UInt32?) {
    self.uid = uid
    self.gid = gid
  }
}

package struct PsOptions: Equatable, Sendable {
  package var id: ByteString
  package var format: OutputFormat = .table
  /// For the host's `ps`.
  package var arguments: [ByteString] = []
  package init(id: ByteString) { self.id = id }
}

package struct SpecOptions: Equatable, Sendable {
  /// The file to write: `config.json` in the bundle unless `--file` names another.
  package var file: ByteString
  package var rootless = false
  package init(file: ByteString) { self.file = file }
}

package struct EventsOptions: Equatable, Sendable {
  package var id: ByteString
  /// Between two samples, at least 1.
  package var intervalNanoseconds: Int64 = 5_000_000_000
  /// One sample, then exit.
  package var stats = false
  package init(id: ByteString) { self.id = id }
}

package struct CheckOptions: Equatable, Sendable {
  package var bundle: ByteString
  package var config: ByteString
  /// The table of what the container could do to the host.
  package var security = false
  /// The highest score that is no failure.
  package var threshold: Int?
  /// Warnings are failures too.
  package var strict = false
  /// The user of the host whose `create` is asked about; nil is the caller.
  package var asUser: UInt32?
  package var rootless = false
  package var changes = ConfigChanges()
  package var format: OutputFormat = .table

  package init(bundle: ByteString, config: ByteString) {
    self.bundle = bundle
    self.config = config
  }
}

package struct PlanOptions: Equatable, Sendable {
  package var bundle: ByteString
  package var config: ByteString
  /// The bundle to compare with.
  package var other: ByteString?
  package var changes = ConfigChanges()
  package var format: OutputFormat = .table

  package init(bundle: ByteString, config: ByteString) {
    self.bundle = bundle
    self.config = config
  }
}

/// New limits; nil leaves a value as it is.
package struct UpdateOptions: Equatable, Sendable {
  package enum Source: Equatable, Sendable {
    case standardInput
    case file(ByteString)
  }

  package var id: ByteString
  /// Where the resources object comes from; the options below are all nil then.
  package var resources: Source?
  /// Bytes, -1 for unlimited.
  package var memory: Int64?
  package var memoryReservation: Int64?
  /// Memory and swap together.
  package var memorySwap: Int64?
  /// Microseconds.
  package var cpuPeriod: UInt64?
  package var cpuQuota: Int64?
  package var cpuBurst: UInt64?
  package var cpuRealtimePeriod: UInt64?
  package var cpuRealtimeRuntime: Int64?
  package var cpuShares: UInt64?
  package var cpuIdle: Int64?
  package var cpusetCpus: ByteString?
  package var cpusetMems: ByteString?
  package var blockIOWeight: UInt16?
  package var pidsLimit: Int64?
  package var l3CacheSchema: ByteString?
  package var memoryBandwidthSchema: ByteString?

  package init(id: ByteString) { self.id = id }
}

/// A container whose story is asked for, by an id that is no code.
package struct ExplainOptions: Equatable, Sendable {
  package var id: ByteString
  package var format: OutputFormat

  package init(id: ByteString, format: OutputFormat) {
    self.id = id
    self.format = format
  }
}

package struct InspectOptions: Equatable, Sendable {
  package var id: ByteString
  /// Only what differs.
  package var drift: Bool
  package var format: OutputFormat

  package init(id: ByteString, drift: Bool, format: OutputFormat) {
    self.id = id
    self.drift = drift
    self.format = format
  }
}

package struct GcOptions: Equatable, Sendable {
  package var dryRun: Bool
  /// Other state roots of this host too.
  package var allRoots: Bool
  package var format: OutputFormat

  package init(dryRun: Bool, allRoots: Bool, format: OutputFormat) {
    self.dryRun = dryRun
    self.allRoots = allRoots
    self.format = format
  }
}

package struct DoctorOptions: Equatable, Sendable {
  /// `rootless`, `kubernetes`, `docker` or `podman`; nil is apus alone.
  package var use: ByteString?
  package var format: OutputFormat

  package init(use: ByteString?, format: OutputFormat) {
    self.use = use
    self.format = format
  }
}
