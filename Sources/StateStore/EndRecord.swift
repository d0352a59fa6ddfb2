package import Bytes
package import JSON

/// What is kept of a command that failed to run a container, or of a container that ended otherwise
/// than with exit status 0.
package struct EndRecord: Equatable, Sendable {
  package var id: ByteString
  /// `create`, `run`, `start`, `exec`, or `delete` for one that was found stopped.
  package var command: ByteString
  /// RFC 3339 in UTC: when this was written down.
  package var time: ByteString
  /// When the container was created, as `state` says; empty where it is not known.
  package var created: ByteString = ""
  package var bundle: ByteString = ""
  package var failure: Failure?
  package var end: End?

  /// Why its program never ran.
  package struct Failure: Equatable, Sendable {
    package var message: ByteString
    package var code: ByteString = ""
    package var step: ByteString = ""
    package var pointer: ByteString = ""
    package var errno: ByteString = ""
    package var cause: ByteString = ""
    package var hint: ByteString = ""
    /// In the configuration, both from 1.
    package var line: UInt64?
    package var column: UInt64?

    package init(_ message: ByteString) { self.message = message }
  }

  /// How the program ended.
  package struct End: Equatable, Sendable {
    /// Exit status or signal.
    package enum Status: Equatable, Sendable {
      case exited(Int32)
      case signaled(Int32, name: ByteString, dumpedCore: Bool)
      /// Its `create` was killed.
      case neverStarted
      /// Unknown.
      case unknown
    }

    package var status = Status.unknown
    /// The system call that the seccomp filter killed it for, by name.
    package var refusedCall: ByteString = ""
    package var started: ByteString = ""
    package var ended: ByteString = ""
    package var milliseconds: UInt64?
    package var limits: [Limit] = []
    package var peakMemory: UInt64?

    package init() {}
  }

  /// A limit that took effect.
  package struct Limit: Equatable, Sendable {
    /// The cgroup that it belongs to; empty if unknown.
    package var cgroup: ByteString
    /// The file of the limit, `memory.max` or `pids.max`.
    package var file: ByteString
    package var value: UInt64?
    /// Processes killed, or forks refused.
    package var times: UInt64

    package init(cgroup: ByteString, file: ByteString, value: UInt64?, times: UInt64) {
      self.cgroup = cgroup
      self.file = file
      self.value = value
      self.times = times
    }
  }

  package init(id: ByteString, command: ByteString, time: ByteString) {
    self.id = id
    self.command = command
    self.time = time
  }
}

extension EndRecord {
  private static let version = 1

  package var json: JSONValue { json(limit: 4096) }

  /// - Parameter limit: of each text, in bytes.
  private func json(limit: Int) -> JSONValue {
    var object = JSONObject()
    func add(_ name: ByteString, _ text: ByteString) {
      if !text.isEmpty { object[name] = .string(text.escaped(limit: limit)) }
    }
    object["apusVersion"] = .integer(EndRecord.version)
    object["id"] = .string(id)
    object["command"] = .string(command)
    object["time"] = .string(time)
    add("created", created)
    add("bundle", bundle)
    object["failure"] = failure?.json(limit: limit)
    object["end"] = end?.json(limit: limit)
    return .object(object)
  }

  /// As a file: the texts are shortened until it is no longer than `size`.
  func encoded(size: Int) -> [UInt8] {
    var limit = 2048
    while true {
      let bytes = json(limit: limit).encoded()
      if bytes.count <= size || limit < 16 { return bytes }
      limit /= 2
    }
  }

  /// The content of a file, as untrusted data: every text is shown escaped.
  init?(_ value: JSONValue) {
    guard case .object(let object) = value,
      object.text("apusVersion") == ByteString(decimal: EndRecord.version),
      let id = object.text("id"), let command = object.text("command"),
      let time = object.text("time")
    else { return nil }
    self.init(id: id, command: command, time: time)
    created = object.text("created") ?? ""
    bundle = object.text("bundle") ?? ""
    failure = object.value(of: "failure").flatMap { Failure($0) }
    end = object.value(of: "end").flatMap { End($0) }
  }
}

extension EndRecord.Failure {
  package var json: JSONValue { json(limit: 4096) }

