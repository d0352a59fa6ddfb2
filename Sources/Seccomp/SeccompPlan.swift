package import Bytes
package import Linux
package import OCISpec

/// A seccomp profile, checked and in the kernel's words; not yet a program.
package struct SeccompPlan: Equatable, Sendable {
  /// One entry of `syscalls`: `names` get `action` when all `conditions` hold.
  package struct Rule: Equatable, Sendable {
    package var names: [ByteString]
    package var action: UInt32
    package var conditions: [Condition]
    /// Its place in `syscalls`, for messages.
    package var position: Int
  }

  /// A comparison of one argument, in the order of libseccomp's `struct scmp_arg_cmp`: for a masked
  /// comparison `first` is the mask and `second` the expected value.
  package struct Condition: Equatable, Sendable {
    package var argument: UInt32
    package var comparison: UInt32
    package var first: UInt64
    package var second: UInt64
  }

  package var defaultAction: UInt32
  /// Beside the native one.
  package var architectures: [UInt32]
  /// For seccomp(2), without the one that asks for a listener.
  package var flags: UInt32
  package var rules: [Rule]
  /// Where the descriptor of a filter that notifies goes; nil when no rule notifies (SE-5).
  package var listener: NotifyListener?
  /// Without `noNewPrivileges` loading a filter needs CAP_SYS_ADMIN.
  package var needsRights: Bool
  /// Where the section stands, for messages.
  package var pointer: ByteString
  /// The filter, if the section was read before and is not read again: then there are no rules here.
  package var known: SeccompProgram?
  /// The section as it is written, if all that is to be said of it is said of the program too: the next
  /// time it need not be read.
  package var text: ArraySlice<UInt8>?

  package var usesNotify: Bool { listener != nil }

  /// Whether a rule is to do more about the call than the default action does.
  package func restricts(_ name: ByteString) -> Bool {
    rules.contains {
      $0.names.contains(name) && !Action.isAtLeastAsStrict(defaultAction, as: $0.action)
    }
  }

  /// Checks `section`, nil for a container without a filter.
  package static func make(
    _ section: SeccompSection?, noNewPrivileges: Bool, kernel: KernelVersion, pointer: ByteString
  ) throws(ConfigError) -> SeccompPlan? {
    guard let section else { return nil }
    if let known = section.known {
      return SeccompPlan(known, needsRights: !noNewPrivileges, pointer: pointer)
    }
    let defaultAction = try action(
      section.defaultAction, errno: section.defaultErrnoRet, pointer: pointer,
      members: ("defaultAction", "defaultErrnoRet"))
    if defaultAction == Action.notify {
      throw ConfigError(
        pointer + "/defaultAction", "a filter that notifies of every call is refused")
    }
    let rules = try rules(section, defaultAction: defaultAction, pointer: pointer)
    let notifies = rules.contains { $0.action == Action.notify }
    return SeccompPlan(
      defaultAction: defaultAction,
      architectures: try architectures(section, pointer: pointer),
      flags: try flags(section, notifies: notifies, kernel: kernel, pointer: pointer),
      rules: rules,
      listener: try NotifyListener.make(section, notifies: notifies, pointer: pointer),
      needsRights: !noNewPrivileges,
      pointer: pointer)
  }
}

extension SeccompPlan {
  fileprivate init(_ known: KnownFilter, needsRights: Bool, pointer: ByteString) {
    self.init(
      defaultAction: known.defaultAction, architectures: [], flags: known.flags, rules: [],
      listener: nil, needsRights: needsRights, pointer: pointer, known: SeccompProgram(known))
  }
}

extension SeccompPlan {
  /// Programs have 4096 instructions at most, so no profile that fits has more.
  private static var limit: Int { 8192 }

