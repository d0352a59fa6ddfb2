package import Bytes
package import Linux
package import Namespaces
package import OCISpec
package import Resctrl

/// A process that joins a running container: the steps of `create` for the same executor, without
/// those that made the container (CVE-2019-10144 is an `exec` with a weaker path of its own).
package struct ExecPlan: Equatable, Sendable {
  package var exec: ExecutionPlan
  /// The kinds that the container has of its own, beside the pid namespace, which is always entered.
  package var joins: [NamespaceKind]
  /// The group that the container is in.
  package var resctrl: ResctrlPlan?
  package var warnings: [ByteString]
  /// Whether the runtime has rights of its own over namespaces.
  package var isPrivileged: Bool
  package var steps: [InitStep]
  /// Of a `debug`.
  package var debug: DebugPlan?

  /// `config` is the container's saved configuration. `pointer` is where the process object stands in
  /// the document that it came from.
  package static func make(
    _ process: OCISpec.Process, config: Config, container: ByteString, keyring: ByteString?,
    host: HostFacts, pointer: ByteString, debug: DebugPlan? = nil
  ) throws(ConfigError) -> ExecPlan {
    var warnings = [ByteString]()
    let namespaces = try NamespacePlan.make(config: config)
    let exec = try ExecutionPlan.make(
      process, config: config, namespaces: namespaces, isInit: false, keyring: keyring,
      host: host, pointer: pointer, warnings: &warnings)
    let joins = NamespaceKind.allCases.filter { $0 != .pid && namespaces.has($0) }
    return ExecPlan(
      exec: exec, joins: joins,
      resctrl: try config.linux.intelRdt.map { (section) throws(ConfigError) in
        try ResctrlPlan.make(section, id: container)
      },
      warnings: warnings,
      isPrivileged: host.effectiveUserID == 0,
      steps: StepOrder.exec(
        exec, joins: joins, isPrivileged: host.effectiveUserID == 0, isDebug: debug != nil),
      debug: debug)
  }

  /// The steps as text, one a line: stable, so that a golden file shows their order.
  package var text: ByteString {
    var text: ByteString = ""
    for timed in TimedStep.all(HostOrder.exec(self), steps) {
      switch timed {
      case .host(let step): text += step.line
      case .inner(let number, let step): text += ByteString(decimal: number) + ". " + step.line
      }
      text += "\n"
    }
    return text
  }
}

/// What `debug` has beside an `exec`.
package struct DebugPlan: Equatable, Sendable {
  /// The directory of `--tools`.
  package var tools: ByteString?
  /// The container's, for a cgroup that is not below its own.
  package var deviceProgram: [BPFInstruction]?

  package init(tools: ByteString?, deviceProgram: [BPFInstruction]?) {
    self.tools = tools
    self.deviceProgram = deviceProgram
  }
}
