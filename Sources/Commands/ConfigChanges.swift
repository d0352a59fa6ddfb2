package import Bytes
import Container
import JSON
import Linux
package import OCISpec
import Report

/// What `--rootfs` and `--set` make of a configuration, in memory: nothing of it is on disk but the copy in the
/// state directory that every container has.
package struct ConfigChanges: Equatable, Sendable {
  /// A directory to run in, without a bundle: the configuration is the one that `spec` writes.
  package var rootfs: ByteString?
  /// For it; empty for a shell.
  package var arguments: [ByteString] = []
  package var changes: [ConfigChange] = []

  package init() {}

  /// Takes `POINTER=VALUE`; false for anything else.
  package mutating func add(_ text: ByteString) -> Bool {
    guard let change = ConfigChange(text) else { return false }
    changes.append(change)
    return true
  }

  /// How messages name the document.
  package static var name: ByteString { "config.json of --rootfs" }

  /// The document that `file` is, or would be.
  func text(
    of file: ByteString, _ context: CommandContext, isDetached: Bool = false
  ) throws(CommandFailure) -> [UInt8] {
    if rootfs == nil, changes.isEmpty { return try BundleFile.read(file) }
    let text = rootfs == nil ? try BundleFile.read(file) : []
    var tree: JSONValue
    do throws(ConfigError) {
      tree =
        if let rootfs {
          try template(rootfs, context.host, isDetached: isDetached)
        } else {
          try Config.parsed(text)
        }
    } catch {
      throw ConfigExplanation(text, file).failure(error)
    }
    do throws(ConfigError) {
      for change in changes { try change.apply(to: &tree) }
    } catch {
      throw CommandFailure("option `--set`: " + error.message(in: "config.json"))
    }
    return tree.encoded(indent: "  ")
  }

  private func template(
    _ rootfs: ByteString, _ host: HostFacts, isDetached: Bool
  ) throws(ConfigError) -> JSONValue {
    var tree = SpecTemplate.config(
      rootless: host.isRootless
        ? .init(uid: host.effectiveUserID, gid: host.effectiveGroupID) : nil)
    let isTerminal =
      !isDetached && Terminal.isTerminal(.standardInput) && Terminal.isTerminal(.standardOutput)
    var changes = [
      ConfigChange("/root/path", .string(rootfs)),
      ConfigChange("/process/terminal", .bool(isTerminal)),
    ]
    if isTerminal, let type = ProcessArguments.variable("TERM") {
      changes.append(ConfigChange("/process/env/1", .string("TERM=" + type)))
    }
    if !arguments.isEmpty { changes.append(ConfigChange("/process/args", .strings(arguments))) }
    for change in changes { try change.apply(to: &tree) }
    return tree
  }
}
