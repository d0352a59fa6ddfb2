import Bytes
import Cgroups
import Container
import Diagnosis
import JSON
import Linux
import OCISpec
import Report
import StateStore

/// All that is known of a container and of how it ended: the container itself, if there is one still,
/// and what was kept of failures.
struct Story {
  let id: ByteString
  /// nil for one that is gone.
  private(set) var state: State?
  /// Of one that is stopped.
  private(set) var end: EndRecord.End?
  /// Of one that lives.
  private(set) var soFar: [EndRecord.Limit] = []
  /// Why it never ran, of the container that is there.
  private(set) var failure: EndRecord.Failure?
  /// The newest last.
  let records: [EndRecord]

  init(of id: ByteString, _ context: CommandContext) throws(CommandFailure) {
    self.id = id
    records = FailureStore.open(in: context.root)?.records(of: id) ?? []
    guard let container = try Story.find(id, context) else { return }
    let state = try container.state(context)
    self.state = state
    let cgroup = try container.cgroup(context)
    guard state.status == .stopped else {
      soFar = cgroup?.story().limits.map { EndRecord.Limit($0) } ?? []
      return
    }
    end = container.directory.loadEnd()?.end ?? ProgramEnd(ofStopped: container, cgroup).end
    failure =
      records.last { $0.created == container.record.created && $0.command == "start" }?
      .failure
  }

  private static func find(_ id: ByteString, _ context: CommandContext) throws(CommandFailure)
    -> Container?
  {
    do throws(StateError) {
      let id = try ContainerID(id)
      let directory = try StateDirectory.open(id, in: context.root)
      guard let record = try directory.loadRecord() else { return nil }
      return Container(id: id, directory: directory, record: record)
    } catch {
      if case .doesNotExist = error { return nil }
      throw CommandFailure(error)
    }
  }

  var isEmpty: Bool { state == nil && records.isEmpty }

  /// The member `end` of what `state` prints; nil while it runs.
  var endJSON: JSONValue? {
    guard let end, case .object(var object) = end.json else { return nil }
    if let failure { object["failure"] = failure.json }
    return .object(object)
  }

  var json: JSONValue {
    var object = JSONObject()
    object["id"] = .string(id)
    object["status"] = .string(state?.status.name ?? "gone")
    if let state {
      object["pid"] = state.pid.map { .integer($0) }
      object["bundle"] = .string(state.bundle)
      object["created"] = .string(state.extras?.created ?? "")
    }
    object["end"] = endJSON
    if !soFar.isEmpty { object["limits"] = .array(soFar.map { .string($0.text) }) }
    object["records"] = .array(records.map { $0.json })
    return .object(object)
  }

  var text: ByteString {
    var lines = [ByteString]()
    let name = "container `" + id.escaped(limit: 255) + "` "
    if let state {
      let pid = state.pid ?? 0
      lines.append(
        name + "is " + state.status.name
          + (pid > 0 ? ", pid " + ByteString(decimal: pid) : ""))
      add("bundle", state.bundle, &lines)
      add("created", state.extras?.created ?? "", &lines)
      if let end { add(end, &lines) }
      if let failure { add(failure, &lines) }
      for limit in soFar { add("limit", limit.text, &lines) }
    } else {
      lines.append(name + "is gone")
    }
    if !records.isEmpty {
      lines.append("")
      lines.append("kept of this id, the newest last:")
    }
    for record in records {
      lines.append("")
      lines.append(record.time.escaped(limit: 40) + "  " + record.title)
      add("bundle", record.bundle, &lines)
      add("created", record.created, &lines)
      if let failure = record.failure { add(failure, &lines) }
      if let end = record.end { add(end, &lines) }
    }
    return lines.joined(by: "\n") + "\n"
  }

  private func add(_ title: ByteString, _ text: ByteString, _ lines: inout [ByteString]) {
    if text.isEmpty { return }
    let gap = ByteString([UInt8](repeating: 0x20, count: max(1, 9 - title.count)))
    lines.append("  " + title + gap + text.escaped(limit: 4096))
  }

  private func add(_ failure: EndRecord.Failure, _ lines: inout [ByteString]) {
    add("error", failure.message, &lines)
    add("step", failure.step, &lines)
    var place = failure.pointer
    if let line = failure.line, let column = failure.column {
      place +=
        " (line " + ByteString(decimal: line) + ", column " + ByteString(decimal: column) + ")"
    }
    add("place", place, &lines)
    // It is at the end of the line, unless that was shortened.
    if !failure.hint.occurs(in: failure.message) { add("help", failure.hint, &lines) }
    if !failure.code.isEmpty {
      add("code", failure.code + " (apus explain " + failure.code + ")", &lines)
    }
  }

  private func add(_ end: EndRecord.End, _ lines: inout [ByteString]) {
    add("end", end.summary, &lines)
    if !end.refusedCall.isEmpty {
      add("seccomp", "the filter killed it for the call " + end.refusedCall, &lines)
    }
    add("started", end.started, &lines)
    add("ended", end.ended, &lines)
    for limit in end.limits { add("limit", limit.text, &lines) }
    if let peak = end.peakMemory {
      add("memory", ByteString(decimal: peak) + " bytes at most", &lines)
    }
  }
}

extension EndRecord {
  /// `run failed`, `run: killed by SIGSEGV after 2 ms`.
  fileprivate var title: ByteString {
    let command = self.command.escaped(limit: 16)
    if failure != nil { return command + " failed" }
    if command == "delete" { return "deleted" }
    return command
  }
}

/// `explain` of an argument that is no code: a container.
enum ExplainCommand {
  static func perform(_ options: ExplainOptions, _ context: CommandContext)
    throws(CommandFailure) -> Int32
  {
    let story = try Story(of: options.id, context)
    if story.isEmpty {
      let near = options.id.nearest(
        among: CodePage.all.map { $0.name })
      throw CommandFailure(
        quoted(options.id) + " is neither a code nor a container below " + context.root.path
          + ", and no failure of it is kept"
          + (near.map { ": did you mean " + quoted($0) + "?" } ?? " (apus explain --list)"))
    }
    switch options.format {
    case .json: try Output.write(story.json.encoded(indent: "  ") + [0x0a])
    case .table: try Output.write(Array(story.text.bytes))
    }
    return 0
  }
}
