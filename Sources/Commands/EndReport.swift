import Bytes
import Cgroups
import Container
import Diagnosis
import JSON
import Linux
import Plan
import Report
import StateStore

/// Writes down why a command failed and how a container ended, for `state` and `explain` later. Nothing
/// of it happens where all went well, and none of it can fail a command.
enum EndReport {
  /// A command that failed to run a program.
  static func keep(_ failure: CommandFailure, of command: Command, _ context: CommandContext) {
    guard let (id, name, bundle) = subject(of: command) else { return }
    // These say nothing of the container that the id is of.
    if let code = failure.report?.code,
      [.containerAbsent, .containerExists, .containerState, .stateRoot].contains(code)
    {
      return
    }
    do throws(StateError) { _ = try ContainerID(id) } catch { return }
    var record = EndRecord(id: id, command: name, time: Timestamp.now)
    record.failure = EndRecord.Failure(failure)
    record.bundle = bundle
    if bundle.isEmpty {
      // Of a container that was there before.
      do throws(CommandFailure) {
        if let found = try Container.find(id, context).container?.record {
          (record.bundle, record.created) = (found.bundle, found.created)
        }
      } catch {}
    }
    FailureStore.open(in: context.root, creating: true)?.add(record)
  }

  private static func subject(of command: Command) -> (
    id: ByteString, name: ByteString, bundle: ByteString
  )? {
    switch command {
    case .create(let options): (options.id, "create", options.bundle)
    case .run(let options): (options.create.id, "run", options.create.bundle)
    case .start(let options): (options.id, "start", "")
    case .exec(let options): (options.id, "exec", "")
    case .state, .list, .kill, .delete, .pause, .resume, .debug, .trace, .ps, .spec, .features,
      .update, .events, .inspect, .gc, .doctor, .check, .plan, .explain, .seccomp, .mounts, .report,
      .checkpoint, .restore:
      nil
    }
  }

  /// The end of a program in the foreground: before its cgroup is gone.
  static func keep(
    _ end: ProcessEnd, of process: ProcessHandle, since start: Int64, _ container: ContainerRecord,
    _ cgroup: Cgroup?, _ plan: CreatePlan?, keptIn directory: StateDirectory?,
    _ context: CommandContext
  ) {
    if end == .exited(0) && directory == nil { return }
    let found = ProgramEnd(end, of: process, since: start, cgroup)
    if let warning = found.warning(plan) { context.log.warning(warning, .programKilled) }
    let record = EndRecord(container, "run", found.end)
    directory?.saveEnd(record)
    if end == .exited(0) { return }
    FailureStore.open(in: context.root, creating: true)?.add(record)
  }

  /// A stopped container that is being deleted: kept if something is known of its end that was not exit
  /// status 0. Two files of its cgroup are read, and that of its init in procfs.
  static func keep(deleted container: Container, _ cgroup: Cgroup?, _ context: CommandContext) {
    let end = container.record.initProcess?.unreapedEnd()?.end
    guard end.map({ $0 != .exited(0) }) ?? false || cgroup?.hasReachedLimits ?? false else {
      return
    }
    let found = ProgramEnd(ofStopped: container, cgroup)
    FailureStore.open(in: context.root, creating: true)?.add(
      EndRecord(container.record, "delete", found.end))
  }
}

extension EndRecord {
  fileprivate init(_ container: ContainerRecord, _ command: ByteString, _ end: End) {
    self.init(id: container.id, command: command, time: Timestamp.now)
    created = container.created
    bundle = container.bundle
    self.end = end
  }
}

extension EndRecord.Failure {
  fileprivate init(_ failure: CommandFailure) {
    self.init(failure.message)
    guard let report = failure.report else { return }
    code = report.code.map { ByteString(stringLiteral: $0.word) } ?? ""
    step = report.step
    pointer = report.pointer
    errno = report.errno?.symbol ?? ""
    cause = report.cause
    hint = report.hint
    line = report.source.map { UInt64($0.place.line) }
    column = report.source.map { UInt64($0.place.column) }
  }
}

extension ContainerRecord {
  /// As `state` has it.
  var created: ByteString {
    Timestamp.text(seconds: createdSeconds, nanoseconds: createdNanoseconds)
  }
}
