package import Bytes
import Container
import Diagnosis
import JSON
import Linux
import OCISpec
import Plan
import Report
import Rootfs
import StateStore

package struct MountsOptions: Equatable, Sendable {
  package enum Action: Equatable, Sendable { case add, remove, list }

  package var action = Action.list
  package var id: ByteString
  /// nil for standard input.
  package var file: ByteString?
  package var force = false
  package var format: OutputFormat = .table

  package init(id: ByteString) { self.id = id }
}

/// `mounts`: of a container that exists.
enum Mounts {
  static func perform(_ options: MountsOptions, _ context: CommandContext) throws(CommandFailure)
    -> Int32
  {
    let container = try Container.require(options.id, context)
    if options.action == .list { return try list(container, options, context) }
    let document = try MountDocument(options.file)
    try container.check(.mounts, context)
    if container.record.hasUnsettledMounts { try settle(document, options, context) }
    if document.mounts.isEmpty { return 0 }
    let (order, request) =
      options.action == .add
      ? try add(document, container, context)
      : (
        ControlOrder.removeMounts,
        LiveMounts.Request.remove(
          document.mounts.map { $0.destination.cleanedPath }, force: options.force)
      )
    // Each time another one was killed meanwhile.
    for attempt in 1... {
      let mounts = LiveMounts(request, context) { document.failure($0, $1) }
      do throws(CommandFailure) {
        try ControlExecutor(order, id: options.id, context, mounts: mounts).perform()
        break
      } catch {
        if !mounts.needsSettling || attempt == 10 {
          guard case .add(let plan) = request else { throw error }
          let failure = document.located(error)
          throw Explanation(container, context)?.explain(failure, adding: plan.mounts) ?? failure
        }
      }
      try settle(document, options, context)
    }
    return 0
  }

  /// Completes or takes back what a command that was killed has left.
  private static func settle(
    _ document: MountDocument, _ options: MountsOptions, _ context: CommandContext
  ) throws(CommandFailure) {
    let left = LiveMounts(.settle, context) { document.failure($0, $1) }
    try ControlExecutor(.removeMounts, id: options.id, context, mounts: left).perform()
  }

  private static func add(
    _ document: MountDocument, _ container: Container, _ context: CommandContext
  ) throws(CommandFailure) -> (ControlOrder, LiveMounts.Request) {
    var warnings = [ByteString]()
    let config = try container.config()
    do throws(ConfigError) {
      let plan = try RootfsPlan.live(
        document.mounts, at: document.pointer, config, bundle: container.record.bundle,
        host: context.host, warnings: &warnings)
      for warning in warnings { context.log.warning(document.name + " " + warning, .configWarning) }
      let titles = plan.mounts.map { (title: $0.title, pointer: $0.pointer) }
      return (.addMounts(titles), .add(plan))
    } catch {
      throw document.failure(error)
    }
  }
}

/// The caller's: an object with `mounts` as in `config.json`, or that array.
private struct MountDocument {
  private let text: [UInt8]
  let name: ByteString
  private(set) var mounts: [Mount] = []
  /// Where the array is.
  private(set) var pointer: ByteString = ""

  init(_ file: ByteString?) throws(CommandFailure) {
    name = file ?? "standard input"
    text = if let file { try BundleFile.read(file) } else { try BundleFile.readStandardInput() }
    do throws(ConfigError) {
      let value = try Mount.parsed(text)
      if case .array = value {
        mounts = try Read.list(value, Mount.read)
      } else {
        if case .object(let object) = value, object["mounts"] == nil {
          throw ConfigError(
            "", "expected a list of mounts, found an object: write it in brackets: [{...}]")
        }
        pointer = "/mounts"
        mounts = try Read.object(value).required("mounts") { (value) throws(ConfigError) in
          try Read.list(value, Mount.read)
        }
      }
    } catch {
      throw failure(error)
    }
  }

  func located(_ failure: CommandFailure) -> CommandFailure { failure.located(in: text, name) }

  /// With the place in the document.
  func failure(_ error: ConfigError) -> CommandFailure {
    var failure = CommandFailure(error)
    failure.message = error.message(in: name)
    return failure.located(in: text, name)
  }

  func failure(_ index: Int, _ reason: ByteString) -> CommandFailure {
    failure(
      ConfigError(
        pointer + "/" + ByteString(decimal: UInt64(index)) + "/destination", reason))
  }
}

// What there is.
extension Mounts {
  private struct Row {
    var destination: ByteString
    var source: ByteString
    var type: ByteString
    var isLive: Bool
    var isMounted: Bool

    var json: JSONValue {
      [
        "destination": .string(destination), "source": .string(source), "type": .string(type),
        "origin": .string(isLive ? "live" : "config"), "mounted": .bool(isMounted),
      ]
    }

    var cells: [ByteString] {
      [
        destination.escaped(.line), source.escaped(.line), type.escaped(.line),
        isLive ? "live" : "config", isMounted ? "yes" : "no",
      ]
    }
  }

  private static func list(
    _ container: Container, _ options: MountsOptions, _ context: CommandContext
  ) throws(CommandFailure) -> Int32 {
    var table = [MountInfo]()
    if let process = try container.openInit() {
      table = try attempt(SyscallError.self, MountInfo.read(of: process))
    }
    var rows = [Row]()
    for mount in try container.config().mounts {
      let destination = mount.destination.cleanedPath
      rows.append(
        Row(
          destination: destination, source: mount.source ?? "", type: mount.type ?? "",
          isLive: false, isMounted: table.contains { $0.mountPoint == destination }))
    }
    for mount in container.record.liveMounts {
      rows.append(
        Row(
          destination: mount.destination, source: mount.source, type: mount.type, isLive: true,
          isMounted: mount.place(in: table) != nil))
    }
    switch options.format {
    case .json: try Output.write(JSONValue.array(rows.map { $0.json }).encoded() + [0x0a])
    case .table:
      try Output.write(
        Table.text(
          [["DESTINATION", "SOURCE", "TYPE", "ORIGIN", "MOUNTED"]] + rows.map { $0.cells }))
    }
    return 0
  }
}
