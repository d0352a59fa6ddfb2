import Bytes
import Commands

/// Makes the value that a command takes from what its arguments said.
struct CommandBuilder {
  let matches: Matches
  /// The caller's working directory.
  let directory: ByteString?

  /// nil for a command that takes no options yet.
  func build(_ name: CommandName) throws(ArgumentError) -> Command? {
    switch name {
    case .create: .create(try creation())
    case .run: .run(try run())
    case .start: .start(StartOptions(id: id))
    case .state: .state(StateOptions(id: id))
    case .pause: .pause(PauseOptions(id: id))
    case .resume: .resume(ResumeOptions(id: id))
    case .kill: .kill(kill())
    case .delete: .delete(delete())
    case .list: .list(list())
    case .exec: .exec(try exec())
    case .ps: .ps(ps())
    case .spec: .spec(try spec())
    case .features: .features
    case .update: .update(update())
    case .events: .events(events())
    case .inspect: .inspect(inspect())
    case .gc: .gc(gc())
    case .doctor: .doctor(DoctorOptions(use: matches.text(.for), format: format))
    case .check: .check(try check())
    case .plan: .plan(try plan())
    case .debug: .debug(try debug())
    case .trace: .trace(try trace())
    case .seccomp: try seccomp()
    case .mounts: .mounts(try mounts())
    case .report: .report(report())
    case .checkpoint: .checkpoint(CheckpointOptions(id: id, images: try images(.checkpoint)))
    case .restore: .restore(try restore())
    case .help, .explain, .generate: nil
    }
  }

  /// The first operand, which the table demands of every command that uses it.
  var id: ByteString { matches.operands.first ?? "" }

  /// Checked by the option's kind to fit.
  var preserveFds: Int {
    matches.number(.preserveFds).flatMap { Int(exactly: $0) } ?? 0
  }

  var format: OutputFormat { matches.text(.format) == "json" ? .json : .table }

  /// The file in the bundle that `option` names, else `config.json`.
  func bundleFile(
    _ option: OptionKey<ByteString>?
  ) throws(ArgumentError) -> (bundle: ByteString, file: ByteString) {
    guard let bundle = matches.text(.bundle) ?? HostPath.absolute(".", from: directory) else {
      throw ArgumentError(
        message: "the working directory cannot be determined: name the bundle with `--bundle`")
    }
    let file = option.flatMap { matches.text($0) } ?? "config.json"
    if let option, file.isEmpty {
      throw ArgumentError(message: "option `--" + option.name.text + "`: path is empty")
    }
    return (bundle, file.hasPrefix("/") ? file : bundle + "/" + file)
  }

  /// The bundle with its configuration, and what is to be another in it: with `--rootfs` the operands are
  /// the command, and otherwise there are at most `limit`.
  private func changedBundle(
    _ name: ByteString, limit: Int = 0
  ) throws(ArgumentError) -> (bundle: ByteString, file: ByteString, changes: ConfigChanges) {
    var changes = ConfigChanges()
    for text in matches.strings(.set) {
      guard changes.add(text) else {
        let reason: ByteString =
          text.hasPrefix("/") && text.contains(UInt8(ascii: "="))
          ? ": VALUE is broken JSON" : " is not POINTER=VALUE, such as /hostname=web"
        throw ArgumentError(message: "option `--set`: " + quoted(text) + reason)
      }
    }
    changes.rootfs = matches.text(.rootfs)
    if let rootfs = changes.rootfs {
      guard matches.text(.bundle) == nil, matches.text(.config) == nil else {
        throw ArgumentError(
          message: "`--rootfs` stands for a bundle: leave --bundle and --config out")
      }
      changes.arguments = matches.operands
      return (rootfs, ConfigChanges.name, changes)
    }
    if matches.operands.count > limit {
      throw ArgumentError(
        message: "`" + name + "` got an unexpected argument: " + quoted(matches.operands[limit])
          + (limit == 0 ? "; a program stands behind --rootfs DIR only" : ""))
    }
    let (bundle, file) = try bundleFile(.config)
    return (bundle, file, changes)
  }

