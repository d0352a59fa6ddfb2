package import Bytes
import CRIU
import Container
import JSON
import Linux
import OCISpec
import Plan
import Report
import StateStore

package struct ReportOptions: Equatable, Sendable {
  package var id: ByteString
  /// Of one that may be gone.
  package var isFailed: Bool
  /// nil: standard output.
  package var output: ByteString?
  package var withEnvironment: Bool
  /// Of the program.
  package var version: ByteString

  package init(
    id: ByteString, isFailed: Bool, output: ByteString?, withEnvironment: Bool, version: ByteString
  ) {
    self.id = id
    self.isFailed = isFailed
    self.output = output
    self.withEnvironment = withEnvironment
    self.version = version
  }
}

/// `report`: one archive with what somebody needs who was not there.
struct ReportCommand {
  private let options: ReportOptions
  private let context: CommandContext
  private var archive = TarArchive()

  static func perform(_ options: ReportOptions, _ context: CommandContext) throws(CommandFailure)
    -> Int32
  {
    if options.output == nil, Terminal.isTerminal(.standardOutput) {
      throw CommandFailure("an archive is nothing for a terminal: name a file with --output")
    }
    var report = ReportCommand(options: options, context: context)
    try report.collect()
    try report.write()
    return 0
  }

  private init(options: ReportOptions, context: CommandContext) {
    self.options = options
    self.context = context
  }

  private mutating func collect() throws(CommandFailure) {
    let container = options.isFailed ? nil : try Container.require(options.id, context)
    let story = try Story(of: options.id, context)
    if story.isEmpty {
      throw CommandFailure(
        "no container " + quoted(options.id) + " is below " + context.root.path
          + ", and no failure of it is kept")
    }
    archive.add("version.txt", Array((options.version + host).bytes))
    archive.add(
      "features.json",
      encoded(Documents.features(checkpoints: CRIUProgram.path(context.criu) != nil).json))
    archive.add("story.json", encoded(masked(story.json)))
    if let container {
      archive.add("state.json", encoded(try container.state(context).json))
    }
    let bundle = container?.record.bundle ?? story.records.last?.bundle ?? ""
    var text: [UInt8]?
    do throws(CommandFailure) {
      if let container {
        text = try attempt(StateError.self, container.directory.loadConfig())
      } else if !bundle.isEmpty {
        text = try BundleFile.read(bundle + "/config.json")
      }
    } catch {
      archive.add("config.txt", Array(error.message.escaped(.line).bytes))
    }
    if let text { add(text, bundle) }
  }

  /// The configuration, and the plan that is made of it here: without values that are left out.
  private mutating func add(_ text: [UInt8], _ bundle: ByteString) {
    do throws(ConfigError) {
      let tree = masked(try Config.parsed(text))
      archive.add("config.json", options.withEnvironment ? text : encoded(tree))
      let plan = try CreatePlan.make(
        try Config.read(tree),
        CreateRequest(
          id: options.id, bundle: bundle, cgroupManager: context.cgroupManager),
        host: context.host)
      archive.add("plan.txt", Array(plan.text.bytes))
    } catch {
      // What is no document cannot be masked.
      archive.add("config.txt", Array(error.message.escaped(.line).bytes))
    }
  }

  private func encoded(_ value: JSONValue) -> [UInt8] { value.encoded(indent: "  ") + [0x0a] }

  /// What a report says of the machine: no name and no address of it.
  private var host: ByteString {
    let files: [ByteString] = [
      "/proc/sys/kernel/osrelease", "/proc/sys/kernel/version", "/sys/kernel/security/lsm",
      "/sys/fs/cgroup/cgroup.controllers", "/proc/self/uid_map", "/proc/filesystems",
    ]
    return files.map { path in
      var text: ByteString = "not there"
      do throws(SyscallError) {
        let file = SharedDescriptor(try Handle.currentDirectory.open(path, [.nonBlocking]))
        text = ByteString(try file.handle.read(upTo: 4096))
      } catch {}
      return "\n" + path + ":\n" + text
    }.joined(by: "")
  }

  private func write() throws(CommandFailure) {
    guard let path = options.output else { return try Output.write(archive.bytes) }
    try Output.write(archive.bytes, toNew: path)
  }
}

extension ReportCommand {
  private static var mask: ByteString { "***" }

  /// Without the values of every `env`, and without the texts of failures about one.
  private func masked(_ value: JSONValue) -> JSONValue {
    if options.withEnvironment { return value }
    switch value {
    case .array(let elements): return .array(elements.map { masked($0) })
    case .object(var object):
      var isAboutEnvironment = false
      if case .string(let pointer)? = object["pointer"] {
        isAboutEnvironment = pointer.split(on: UInt8(ascii: "/")).contains("env")
      }
      for member in object.members {
        if member.name == "env" {
          object[member.name] = maskedEnvironment(member.value)
        } else if isAboutEnvironment, ["msg", "cause", "hint"].contains(member.name) {
          object[member.name] = .string(ReportCommand.mask)
        } else {
          object[member.name] = masked(member.value)
        }
      }
      return .object(object)
    case .null, .bool, .number, .string: return value
    }
  }

  /// PATH says where the program was looked for.
  private func maskedEnvironment(_ value: JSONValue) -> JSONValue {
    switch value {
    case .array(let entries): return .array(entries.map { maskedEnvironment($0) })
    case .string(let entry):
      guard let name = entry.cut(at: UInt8(ascii: "="))?.before else {
        return .string(ReportCommand.mask)
      }
      return name == "PATH" ? value : .string(name + "=" + ReportCommand.mask)
    case .null: return value
    case .bool, .number, .object: return .string(ReportCommand.mask)
    }
  }
}
