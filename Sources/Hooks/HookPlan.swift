package import Bytes
package import OCISpec

/// The six points of a container's life at which hooks run (runtime-spec, "POSIX-platform Hooks").
package enum HookKind: Equatable, Sendable, CaseIterable {
  case prestart, createRuntime, createContainer, startContainer, poststart, poststop

  /// The key in `config.json`, and the name in messages.
  package var name: ByteString {
    switch self {
    case .prestart: "prestart"
    case .createRuntime: "createRuntime"
    case .createContainer: "createContainer"
    case .startContainer: "startContainer"
    case .poststart: "poststart"
    case .poststop: "poststop"
    }
  }

  /// Whether it runs where the runtime does, and not in the container's namespaces.
  var isOfHost: Bool { self != .createContainer && self != .startContainer }
}

/// One hook, checked and complete.
package struct PlannedHook: Equatable, Sendable {
  package let kind: HookKind
  package let index: Int
  /// Absolute, resolved in the namespace that the kind says; no search in PATH.
  package let path: ByteString
  /// The whole argv, the name first.
  package let arguments: [ByteString]
  /// The whole environment; nil leaves it to the runner's caller (HK-3).
  package let environment: [ByteString]?
  /// In seconds; nil waits without end.
  package let timeout: Int64?
  /// Files of the host that what it writes is added to; nil leaves it to the runner.
  package var outputFile: ByteString?
  package var errorFile: ByteString?

  /// Its place in `config.json`.
  package var pointer: ByteString { "/hooks/" + kind.name + "/" + ByteString(decimal: index) }
}

/// Every hook of a container in the order in which it runs.
package struct HookPlan: Equatable, Sendable {
  package let hooks: [PlannedHook]

  package subscript(kind: HookKind) -> [PlannedHook] { hooks.filter { $0.kind == kind } }
}

extension HookPlan {
  /// More would be a mistake or an attack on our time.
  static let mostHooksOfAKind = 64

  package init(_ section: HooksSection, _ annotations: [Entry<ByteString>] = [])
    throws(ConfigError)
  {
    let output = try HookPlan.file(.hookOutput, annotations)
    let errors = try HookPlan.file(.hookErrors, annotations)
    var hooks = [PlannedHook]()
    for kind in HookKind.allCases {
      let entries = section[kind]
      if entries.count > HookPlan.mostHooksOfAKind {
        throw ConfigError("/hooks/" + kind.name, "more than 64 hooks")
      }
      for (index, hook) in entries.enumerated() {
        var planned = try PlannedHook(hook, kind: kind, index: index)
        if kind.isOfHost { (planned.outputFile, planned.errorFile) = (output, errors) }
        hooks.append(planned)
      }
    }
    self.hooks = hooks
  }

  private static func file(_ annotation: Annotation, _ annotations: [Entry<ByteString>])
    throws(ConfigError) -> ByteString?
  {
    guard let path = annotations[annotation] else { return nil }
    guard path.hasPrefix("/") else {
      throw ConfigError(annotation.pointer, quoted(path) + " is not an absolute path")
    }
    return path
  }
}

extension PlannedHook {
  init(_ hook: Hook, kind: HookKind, index: Int) throws(ConfigError) {
    self.kind = kind
    self.index = index
    path = hook.path
    arguments = hook.args.flatMap { $0.isEmpty ? nil : $0 } ?? [hook.path]
    environment = hook.env
    timeout = hook.timeout
    guard path.hasPrefix("/") else {
      throw ConfigError(pointer + "/path", quoted(path) + " is not an absolute path")
    }
    if let timeout, timeout <= 0 {
      throw ConfigError(pointer + "/timeout", "must be greater than 0")
    }
  }
}

extension HooksSection {
  subscript(kind: HookKind) -> [Hook] {
    switch kind {
    case .prestart: prestart
    case .createRuntime: createRuntime
    case .createContainer: createContainer
    case .startContainer: startContainer
    case .poststart: poststart
    case .poststop: poststop
    }
  }
}
