import Bytes
import Cgroups
import Container
import Linux
import Plan
import Seccomp
import StateStore

/// A program that ended otherwise than with exit status 0: all that can be found out about it.
struct ProgramEnd {
  var end: EndRecord.End
  private var countsKills = false

  /// - Parameter start: when it was started, of the monotonic clock.
  init(_ end: ProcessEnd, of process: ProcessHandle, since start: Int64, _ cgroup: Cgroup?) {
    let duration = max(0, Clock.monotonicNanoseconds - start)
    let now = Clock.realTime
    let moment = now.seconds * 1_000_000_000 + now.nanoseconds
    self.end = EndRecord.End()
    switch end {
    case .exited(let status): self.end.status = .exited(status)
    case .signaled(let signal):
      self.end.status = .signaled(
        signal, name: SignalName.name(of: signal) ?? "signal " + ByteString(decimal: signal),
        dumpedCore: process.recordedEnd()?.dumpedCore ?? false)
    }
    self.end.started = Timestamp.milliseconds(nanoseconds: moment - duration)
    self.end.ended = Timestamp.milliseconds(nanoseconds: moment)
    self.end.milliseconds = UInt64(duration / 1_000_000)
    add(cgroup?.story())
    if end == .signaled(Signal.badCall.rawValue) {
      self.end.refusedCall = ProgramEnd.refusedCall(
        of: process.pid, from: (moment - duration) / 1_000_000_000 - 1)
    }
  }

  /// Of a container that was found stopped: what its cgroup counted, and its status if its parent has
  /// not asked for it yet.
  init(ofStopped container: Container, _ cgroup: Cgroup?) {
    end = EndRecord.End()
    if let (status, dumpedCore) = container.record.initProcess?.unreapedEnd() {
      switch status {
      case .exited(let status): end.status = .exited(status)
      case .signaled(let signal):
        end.status = .signaled(
          signal, name: SignalName.name(of: signal) ?? "", dumpedCore: dumpedCore)
      }
    }
    if container.record.initProcess == nil { end.status = .neverStarted }
    add(cgroup?.story())
  }

  private mutating func add(_ story: CgroupStory?) {
    guard let story else { return }
    countsKills = story.countsKills
    end.peakMemory = story.peakMemory
    end.limits = story.limits.map { EndRecord.Limit($0) }
  }

  /// What the kernel's log says, which a thread of the kernel writes a moment later. The pid there is
  /// the one of the initial pid namespace.
  private static func refusedCall(of pid: Int32, from seconds: Int64) -> ByteString {
    for attempt in 0..<5 {
      if attempt > 0 { Clock.sleep(milliseconds: 10) }
      for line in KernelLog.newest().reversed() {
        if let record = AuditRecord(line), record.pid == pid, record.seconds >= seconds {
          return record.name
        }
      }
    }
    return ""
  }

  /// The line for the person who ran it; nil where the exit status says enough, or the signal is one
  /// that people and engines send to end it.
  func warning(_ plan: CreatePlan?) -> ByteString? {
    guard case .signaled(let signal, _, _) = end.status else { return nil }
    switch signal {
    case 1, 2, 13, 15: return nil
    default: break
    }
    var text = "the program was " + end.summary
    switch signal {
    case 9:
      let cause = EndCause(plan, end).words(signal)
      if let limit = end.limits.first(where: { $0.file == "memory.max" }) {
        text += ": " + limit.text
      } else if !cause.isEmpty {
        text += cause
      } else {
        text +=
          countsKills
          ? ": no memory limit did it, another process sent the signal"
          : ": by another process, by a memory limit, or by RLIMIT_CPU"
      }
    default: text += EndCause(plan, end).words(signal)
    }
    return text
  }
}

extension EndRecord.Limit {
  init(_ limit: CgroupStory.Limit) {
    self.init(
      cgroup: limit.cgroup ?? "", file: limit.file, value: limit.value, times: limit.times)
  }

  /// ``cgroup `/a/b` reached its memory.max of 1048576: 1 process killed``.
  var text: ByteString {
    var text =
      cgroup.isEmpty ? "a cgroup" : "cgroup `" + cgroup.escaped(limit: 300) + "`"
    text += " reached its " + file.escaped(limit: 32)
    if let value { text += " of " + ByteString(decimal: value) }
    text += ": " + ByteString(decimal: times)
    if file == "memory.max" {
      text += times == 1 ? " process killed" : " processes killed"
    } else {
      text += times == 1 ? " fork refused" : " forks refused"
    }
    return text
  }
}

extension EndRecord.End {
  /// `killed by SIGSEGV after 2 ms, core dumped`.
  var summary: ByteString {
    var text: ByteString
    var tail = ByteString()
    switch status {
    case .exited(let status): text = "exit status " + ByteString(decimal: status)
    case .signaled(let number, let name, let dumpedCore):
      text =
        "killed by "
        + (name.isEmpty ? "signal " + ByteString(decimal: number) : name.escaped(limit: 32))
      if dumpedCore { tail = ", core dumped" }
    case .neverStarted: return EndRecord.End.neverStarted
    case .unknown: return EndRecord.End.unknownStatus
    }
    if let milliseconds { text += " after " + ByteString(decimal: milliseconds) + " ms" }
    return text + tail
  }
}

extension Timestamp {
  /// RFC 3339 with milliseconds.
  static func milliseconds(nanoseconds: Int64) -> ByteString {
    text(
      seconds: nanoseconds / 1_000_000_000,
      nanoseconds: nanoseconds % 1_000_000_000 / 1_000_000 * 1_000_000)
  }

  static var now: ByteString {
    let now = Clock.realTime
    return milliseconds(nanoseconds: now.seconds * 1_000_000_000 + now.nanoseconds)
  }
}