  fileprivate func json(limit: Int) -> JSONValue {
    var object = JSONObject()
    func add(_ name: ByteString, _ text: ByteString) {
      if !text.isEmpty { object[name] = .string(text.escaped(limit: limit)) }
    }
    object["msg"] = .string(message.escaped(limit: limit))
    add("code", code)
    add("step", step)
    add("pointer", pointer)
    add("errno", errno)
    object["line"] = line.map { .integer($0) }
    object["column"] = column.map { .integer($0) }
    add("cause", cause)
    add("hint", hint)
    return .object(object)
  }

  fileprivate init?(_ value: JSONValue) {
    guard case .object(let object) = value, let message = object.text("msg") else { return nil }
    self.init(message)
    code = object.text("code") ?? ""
    step = object.text("step") ?? ""
    pointer = object.text("pointer") ?? ""
    errno = object.text("errno") ?? ""
    cause = object.text("cause") ?? ""
    hint = object.text("hint") ?? ""
    line = object.text("line")?.unsignedDecimal
    column = object.text("column")?.unsignedDecimal
  }
}

extension EndRecord.End {
  package var json: JSONValue { json(limit: 4096) }

  fileprivate func json(limit: Int) -> JSONValue {
    var object = JSONObject()
    switch status {
    case .exited(let status): object["exitStatus"] = .integer(status)
    case .signaled(let number, let name, let dumpedCore):
      object["signal"] = .integer(number)
      object["signalName"] = .string(name)
      object["coreDumped"] = .bool(dumpedCore)
    case .neverStarted:
      object["exitStatus"] = .null
      object["note"] = .string(EndRecord.End.neverStarted)
    case .unknown:
      object["exitStatus"] = .null
      object["note"] = .string(EndRecord.End.unknownStatus)
    }
    if !refusedCall.isEmpty { object["seccompCall"] = .string(refusedCall) }
    if !started.isEmpty { object["started"] = .string(started) }
    if !ended.isEmpty { object["ended"] = .string(ended) }
    object["milliseconds"] = milliseconds.map { .integer($0) }
    if !limits.isEmpty {
      object["limits"] = .array(
        limits.prefix(4).map {
          var entry = JSONObject()
          entry["file"] = .string($0.file)
          if !$0.cgroup.isEmpty { entry["cgroup"] = .string($0.cgroup.escaped(limit: limit)) }
          entry["value"] = $0.value.map { .integer($0) }
          entry["times"] = .integer($0.times)
          return .object(entry)
        })
    }
    object["peakMemory"] = peakMemory.map { .integer($0) }
    return .object(object)
  }

  package static var neverStarted: ByteString {
    "its create was killed, and the program was never started: `apus gc` removes what is left"
  }

  package static var unknownStatus: ByteString {
    "the exit status is not known: the kernel gives it to the parent process alone, which is not"
      + " apus for a detached container"
  }

  fileprivate init?(_ value: JSONValue) {
    guard case .object(let object) = value else { return nil }
    func number(_ name: StaticString) -> UInt64? { object.text(name)?.unsignedDecimal }
    self.init()
    if let exit = number("exitStatus").flatMap({ Int32(exactly: $0) }) {
      status = .exited(exit)
    } else if let signal = number("signal").flatMap({ Int32(exactly: $0) }) {
      var dumpedCore = false
      if case .bool(let value)? = object.value(of: "coreDumped") { dumpedCore = value }
      status = .signaled(signal, name: object.text("signalName") ?? "", dumpedCore: dumpedCore)
    }
    refusedCall = object.text("seccompCall") ?? ""
    started = object.text("started") ?? ""
    ended = object.text("ended") ?? ""
    milliseconds = number("milliseconds")
    peakMemory = number("peakMemory")
    guard case .array(let entries)? = object.value(of: "limits") else { return }
    limits = entries.prefix(4).compactMap {
      guard case .object(let entry) = $0, let file = entry.text("file"),
        let times = entry.text("times")?.unsignedDecimal
      else { return nil }
      return EndRecord.Limit(
        cgroup: entry.text("cgroup") ?? "", file: file,
        value: entry.text("value")?.unsignedDecimal, times: times)
    }
  }
}