  private static func action(
    _ name: ByteString, errno: UInt32?, pointer: @autoclosure () -> ByteString,
    members: (action: ByteString, errno: ByteString)
  ) throws(ConfigError) -> UInt32 {
    guard let action = SeccompNames.value(of: name, in: SeccompNames.actions) else {
      throw ConfigError(
        pointer() + "/" + members.action, "unknown seccomp action " + quoted(name))
    }
    guard action == Action.errno || action == Action.trace else {
      if errno == nil { return action }
      throw ConfigError(pointer() + "/" + members.errno, quoted(name) + " takes no errno")
    }
    guard let data = UInt16(exactly: errno ?? Action.eperm) else {
      throw ConfigError(pointer() + "/" + members.errno, "an errno has 16 bits")
    }
    return action | UInt32(data)
  }

  private static func rules(
    _ section: SeccompSection, defaultAction: UInt32, pointer: ByteString
  ) throws(ConfigError) -> [Rule] {
    var rules = [Rule]()
    var count = 0
    for (position, rule) in section.syscalls.enumerated() {
      let here = { pointer + "/syscalls/" + ByteString(decimal: position) }
      let action = try action(
        rule.action, errno: rule.errnoRet, pointer: here(), members: ("action", "errnoRet"))
      let conditions = try conditions(rule, pointer: here())
      if rule.names.isEmpty { throw ConfigError(here() + "/names", "names no system call") }
      count += rule.names.count * max(1, conditions.count)
      if count > limit {
        throw ConfigError(here(), "more than " + ByteString(decimal: limit) + " rules")
      }
      // libseccomp refuses a rule that says what happens anyway (SE-9).
      if action == defaultAction { continue }
      rules.append(
        Rule(names: rule.names, action: action, conditions: conditions, position: position))
    }
    return rules
  }

  private static func conditions(
    _ rule: SeccompSection.SyscallRule, pointer: @autoclosure () -> ByteString
  ) throws(ConfigError) -> [Condition] {
    var conditions = [Condition]()
    for (position, argument) in rule.args.enumerated() {
      func here() -> ByteString { pointer() + "/args/" + ByteString(decimal: position) }
      if argument.index > 5 {
        throw ConfigError(here() + "/index", "a system call has the arguments 0 to 5")
      }
      guard let comparison = SeccompNames.value(of: argument.op, in: SeccompNames.operators) else {
        throw ConfigError(here() + "/op", "unknown seccomp operator " + quoted(argument.op))
      }
      conditions.append(
        Condition(
          argument: argument.index, comparison: comparison, first: argument.value,
          second: argument.valueTwo))
    }
    return conditions
  }

  private static func architectures(
    _ section: SeccompSection, pointer: ByteString
  ) throws(ConfigError) -> [UInt32] {
    var tokens = [UInt32]()
    for (position, name) in section.architectures.enumerated() {
      guard let token = SeccompNames.value(of: name, in: SeccompNames.architectures) else {
        throw ConfigError(
          pointer + "/architectures/" + ByteString(decimal: position),
          "unknown seccomp architecture " + quoted(name))
      }
      if !tokens.contains(token) { tokens.append(token) }
    }
    return tokens
  }

  private static func flags(
    _ section: SeccompSection, notifies: Bool, kernel: KernelVersion, pointer: ByteString
  ) throws(ConfigError) -> UInt32 {
    // As runc and crun have it; an empty list asks for none (SE-4).
    guard let names = section.flags else { return Flag.specAllow }
    var flags: UInt32 = 0
    for (position, name) in names.enumerated() {
      let here = { pointer + "/flags/" + ByteString(decimal: position) }
      guard let flag = SeccompNames.value(of: name, in: SeccompNames.flags) else {
        throw ConfigError(here(), "unknown seccomp flag " + quoted(name))
      }
      switch flag {
      case Flag.tsync:
        // It speaks of other threads, and there is one; with a listener the kernel refuses it.
        break
      case Flag.waitKillable:
        if kernel < KernelVersion(5, 19) {
          throw ConfigError(here(), quoted(name) + " needs Linux 5.19")
        }
        // It speaks of the listener alone; without one the kernel refuses it.
        if notifies { flags |= flag }
      default:
        flags |= flag
      }
    }
    return flags
  }
}
