package import Bytes
import CSeccomp
import Linux
package import OCISpec

/// Makes programs of plans, with libseccomp.
package enum FilterCompiler {
  /// The architectures that a filter can have here, by name, for `features`: those of the
  /// specification that the library has and that count bytes as this machine does.
  package static var architectures: [ByteString] {
    SeccompNames.architectures.filter { Filter.takes(architecture: $0.value) }.map { $0.name.text }
  }

  /// The library's version, for `features`: `2.5.4`.
  package static var libraryVersion: ByteString {
    [version.major, version.minor, version.micro].map { ByteString(decimal: $0) }.joined(by: ".")
  }

  /// Asks the library's memory, not the kernel: unlike the first filter it costs nothing.
  static var version: (major: UInt32, minor: UInt32, micro: UInt32) {
    guard let version = unsafe seccomp_version() else { return (0, 0, 0) }
    return unsafe (version.pointee.major, version.pointee.minor, version.pointee.micro)
  }

  static var nativeArchitecture: UInt32 { seccomp_arch_native() }

  /// nil for a call that this machine does not have.
  static func nativeNumber(of name: ByteString) -> UInt32? {
    UInt32(exactly: unsafe name.withCString { unsafe seccomp_syscall_resolve_name($0) })
  }

  static func isKnown(_ name: ByteString) -> Bool {
    unsafe name.withCString { unsafe seccomp_syscall_resolve_name($0) } != unknownCall
  }

  static func libraryToken(_ name: ByteString) -> UInt32 {
    // The library's own names are the suffixes in lower case.
    unsafe name.dropFirst("SCMP_ARCH_".utf8.count).lowercased.withCString {
      unsafe seccomp_arch_resolve_name($0)
    }
  }

  /// Compiles a plan with libseccomp; an error has the pointer of the rule.
  package static func compile(_ plan: SeccompPlan) throws(ConfigError) -> SeccompProgram {
    var unknown = [ByteString]()
    let written = try instructions(plan, &unknown)
    var bytes = [UInt8]()
    for instruction in FilterTable.shortened(written, for: architectures(of: plan)) {
      bytes += instruction.bytes
    }
    if bytes.count > SeccompProgram.maximumInstructions * 8 {
      throw ConfigError(
        plan.pointer,
        "compiles to " + ByteString(decimal: bytes.count / 8) + " instructions, the kernel takes "
          + ByteString(decimal: SeccompProgram.maximumInstructions))
    }
    return SeccompProgram(bytes: bytes, unknownNames: unknown, plan: plan)
  }

  /// This machine's own first.
  static func architectures(of plan: SeccompPlan) -> [UInt32] {
    [nativeArchitecture] + plan.architectures.filter { $0 != nativeArchitecture }
  }

  /// The prologue and what the library writes.
  static func instructions(
    _ plan: SeccompPlan, _ unknown: inout [ByteString]
  ) throws(ConfigError) -> [Instruction] {
    let filter = try Filter.make(plan)
    for rule in plan.rules {
      for name in rule.names where !(try filter.add(rule, to: name)) {
        if !unknown.contains(name) { unknown.append(name) }
      }
    }
    var instructions = [Instruction]()
    if FilterPrologue.isUseful(for: plan) {
      instructions = FilterPrologue.instructions(for: architectures(of: plan)) {
        newestCall(of: plan, on: $0)
      }
    }
    let exported = try filter.export()
    for at in stride(from: 0, to: exported.count - 7, by: 8) {
      instructions.append(Instruction(exported[at..<(at + 8)]))
    }
    return instructions
  }

  private static func newestCall(of plan: SeccompPlan, on token: UInt32) -> UInt32? {
    var newest: UInt32?
    for rule in plan.rules {
      for name in rule.names {
        // Negative: the library's stand-ins for calls that this architecture does not have.
        let number = unsafe name.withCString { unsafe seccomp_syscall_resolve_name_arch(token, $0) }
        if let number = UInt32(exactly: number) { newest = max(newest ?? 0, number) }
      }
    }
    return newest
  }
}

/// A filter of libseccomp while it is built.
@safe
private struct Filter: ~Copyable {
  private let context: scmp_filter_ctx
  private let plan: SeccompPlan

  private init(_ context: scmp_filter_ctx, _ plan: SeccompPlan) {
    unsafe self.context = unsafe context
    self.plan = plan
  }

