import Bytes
import Cgroups
import Container
import InForce
import JSON
import Linux
import OCISpec
import Plan
import Report
import StateStore

/// `inspect`: a container's configuration beside what is in force.
enum InspectCommand {
  static func perform(_ options: InspectOptions, _ context: CommandContext)
    throws(CommandFailure) -> Int32
  {
    do throws(CommandFailure) { return try compare(options, context) } catch {
      // 1 says that something differs.
      throw error.with(exitStatus: 2)
    }
  }

  private static func compare(_ options: InspectOptions, _ context: CommandContext)
    throws(CommandFailure) -> Int32
  {
    let container = try Container.require(options.id, context)
    let status = try container.status()
    guard let process = try container.openInit() else {
      throw CommandFailure("container not running: it is " + status.name)
    }
    let waits = try attempt(SyscallError.self, container.directory.awaitsStart())
    let subject = try subject(container, process, hasStarted: !waits, context)
    var rows = try attempt(SyscallError.self, subject.rows())
    let drift = Subject.drift(rows)
    if options.drift { rows = drift }
    let differences = drift.filter { $0.verdict == .differs }.count
    let report = InspectReport(
      id: container.id.text, status: status.name, pid: process.pid, rows: rows,
      differences: differences, unknown: drift.count - differences)
    switch options.format {
    case .json: try Output.write(report.json.encoded(indent: "  ") + [0x0a])
    case .table: try Output.write(report.text)
    }
    return options.drift && differences > 0 ? 1 : 0
  }

  /// The plan is that of `create`, with the limits of the last `update`.
  private static func subject(
    _ container: Container, _ process: ProcessHandle, hasStarted: Bool, _ context: CommandContext
  ) throws(CommandFailure) -> Subject {
    let record = container.record
    var config = try container.config()
    if let resources = record.resources { config.linux.resources = resources }
    let plan: CreatePlan
    do throws(ConfigError) {
      plan = try CreatePlan.make(
        config,
        CreateRequest(
          id: record.id, bundle: record.bundle,
          cgroupManager: CgroupManagerKind(named: record.cgroupManager) ?? .cgroupfs),
        host: context.host)
    } catch {
      throw CommandFailure(error)
    }
    var subject = Subject(
      plan: plan, process: process, cgroup: try container.cgroup(around: process, context),
      hasStarted: hasStarted, recorded: record.namespaces,
      neighbours: try neighbours(of: container.id, context))
    subject.added = record.liveMounts.map {
      (id: $0.id.number, words: $0.type + " " + $0.source)
    }
    return subject
  }

  private static func neighbours(of id: ContainerID, _ context: CommandContext)
    throws(CommandFailure) -> [(id: ByteString, namespaces: [Entry<ByteString>])]
  {
    let listing = try attempt(StateError.self, StateListing(context.root))
    var found: [(id: ByteString, namespaces: [Entry<ByteString>])] = []
    for other in listing.ids where other != id {
      do throws(StateError) {
        guard let record = try listing.open(other).loadRecord() else { continue }
        found.append((other.text, record.namespaces))
      } catch {
        // One that is being made or deleted, or damaged, which `list` tells.
      }
    }
    return found
  }
}

private struct InspectReport {
  let id: ByteString
  let status: ByteString
  let pid: Int32
  let rows: [InForceRow]
  let differences: Int
  let unknown: Int

  var json: JSONValue {
    var object = JSONObject()
    object["id"] = .string(id)
    object["status"] = .string(status)
    object["pid"] = .integer(pid)
    object["differences"] = .integer(differences)
    object["unknown"] = .integer(unknown)
    object["rows"] = .array(
      rows.map { row in
        var entry = JSONObject()
        entry["pointer"] = .string(row.pointer)
        entry["what"] = .string(row.what)
        entry["wanted"] = row.wanted.isEmpty ? .null : .string(row.wanted)
        entry["found"] = row.verdict == .unknown ? .null : .string(row.found)
        entry["differs"] = row.verdict == .unknown ? .null : .bool(row.verdict == .differs)
        if !row.note.isEmpty { entry["note"] = .string(row.note) }
        return .object(entry)
      })
    return .object(object)
  }

  /// A line a row, and one more for its note: a mark, what it is, configured, in force.
  var text: [UInt8] {
    let width = Screen.columns.map { max(16, ($0 - 40) / 2) } ?? 4096
    var table: [[ByteString]] = [["  POINTER", "WHAT", "CONFIGURED", "IN FORCE"]]
    for row in rows {
      table.append([
        row.mark + " " + row.pointer.escaped(limit: width), row.what.escaped(limit: width),
        row.wanted.isEmpty ? "-" : row.wanted.escaped(limit: width),
        row.found.escaped(limit: width),
      ])
    }
    var lines = ByteString(Table.text(table)).split(on: 0x0a).filter { !$0.isEmpty }
    for (index, row) in rows.enumerated().reversed() {
      if row.verdict != .same {
        lines[index + 1] = Screen.painted(
          lines[index + 1], row.verdict == .differs ? .red : .yellow)
      }
      if !row.note.isEmpty {
        lines.insert("    " + row.note.escaped(.line), at: index + 2)
      }
    }
    if rows.isEmpty { lines = [] }
    lines.append(
      "container " + quoted(id) + ", " + status + ", pid " + ByteString(decimal: pid) + ": "
        + count(differences, "difference")
        + (unknown == 0 ? "" : ", " + ByteString(decimal: unknown) + " unknown"))
    return Array((lines.joined(by: "\n") + "\n").bytes)
  }

  private func count(_ number: Int, _ word: ByteString) -> ByteString {
    (number == 0 ? "no" : ByteString(decimal: number)) + " " + word + (number == 1 ? "" : "s")
  }
}

extension InForceRow {
  fileprivate var mark: ByteString {
    switch verdict {
    case .same: "="
    case .differs: "!"
    case .unknown: "?"
    }
  }
}