  private func creation(
    _ place: (bundle: ByteString, file: ByteString)? = nil
  ) throws(ArgumentError) -> CreateOptions {
    let (bundle, config) = if let place { place } else { try bundleFile(.config) }
    var options = CreateOptions(id: id, bundle: bundle, config: config)
    options.consoleSocket = matches.text(.consoleSocket)
    options.pidfdSocket = matches.text(.pidfdSocket)
    options.pidFile = matches.text(.pidFile)
    options.noPivot = matches.isOn(.noPivot)
    options.noNewKeyring = matches.isOn(.noNewKeyring)
    options.preserveFds = preserveFds
    return options
  }

  private func run() throws(ArgumentError) -> RunOptions {
    let (bundle, file, changes) = try changedBundle("run", limit: 1)
    if changes.rootfs == nil, matches.operands.isEmpty {
      throw ArgumentError(message: "`run` needs ID")
    }
    var options = RunOptions(create: try creation((bundle, file)))
    options.create.changes = changes
    options.detach = matches.isOn(.detach)
    if matches.isOn(.explainDenials) { options.explainDenials() }
    if options.detach, options.isSupervised {
      throw ArgumentError(message: "`--explain-denials` waits for the end: leave --detach out")
    }
    options.keep = matches.isOn(.keep)
    options.noSubreaper = matches.isOn(.noSubreaper)
    options.breaks = matches.strings(.breakPoint)
    return options
  }

  private func kill() -> KillOptions {
    var options = KillOptions(id: id)
    if matches.operands.count > 1 { options.signal = matches.operands[1] }
    options.all = matches.isOn(.all)
    options.regex = matches.isOn(.regex)
    return options
  }

  private func delete() -> DeleteOptions {
    var options = DeleteOptions(id: id)
    options.force = matches.isOn(.force)
    options.regex = matches.isOn(.regex)
    return options
  }

  private func list() -> ListOptions {
    var options = ListOptions()
    options.format = format
    options.quiet = matches.isOn(.quiet)
    return options
  }

  private func ps() -> PsOptions {
    var options = PsOptions(id: id)
    options.format = format
    options.arguments = Array(matches.operands.dropFirst())
    return options
  }

  private func gc() -> GcOptions {
    GcOptions(dryRun: matches.isOn(.dryRun), allRoots: matches.isOn(.allRoots), format: format)
  }

  private func inspect() -> InspectOptions {
    InspectOptions(id: id, drift: matches.isOn(.drift), format: format)
  }

  private func spec() throws(ArgumentError) -> SpecOptions {
    var options = SpecOptions(file: try bundleFile(.file).file)
    options.rootless = matches.isOn(.rootless)
    return options
  }

  private func events() -> EventsOptions {
    var options = EventsOptions(id: id)
    if let interval = matches.duration(.interval) {
      options.intervalNanoseconds = interval
    }
    options.stats = matches.isOn(.stats)
    return options
  }
}

extension CommandBuilder {
  private func exec() throws(ArgumentError) -> ExecOptions {
    var options = ExecOptions(id: id)
    options.process = matches.text(.process)
    options.detach = matches.isOn(.detach)
    options.pidFile = matches.text(.pidFile)
    options.consoleSocket = matches.text(.consoleSocket)
    options.pidfdSocket = matches.text(.pidfdSocket)
    options.preserveFds = preserveFds
    options.ignorePaused = matches.isOn(.ignorePaused)
    options.cgroups = matches.strings(.cgroup)
    // The file describes the whole process: engines send `--tty` beside it, which means nothing.
    if options.process == nil { try describeProcess(&options) }
    return options
  }

  private func describeProcess(_ options: inout ExecOptions) throws(ArgumentError) {
    options.tty = matches.isOn(.tty)
    options.cwd = matches.text(.cwd)
    options.environment = matches.strings(.env)
    for entry in options.environment where (entry.cut(at: UInt8(ascii: "="))?.before ?? "").isEmpty
    {
      throw ArgumentError(message: "option `--env`: " + quoted(entry) + " is not NAME=VALUE")
    }
    if let user = matches.text(.user) { options.user = try execUser(user) }
    options.additionalGids = matches.numbers(.additionalGids).compactMap { UInt32(exactly: $0) }
    options.noNewPrivileges = matches.flag(.noNewPrivs)
    options.processLabel = matches.text(.processLabel)
    options.apparmorProfile = matches.text(.apparmor)
    options.capabilities = matches.strings(.cap)
    options.arguments = Array(matches.operands.dropFirst())
    if options.arguments.isEmpty {
      throw ArgumentError(message: "`exec` needs a command, or `--process` with a file")
    }
  }

