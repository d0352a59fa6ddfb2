import Bytes
import Cgroups
import Container
import Linux
import OCISpec
import Plan
import Report
import StateStore

extension Exec {
  /// The process: from the file of `--process`, or the container's own with what the options change.
  static func plan(
    _ options: ExecOptions, _ container: Container, _ context: CommandContext
  ) throws(CommandFailure) -> ExecPlan {
    let reading = try container.configReading(context)
    var config = reading.config
    config.nameListener()
    let document: ByteString = options.process == nil ? "config.json" : "process.json"
    let bytes = try options.process.map { (path) throws(CommandFailure) in
      try BundleFile.read(path)
    }
    do throws(ConfigError) {
      let process =
        try bytes.map { (bytes) throws(ConfigError) in
          completed(
            try OCISpec.Process.decode(bytes, user: config.process?.user), config.process)
        } ?? fromOptions(options, config.process)
      var plan = try ExecPlan.make(
        process, config: config, container: container.record.id, keyring: container.record.keyring,
        host: context.host,
        pointer: options.process == nil ? "/process" : "")
      DocumentWarnings.tell(
        planned: plan.warnings.map { options.named($0, own: config.process) }, context.log)
      reading.note(in: &plan.exec)
      return plan
    } catch {
      let message = error.message(in: document)
      guard let bytes, let path = options.process else {
        var failure = CommandFailure(error)
        failure.message = message
        if let option = options.option(for: error.pointer) {
          failure.message = option + ": " + error.reason
          failure.report?.pointer = ""
        }
        throw failure
      }
      throw ConfigExplanation(bytes, path, .process).failure(error, message: message)
    }
  }

  /// What a process file leaves out is the container's own.
  private static func completed(_ process: OCISpec.Process, _ own: OCISpec.Process?)
    -> OCISpec.Process
  {
    var process = process
    if process.capabilities == nil { process.capabilities = own?.capabilities }
    if process.env.isEmpty { process.env = own?.env ?? [] }
    if process.rlimits.isEmpty { process.rlimits = own?.rlimits ?? [] }
    if process.apparmorProfile == nil { process.apparmorProfile = own?.apparmorProfile }
    if process.selinuxLabel == nil { process.selinuxLabel = own?.selinuxLabel }
    return process
  }

  static func fromOptions(_ options: ExecOptions, _ own: OCISpec.Process?)
    -> OCISpec.Process
  {
    var process = own ?? OCISpec.Process(cwd: "/", args: [])
    process.args = options.arguments
    process.terminal = options.tty
    process.consoleSize = nil
    if let cwd = options.cwd { process.cwd = cwd }
    process.env += options.environment
    if let user = options.user {
      process.user.uid = user.uid
      if let gid = user.gid { process.user.gid = gid }
    }
    process.user.additionalGids += options.additionalGids
    if let noNewPrivileges = options.noNewPrivileges { process.noNewPrivileges = noNewPrivileges }
    if let label = options.processLabel { process.selinuxLabel = label }
    if let profile = options.apparmorProfile { process.apparmorProfile = profile }
    if !options.capabilities.isEmpty {
      // Inheritable stays as it is (CVE-2022-29162), and decides what can be ambient.
      var capabilities = process.capabilities ?? OCISpec.Process.Capabilities()
      capabilities.bounding += options.capabilities
      capabilities.effective += options.capabilities
      capabilities.permitted += options.capabilities
      let inheritable = capabilities.inheritable
      capabilities.ambient += options.capabilities.filter { inheritable.contains($0) }
      process.capabilities = capabilities
    }
    return process
  }
}

// What the options changed is theirs, and not the configuration's.
extension ExecOptions {
  /// The option that gave the property, nil if it is the configuration's.
  func option(for pointer: ByteString) -> ByteString? {
    guard process == nil else { return nil }
    if pointer == "/process/cwd", cwd != nil { return "--cwd" }
    if pointer.hasPrefix("/process/user/additionalGids"), !additionalGids.isEmpty {
      return "--additional-gids"
    }
    if pointer.hasPrefix("/process/user"), user != nil { return "--user" }
    if pointer == "/process/selinuxLabel", processLabel != nil { return "--process-label" }
    if pointer == "/process/apparmorProfile", apparmorProfile != nil { return "--apparmor" }
    return nil
  }

  /// A warning about a capability that `--cap` added to those of the configuration.
  fileprivate func named(_ warning: ByteString, own: OCISpec.Process?) -> ByteString {
    guard process == nil, !capabilities.isEmpty,
      warning.hasPrefix("/process/capabilities/"),
      let (pointer, text) = warning.cut(at: UInt8(ascii: ":"))
    else { return warning }
    let steps = pointer.split(on: UInt8(ascii: "/"))
    guard steps.count == 5, let index = steps[4].unsignedDecimal else { return warning }
    let before =
      switch steps[3] {
      case "bounding": own?.capabilities?.bounding
      case "effective": own?.capabilities?.effective
      case "permitted": own?.capabilities?.permitted
      default: own?.capabilities?.ambient
      }
    return index < UInt64(before?.count ?? 0) ? warning : "--cap:" + text
  }
}