  /// An empty filter with the default action, the architectures and the attributes of `plan`.
  static func make(_ plan: SeccompPlan) throws(ConfigError) -> Filter {
    guard let context = unsafe seccomp_init(plan.defaultAction) else {
      throw ConfigError(
        plan.pointer + "/defaultAction", "the kernel or libseccomp does not have this action")
    }
    let filter = unsafe Filter(context, plan)
    // We load the program ourselves: the library must not set no_new_privs behind the
    // configuration's back.
    try filter.set(SCMP_FLTATR_CTL_NNP, 0)
    // A binary tree by number pays above this many rules.
    if plan.rules.reduce(0, { $0 + $1.names.count }) > 32 {
      try filter.set(SCMP_FLTATR_CTL_OPTIMIZE, 2)
    }
    for token in plan.architectures { try filter.add(architecture: token) }
    return filter
  }

  deinit { unsafe seccomp_release(context) }

  static func takes(architecture token: UInt32) -> Bool {
    guard let context = unsafe seccomp_init(Action.allow) else { return false }
    let answer = unsafe seccomp_arch_add(context, token)
    unsafe seccomp_release(context)
    return answer == 0 || answer == -Errno.EEXIST.rawValue
  }

  private func set(_ attribute: scmp_filter_attr, _ value: UInt32) throws(ConfigError) {
    try check(unsafe seccomp_attr_set(context, attribute, value), plan.pointer)
  }

  private func add(architecture token: UInt32) throws(ConfigError) {
    let answer = unsafe seccomp_arch_add(context, token)
    // The native one is there from the start.
    if answer == 0 || answer == -Errno.EEXIST.rawValue { return }
    let name = SeccompNames.architectures.first { $0.value == token }?.name.text ?? ""
    throw ConfigError(
      plan.pointer + "/architectures",
      "libseccomp does not have " + quoted(name)
        + (answer == -Errno.EDOM.rawValue ? " beside this machine's own" : ""))
  }

  /// Adds `rule` for the system call `name`; false if the library does not know the name. Then the
  /// default action answers, which may let a call through that the rule is to stop: a library that is
  /// older than the profile must not keep containers from starting (SE-8).
  func add(_ rule: SeccompPlan.Rule, to name: ByteString) throws(ConfigError) -> Bool {
    let number = unsafe name.withCString { unsafe seccomp_syscall_resolve_name($0) }
    if number == unknownCall { return false }
    let conditions = rule.conditions.map {
      scmp_arg_cmp(
        arg: $0.argument, op: scmp_compare($0.comparison), datum_a: $0.first, datum_b: $0.second)
    }
    if rule.hasArgumentTwice {
      // The library takes an argument once a rule, so each comparison becomes a rule (SE-11).
      for condition in conditions { try add(rule, of: name, number, if: [condition]) }
    } else {
      try add(rule, of: name, number, if: conditions)
    }
    return true
  }

  private func add(
    _ rule: SeccompPlan.Rule, of name: ByteString, _ number: Int32, if conditions: [scmp_arg_cmp]
  ) throws(ConfigError) {
    let answer = unsafe conditions.withUnsafeBufferPointer {
      unsafe seccomp_rule_add_array(
        context, rule.action, number, UInt32($0.count), $0.baseAddress)
    }
    try check(answer, pointer(of: rule), "refuses the rule for " + quoted(name))
  }

  /// The program as the library writes it.
  func export() throws(ConfigError) -> [UInt8] {
    do throws(SyscallError) {
      let file = try MemoryFile.create("seccomp")
      let answer = unsafe seccomp_export_bpf(context, file.handle.raw)
      if answer < 0 { throw SyscallError("seccomp_export_bpf", "", Errno(rawValue: -answer)) }
      try file.handle.seek(to: 0)
      return try file.handle.readAll(limit: 1 << 20)
    } catch {
      throw ConfigError(plan.pointer, error.message)
    }
  }

  private func pointer(of rule: SeccompPlan.Rule) -> ByteString {
    plan.pointer + "/syscalls/" + ByteString(decimal: rule.position)
  }

  private func check(
    _ answer: Int32, _ pointer: @autoclosure () -> ByteString,
    _ problem: @autoclosure () -> ByteString = "fails"
  ) throws(ConfigError) {
    guard answer < 0 else { return }
    throw ConfigError(
      pointer(), "libseccomp " + problem() + ": " + Errno(rawValue: -answer).text)
  }
}

/// `__NR_SCMP_ERROR`: no architecture has a call of this name.
private let unknownCall: Int32 = -1

extension SeccompPlan.Rule {
  var hasArgumentTwice: Bool {
    for (index, condition) in conditions.enumerated() {
      if conditions[..<index].contains(where: { $0.argument == condition.argument }) {
        return true
      }
    }
    return false
  }
}
