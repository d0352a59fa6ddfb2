package import Bytes
import Container
import JSON
import Linux
import OCISpec
import Report
import Seccomp

/// A process beside a container in the foreground that answers for its filter, and tells afterwards what it
/// was asked. It is no process of the container: nothing in there can see it, or has the listener.
final class CallSupervisor {
  /// What it was asked, once it has ended.
  let result: SharedDescriptor
  /// It ends when this is closed.
  private var control: SharedDescriptor?

  /// Before `child` loads its filter. It can do nothing under it until somebody listens.
  static func start(
    beside child: ProcessHandle, _ plan: SeccompPlan, _ program: SeccompProgram,
    _ purpose: Supervision
  ) throws(SyscallError) -> CallSupervisor {
    let (result, writing) = try makePipe()
    let (reading, control) = try makePipe()
    switch try ThisProcess.fork() {
    case .parent: return CallSupervisor(result, control)
    case .child:
      do throws(SyscallError) {
        try DescriptorRange.keepOnly([child.handle, writing.handle, reading.handle])
        var ledger = CallLedger(plan, program)
        try serve(child, until: reading.handle, &ledger)
        try writing.handle.writeAll(Array(text(ledger, purpose).bytes))
      } catch {
        // Nobody answers any more: what waits in execve would do so for ever.
        child.end()
      }
      ThisProcess.exit(0)
    }
  }

  private init(_ result: SharedDescriptor, _ control: SharedDescriptor) {
    self.result = result
    self.control = control
  }

  /// Ends it; empty if it has nothing to tell.
  func finish() throws(SyscallError) -> [UInt8] {
    control = nil
    var all = [UInt8]()
    while try !Polling.wait([(result.handle, .input)], milliseconds: 10_000)[0].isEmpty {
      let piece = try result.handle.read(upTo: 65536)
      if piece.isEmpty { break }
      all += piece
    }
    return all
  }

  private static func serve(
    _ child: ProcessHandle, until control: Handle, _ ledger: inout CallLedger
  ) throws(SyscallError) {
    guard let listener = try listener(of: child, until: control) else { return }
    while true {
      let events = try Polling.wait(
        [(listener.handle, .input), (control, .input)], milliseconds: -1)
      // Nobody is left under the filter, or nobody wants to know more.
      if !events[1].isEmpty { return }
      if events[0].contains(.input) {
        // All that have been made first: from then on they do not end with a signal.
        var calls = [WaitingCall]()
        while calls.count < 64 {
          if let call = try listener.handle.nextCall() { calls.append(call) }
          let more = try Polling.wait([(listener.handle, .input)], milliseconds: 0)
          if !more[0].contains(.input) { break }
        }
        for call in calls {
          let errno = ledger.answer(
            number: call.number, architecture: call.architecture, arguments: call.arguments)
          try listener.handle.answer(call, errno)
        }
      } else if !events[0].isEmpty {
        return
      }
    }
  }

  /// The child's only one, and of a low number: everything else it had open is closed by then.
  private static func listener(
    of child: ProcessHandle, until control: Handle
  ) throws(SyscallError) -> SharedDescriptor? {
    while true {
      for number in Int32(3)..<32 {
        if let found = try child.descriptor(number), try found.handle.isSeccompListener() {
          return found
        }
      }
      let events = try Polling.wait([(child.handle, .input), (control, .input)], milliseconds: 1)
      if !events.allSatisfy({ $0.isEmpty }) { return nil }
    }
  }
}

extension RunOptions {
  package var isSupervised: Bool { create.supervision != nil }

  package mutating func explainDenials() { create.supervision = .explain }

  /// Writes the profile to `file`, or to standard output.
  package mutating func learn(_ file: ByteString?) {
    create.supervision = .learn
    profile = file
  }
}

extension Config {
  /// What is learnt is all that the program does, unless there is a filter.
  mutating func prepare(for purpose: Supervision?) throws(ConfigError) {
    guard let purpose, linux.seccomp == nil else { return }
    if purpose == .explain {
      throw ConfigError("/linux/seccomp", "missing: no filter refuses anything")
    }
    linux.seccomp = SeccompSection(defaultAction: "SCMP_ACT_ALLOW")
  }
}

extension CallSupervisor {
  /// After the end of the container: on standard error, but for a profile.
  static func tell(
    _ supervisor: CallSupervisor, _ status: Int32, _ options: RunOptions
  ) throws(CommandFailure) {
    let text = try attempt(SyscallError.self, supervisor.finish())
    var remarks = ByteString(text)
    if text.isEmpty {
      remarks = "seccomp: what answers for the filter was killed, and calls failed with ENOSYS\n"
    } else if options.create.supervision == .learn {
      guard let (profile, rest) = remarks.cut(at: 0x1e) else {
        throw CommandFailure("no profile was learnt")
      }
      remarks = rest
      if let path = options.profile {
        try Output.write(Array(profile.bytes), toNew: path)
      } else {
        try Output.write(Array(profile.bytes))
      }
    }
    if status == 128 + Signal.badCall.rawValue {
      remarks +=
        "seccomp: the program ended with SIGSYS: `apus explain "
        + options.create.id.escaped(limit: 255) + "` says for which call, if the kernel logged it\n"
    }
    do throws(SyscallError) { try Handle.standardError.writeAll(Array(remarks.bytes)) } catch {
      // Nobody reads it.
    }
  }

  private static func text(_ ledger: CallLedger, _ purpose: Supervision) -> ByteString {
    switch purpose {
    case .explain: denials(ledger)
    case .learn: ByteString(profile(ledger).encoded(indent: "  ")) + "\n" + remarks(ledger)
    }
  }

  private static func denials(_ ledger: CallLedger) -> ByteString {
    let refused = ledger.entries.filter { $0.refusal != nil }.sorted { $0.count > $1.count }
    if refused.isEmpty { return "seccomp: no call was refused with an errno\n" }
    let rows = refused.map { entry in
      [
        "  " + entry.name, "x" + ByteString(decimal: entry.count), entry.refusal ?? "",
        entry.pointer.isEmpty ? "no rule: newer than the profile" : entry.pointer,
      ]
    }
    return "seccomp: refused calls\n" + ByteString(Table.text(rows))
  }

  private static func profile(_ ledger: CallLedger) -> JSONValue {
    var rule = JSONObject()
    rule["names"] = .strings(ledger.names)
    rule["action"] = "SCMP_ACT_ALLOW"
    var profile = JSONObject()
    profile["defaultAction"] = "SCMP_ACT_ERRNO"
    profile["defaultErrnoRet"] = 1
    profile["architectures"] = .strings(ledger.architectures)
    profile["syscalls"] = .array([.object(rule)])
    return .object(profile)
  }

  /// Behind a byte that no JSON has.
  private static func remarks(_ ledger: CallLedger) -> ByteString {
    let names = ledger.names
    var lines: ByteString =
      "\u{1e}seccomp: " + ByteString(decimal: names.count)
      + " calls; not in it is what this run did not do: other input, errors, signals, and what another runtime needs before execve\n"
    if let unused = ledger.unusedCalls {
      lines +=
        "seccomp: the profile in force allows " + ByteString(decimal: unused)
        + " calls that were not made\n"
    }
    let refused = ledger.entries.filter { $0.refusal != nil }
    if !refused.isEmpty {
      lines += "seccomp: what the profile in force refused is not in it either\n" + denials(ledger)
    }
    return lines
  }
}