  /// `UID[:GID]`.
  func execUser(_ text: ByteString) throws(ArgumentError) -> ExecUser {
    let parts = text.cut(at: UInt8(ascii: ":"))
    let uid = groupID(parts?.before ?? text)
    let gid = parts.map { groupID($0.after) }
    guard let uid, gid != .some(nil) else {
      let isName = (text.bytes.first ?? 0) | 0x20 >= UInt8(ascii: "a")
      throw ArgumentError(
        message: "option `--user`: " + quoted(text) + " is not UID or UID:GID"
          + (isName ? ": names are not looked up in the container, write the number" : ""))
    }
    return ExecUser(uid: uid, gid: gid ?? nil)
  }

  /// A user or group id; the highest number means "no change" to the kernel and is none.
  private func groupID(_ text: ByteString) -> UInt32? {
    text.unsignedDecimal.flatMap { UInt32(exactly: $0) }.flatMap { $0 == .max ? nil : $0 }
  }
}

extension CommandBuilder {
  private func check() throws(ArgumentError) -> CheckOptions {
    let (bundle, config, changes) = try changedBundle("check")
    var options = CheckOptions(bundle: bundle, config: config)
    options.changes = changes
    options.strict = matches.isOn(.strict)
    options.threshold = matches.number(.threshold).flatMap { Int(exactly: $0) }
    options.security = matches.isOn(.security) || options.threshold != nil
    options.rootless = matches.isOn(.rootless)
    options.format = format
    options.asUser = matches.number(.asUser).flatMap { UInt32(exactly: $0) }
    return options
  }

  private func plan() throws(ArgumentError) -> PlanOptions {
    guard matches.isOn(.diff) else {
      if let extra = matches.operands.first, matches.text(.rootfs) == nil {
        throw ArgumentError(message: "`plan` takes bundles with --diff only: " + quoted(extra))
      }
      let (bundle, config, changes) = try changedBundle("plan")
      var options = PlanOptions(bundle: bundle, config: config)
      options.changes = changes
      options.format = format
      return options
    }
    guard matches.operands.count == 2 else {
      throw ArgumentError(message: "`plan --diff` needs two bundles")
    }
    var bundles = [ByteString]()
    for operand in matches.operands {
      guard !operand.isEmpty, let bundle = HostPath.absolute(operand, from: directory) else {
        throw ArgumentError(message: quoted(operand) + " is not a path")
      }
      bundles.append(bundle)
    }
    var options = PlanOptions(bundle: bundles[0], config: bundles[0] + "/config.json")
    options.other = bundles[1]
    options.format = format
    return options
  }
}

extension CommandBuilder {
  private func update() -> UpdateOptions {
    var options = UpdateOptions(id: id)
    options.l3CacheSchema = matches.text(.l3CacheSchema)
    options.memoryBandwidthSchema = matches.text(.memBwSchema)
    if let source = matches.text(.resources) {
      options.resources = source == "-" ? .standardInput : .file(source)
      return options
    }
    options.memory = matches.size(.memory)
    options.memoryReservation = matches.size(.memoryReservation)
    options.memorySwap = matches.size(.memorySwap)
    options.cpuPeriod = matches.number(.cpuPeriod)
    options.cpuQuota = matches.integer(.cpuQuota)
    options.cpuBurst = matches.number(.cpuBurst)
    options.cpuRealtimePeriod = matches.number(.cpuRtPeriod)
    options.cpuRealtimeRuntime = matches.integer(.cpuRtRuntime)
    options.cpuShares = matches.number(.cpuShare)
    options.cpuIdle = matches.integer(.cpuIdle)
    options.cpusetCpus = matches.text(.cpusetCpus)
    options.cpusetMems = matches.text(.cpusetMems)
    options.blockIOWeight = matches.number(.blkioWeight).flatMap { UInt16(exactly: $0) }
    options.pidsLimit = matches.integer(.pidsLimit)
    return options
  }

}
