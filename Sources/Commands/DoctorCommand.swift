import Bytes
import Container
import JSON
import Linux
import Report

/// `doctor`: whether this host can run containers, found out by doing, and what mends what it cannot.
struct Doctor {
  /// What people run it for.
  struct Uses: OptionSet, Equatable {
    let rawValue: UInt8
    static let rootless = Uses(rawValue: 1)
    static let kubernetes = Uses(rawValue: 2)
    static let docker = Uses(rawValue: 4)
    static let podman = Uses(rawValue: 8)
    static let all = Uses(rawValue: 31)
    static let none: Uses = []

    static func named(_ name: ByteString?) -> Uses {
      switch name {
      case "rootless"?: .rootless
      case "kubernetes"?: .kubernetes
      case "docker"?: .docker
      case "podman"?: .podman
      default: .none
      }
    }
  }

  enum Verdict: Equatable { case good, note, bad }

  struct Row: Equatable {
    var name: ByteString
    var verdict: Verdict
    var found: ByteString
    var remedy: ByteString
  }

  let context: CommandContext
  /// None is whatever `apus run` needs.
  private let use: Uses
  private(set) var rows: [Row] = []

  init(_ context: CommandContext, for use: Uses) {
    self.context = context
    self.use = use
  }

  /// What is needed for everything is needed; of the rest, what the use asks for.
  static func verdict(failed: Bool, needed: Uses, for use: Uses) -> Verdict {
    if !failed { return .good }
    return needed == .all || !needed.isDisjoint(with: use) ? .bad : .note
  }

  func isFor(_ other: Uses) -> Bool { !use.isDisjoint(with: other) }

  mutating func examine() {
    askKernel()
    askUserNamespaces()
    askCgroups()
    askSystemd()
    askIDs()
    askSecurity()
    askStateRoot()
    askEngines()
  }

  /// - Parameter problem: nil where there is none.
  mutating func note(
    _ name: ByteString, _ problem: ByteString?, _ needed: Uses, remedy: ByteString,
    good: ByteString = ""
  ) {
    rows.append(
      Row(
        name: name,
        verdict: Doctor.verdict(failed: problem != nil, needed: needed, for: use),
        found: problem ?? good, remedy: problem == nil ? "" : remedy))
  }

  mutating func good(_ name: ByteString, _ found: ByteString) {
    rows.append(Row(name: name, verdict: .good, found: found, remedy: ""))
  }

  mutating func add(
    _ name: ByteString, _ needed: Uses, remedy: ByteString, _ body: () throws(SyscallError) -> Void
  ) {
    var problem: ByteString?
    do throws(SyscallError) { try body() } catch { problem = error.message }
    note(name, problem, needed, remedy: remedy)
  }
}

enum DoctorCommand {
  static func perform(_ options: DoctorOptions, _ context: CommandContext)
    throws(CommandFailure) -> Int32
  {
    var doctor = Doctor(context, for: Doctor.Uses.named(options.use))
    doctor.examine()
    let bad = doctor.rows.filter { $0.verdict == .bad }.count
    switch options.format {
    case .json: try Output.write(json(doctor.rows, bad).encoded(indent: "  ") + [0x0a])
    case .table: try Output.write(Array(text(doctor.rows, bad).bytes))
    }
    return bad > 0 ? 1 : 0
  }

  private static func json(_ rows: [Doctor.Row], _ bad: Int) -> JSONValue {
    var object = JSONObject()
    object["failed"] = .integer(bad)
    object["rows"] = .array(
      rows.map { row in
        var entry = JSONObject()
        entry["name"] = .string(row.name)
        entry["verdict"] =
          switch row.verdict {
          case .good: "good"
          case .note: "note"
          case .bad: "bad"
          }
        entry["found"] = .string(row.found)
        if !row.remedy.isEmpty { entry["remedy"] = .string(row.remedy) }
        return .object(entry)
      })
    return .object(object)
  }

  private static func text(_ rows: [Doctor.Row], _ bad: Int) -> ByteString {
    var lines = [ByteString]()
    for row in rows {
      let mark =
        switch row.verdict {
        case .good: Screen.painted("✓", .green)
        case .note: Screen.painted("!", .yellow)
        case .bad: Screen.painted("✗", .red)
        }
      lines.append(
        mark + " " + row.name + (row.found.isEmpty ? "" : ": " + row.found.escaped(.sentence)))
      if !row.remedy.isEmpty { lines.append("    " + row.remedy) }
    }
    let notes = rows.filter { $0.verdict == .note }.count
    lines.append(
      ByteString(decimal: rows.count) + " looked at, " + ByteString(decimal: bad) + " missing, "
        + ByteString(decimal: notes) + " not needed and missing")
    return lines.joined(by: "\n") + "\n"
  }
}
