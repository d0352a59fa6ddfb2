import Bytes
import Container
import JSON
import OCISpec
import Plan
import Report

/// `plan`: what `create` would do, step by step, without doing it.
enum PlanCommand {
  static func perform(_ options: PlanOptions, _ context: CommandContext) throws(CommandFailure)
    -> Int32
  {
    guard let other = options.other else {
      let plan = try make(options.bundle, options.config, context, options.changes)
      switch options.format {
      case .json: try Output.write(plan.json.encoded(indent: "  ") + [0x0a])
      case .table: try Output.write(plan.text.array)
      }
      return 0
    }
    let difference: PlanDifference
    do throws(CommandFailure) {
      let first = try make(options.bundle, options.bundle + "/config.json", context)
      let second = try make(other, other + "/config.json", context)
      difference = PlanDifference(first.comparableLines, second.comparableLines)
    } catch {
      // 1 says that they differ.
      throw CommandFailure(error.message, exitStatus: 2)
    }
    switch options.format {
    case .json: try Output.write(difference.json.encoded(indent: "  ") + [0x0a])
    case .table: try Output.write(Array(difference.text.bytes))
    }
    return difference.isEmpty ? 0 : 1
  }

  /// With an id that stands for any.
  private static func make(
    _ bundle: ByteString, _ file: ByteString, _ context: CommandContext,
    _ changes: ConfigChanges = ConfigChanges()
  ) throws(CommandFailure) -> CreatePlan {
    let bytes = try changes.text(of: file, context)
    do throws(ConfigError) {
      return try CreatePlan.make(
        try Config.decode(bytes),
        CreateRequest(id: "ID", bundle: bundle, cgroupManager: context.cgroupManager),
        host: context.host)
    } catch {
      throw CommandFailure(error.message(in: file.escaped(limit: 500)))
    }
  }
}

extension CreatePlan {
  /// Everything but the steps is lines of text too: they are for reading.
  fileprivate var json: JSONValue {
    var object = JSONObject()
    object["before"] = .strings(preliminaryLines)
    object["steps"] = .array(
      timeline.map {
        switch $0 {
        case .host(let step):
          entry("host", step.effect, step.title, step.pointer, step.reason)
        case .inner(_, let step):
          entry("init", "makes", step.title + step.details, step.pointer, step.reason)
        }
      })
    object["warnings"] = .strings(warnings)
    return .object(object)
  }

  private func entry(
    _ side: ByteString, _ effect: ByteString, _ title: ByteString, _ pointer: ByteString,
    _ reason: ByteString
  ) -> JSONValue {
    var entry = JSONObject()
    entry["by"] = .string(side)
    entry["effect"] = .string(effect)
    entry["step"] = .string(title)
    if !pointer.isEmpty { entry["pointer"] = .string(pointer) }
    if !reason.isEmpty { entry["why"] = .string(reason) }
    return .object(entry)
  }
}

/// The lines that only one of two plans has, in their order.
struct PlanDifference {
  private var lines: [(sign: ByteString, text: ByteString)] = []

  var isEmpty: Bool { lines.isEmpty }

  /// By the longest common subsequence: a plan has some hundred lines.
  init(_ first: [ByteString], _ second: [ByteString]) {
    let columns = second.count + 1
    var lengths = [Int](repeating: 0, count: (first.count + 1) * columns)
    for row in first.indices.reversed() {
      for column in second.indices.reversed() {
        lengths[row * columns + column] =
          first[row] == second[column]
          ? lengths[(row + 1) * columns + column + 1] + 1
          : max(lengths[(row + 1) * columns + column], lengths[row * columns + column + 1])
      }
    }
    var (row, column) = (0, 0)
    while row < first.count || column < second.count {
      if row < first.count, column < second.count, first[row] == second[column] {
        row += 1
        column += 1
      } else if column == second.count
        || (row < first.count
          && lengths[(row + 1) * columns + column] >= lengths[row * columns + column + 1])
      {
        lines.append(("-", first[row]))
        row += 1
      } else {
        lines.append(("+", second[column]))
        column += 1
      }
    }
  }

  var text: ByteString { lines.map { $0.sign + " " + $0.text + "\n" }.joined(by: "") }

  var json: JSONValue {
    var object = JSONObject()
    object["removed"] = .strings(lines.filter { $0.sign == "-" }.map { $0.text })
    object["added"] = .strings(lines.filter { $0.sign == "+" }.map { $0.text })
    return .object(object)
  }
}
