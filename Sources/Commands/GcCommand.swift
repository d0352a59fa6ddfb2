import Bytes
import Container
import JSON
import Report
import StateStore

/// `gc`: what is left over, and why.
enum GcCommand {
  static func perform(_ options: GcOptions, _ context: CommandContext) throws(CommandFailure)
    -> Int32
  {
    var sweep = Sweep(context, isDry: options.dryRun)
    try sweep.perform(allRoots: options.allRoots)
    switch options.format {
    case .json: try Output.write(json(sweep).encoded(indent: "  ") + [0x0a])
    case .table: try Output.write(Array(text(sweep).bytes))
    }
    return sweep.count(.failed) > 0 ? 1 : 0
  }

  private static let actions: [(Sweep.Item.Action, ByteString)] = [
    (.removed, "removed"), (.kept, "kept"), (.failed, "failed"),
  ]

  private static func json(_ sweep: Sweep) -> JSONValue {
    var object = JSONObject()
    object["dryRun"] = .bool(sweep.isDry)
    for (action, name) in actions { object[name] = .integer(sweep.count(action)) }
    object["items"] = .array(
      sweep.items.map { item in
        var entry = JSONObject()
        entry["kind"] = .string(item.kind)
        entry["name"] = .string(item.name)
        entry["root"] = .string(item.root)
        entry["reason"] = .string(item.reason)
        entry["action"] = .string(actions.first { $0.0 == item.action }?.1 ?? "")
        if !item.help.isEmpty { entry["help"] = .string(item.help) }
        return .object(entry)
      })
    return .object(object)
  }

  private static func text(_ sweep: Sweep) -> ByteString {
    var lines = sweep.items.map { item in
      let verb: ByteString =
        switch item.action {
        case .removed: sweep.isDry ? "would remove " : "removed "
        case .kept: "kept "
        case .failed: Screen.painted("cannot remove ", .red)
        }
      return verb + item.kind + " " + quoted(item.name, .path) + " of " + item.root.escaped(.path)
        + ": " + item.reason.escaped(.sentence)
        + (item.help.isEmpty ? "" : "; " + item.help.escaped(.sentence))
    }
    let number = sweep.count(.removed)
    lines.append(
      number + sweep.count(.failed) == 0
        ? "nothing to remove"
        : ByteString(decimal: number) + (sweep.isDry ? " would be removed" : " removed")
          + (sweep.count(.failed) == 0
            ? "" : ", " + ByteString(decimal: sweep.count(.failed)) + " failed"))
    return lines.joined(by: "\n") + "\n"
  }
}
