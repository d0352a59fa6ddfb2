package import Bytes
import Container
import JSON
import Linux
import OCISpec
import Report
import Seccomp

package struct SeccompOptions: Equatable, Sendable {
  package enum Action: Equatable, Sendable {
    case test(ByteString, call: ByteString, arguments: [UInt64])
    case diff(ByteString, ByteString)
  }

  package var action: Action
  package var format: OutputFormat

  package init(_ action: Action, _ format: OutputFormat) {
    self.action = action
    self.format = format
  }
}

/// `seccomp`: what a profile does, without a container.
enum SeccompCommand {
  static func perform(_ options: SeccompOptions, _ context: CommandContext) throws(CommandFailure)
    -> Int32
  {
    do throws(CommandFailure) {
      switch options.action {
      case .test(let file, let call, let arguments):
        return try test(try compiled(file, context), call, arguments, options.format)
      case .diff(let old, let new):
        return try diff(try compiled(old, context), try compiled(new, context), options.format)
      }
    } catch {
      // 1 is an answer.
      throw error.with(exitStatus: 2)
    }
  }

  private typealias Compiled = (plan: SeccompPlan, program: SeccompProgram)

  private static func compiled(
    _ file: ByteString, _ context: CommandContext
  ) throws(CommandFailure) -> Compiled {
    let text = try BundleFile.read(file)
    do throws(ConfigError) {
      let profile = try SeccompProfile.read(text, architecture: machine)
      let plan = try SeccompPlan.make(
        profile.section, noNewPrivileges: profile.noNewPrivileges, kernel: context.host.kernel,
        pointer: profile.pointer)
      guard let plan else { throw ConfigError(profile.pointer, "missing") }
      return (plan, try FilterCompiler.compile(plan))
    } catch {
      throw ConfigExplanation(text, file).failure(
        error, message: error.message(in: file.escaped(.path)))
    }
  }

  /// As Go, so engines, call it.
  private static var machine: ByteString {
    #if arch(arm64)
      "arm64"
    #else
      "amd64"
    #endif
  }

  private static func test(
    _ profile: Compiled, _ call: ByteString, _ arguments: [UInt64], _ format: OutputFormat
  ) throws(CommandFailure) -> Int32 {
    guard call.unsignedDecimal != nil || SeccompPlan.isKnown(call: call) else {
      let near = call.nearest(among: SeccompPlan.nativeCalls).map {
        ": did you mean " + quoted($0) + "?"
      }
      throw CommandFailure(
        "libseccomp " + FilterCompiler.libraryVersion + " knows no call " + quoted(call)
          + (near ?? ""))
    }
    let answers = profile.plan.answers(by: profile.program, to: call, arguments)
    switch format {
    case .json:
      var object = JSONObject()
      object["call"] = .string(call)
      object["arguments"] = .array(arguments.map { .integer($0) })
      object["answers"] = .array(answers.map { $0.json })
      try Output.write(JSONValue.object(object).encoded(indent: "  ") + [0x0a])
    case .table:
      var rows = [[ByteString]]()
      for answer in answers { rows.append(answer.row) }
      try Output.write(Table.text(rows))
    }
    let own = answers.filter { $0.architecture == answers.first?.architecture }
    return own.allSatisfy { $0.letsThrough } ? 0 : 1
  }

  private static func diff(
    _ old: Compiled, _ new: Compiled, _ format: OutputFormat
  ) throws(CommandFailure) -> Int32 {
    let lines = ProfileDifference(old, new).lines
    switch format {
    case .json:
      let array = lines.map { line in
        var object = JSONObject()
        object["sign"] = .string(line.sign)
        object["what"] = .string(line.subject)
        object["before"] = .string(line.before)
        object["after"] = .string(line.after)
        return JSONValue.object(object)
      }
      try Output.write(JSONValue.array(array).encoded(indent: "  ") + [0x0a])
    case .table:
      try Output.write(
        Array(
          lines.map {
            $0.sign + " " + $0.subject.escaped(.line) + ": " + $0.before
              + ($0.before.isEmpty || $0.after.isEmpty ? "" : " -> ") + $0.after.escaped(.line)
              + "\n"
          }.joined(by: "").bytes))
    }
    return lines.isEmpty ? 0 : 1
  }
}

extension TrialAnswer {
  fileprivate var row: [ByteString] {
    let place = pointer.isEmpty ? "no rule: newer than the profile" : pointer
    return [
      architecture.isEmpty ? "others" : architecture.dropFirst(10).lowercased, action,
      condition.isEmpty ? place : place + " " + condition,
    ]
  }

  fileprivate var json: JSONValue {
    var object = JSONObject()
    if !architecture.isEmpty { object["architecture"] = .string(architecture) }
    if let number { object["number"] = .integer(number) }
    object["action"] = .string(action)
    object["pointer"] = .string(pointer)
    if !condition.isEmpty { object["condition"] = .string(condition) }
    return .object(object)
  }
}
