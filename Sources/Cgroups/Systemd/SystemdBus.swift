import Bytes
import DBus
import Linux

/// systemd, over the bus (org.freedesktop.systemd1(5)).
final class SystemdBus {
  private static let name: ByteString = "org.freedesktop.systemd1"
  private static let object: ByteString = "/org/freedesktop/systemd1"
  private static let manager: ByteString = "org.freedesktop.systemd1.Manager"
  /// In milliseconds: how long a unit may take to start or to stop.
  private static let timeout: Int64 = 30_000

  private let bus: BusConnection

  init(isUser: Bool) throws(CgroupError) {
    do throws(DBusError) {
      bus = try BusConnection(try SystemdBus.address(isUser: isUser))
      // Before a job is begun, as its end may come at once.
      try bus.addMatch(
        "type='signal',sender='org.freedesktop.systemd1',path='/org/freedesktop/systemd1',"
          + "interface='org.freedesktop.systemd1.Manager',member='JobRemoved'")
    } catch {
      throw .systemd(error.message)
    }
  }

  /// Whether this is the unit of a user's manager, `user@1000.service`.
  static func isUserManager(_ component: ByteString) -> Bool {
    component.hasPrefix("user@") && component.hasSuffix(".service")
  }

  private static func address(isUser: Bool) throws(DBusError) -> ByteString {
    guard isUser else {
      return BusAddress.system(ProcessArguments.variable("DBUS_SYSTEM_BUS_ADDRESS"))
    }
    let address = BusAddress.user(
      ProcessArguments.variable("DBUS_SESSION_BUS_ADDRESS"),
      runtimeDirectory: ProcessArguments.variable("XDG_RUNTIME_DIR"))
    guard let address else { throw .unsupported("XDG_RUNTIME_DIR is not set") }
    return address
  }

  private func call(
    _ member: ByteString, _ body: [DBusValue], on interface: ByteString = SystemdBus.manager
  ) throws(DBusError) -> DBusReply {
    try bus.call(
      path: SystemdBus.object, interface: interface, member: member,
      destination: SystemdBus.name, body)
  }
}

extension SystemdBus {
  /// Starts the unit of `plan` around the processes `pids`, and waits until it is there. A unit of that
  /// name that has failed is dropped.
  func start(_ plan: UnitPlan, pids: [Int32]) throws(CgroupError) {
    var properties = plan.properties
    if !pids.isEmpty {
      properties.append(
        UnitProperty(
          name: "PIDs", value: .array("u", pids.map { .uint32(UInt32(bitPattern: $0)) })))
    }
    let body: [DBusValue] = [
      .string(plan.unit.name), .string("replace"), wire(try known(properties)),
      .array("(sa(sv))", []),
    ]
    try report("starting", plan.unit.name) { () throws(DBusError) in
      var attempts = 0
      while true {
        do throws(DBusError) {
          return try wait(for: try call("StartTransientUnit", body), "start")
        } catch {
          guard case .refused("org.freedesktop.systemd1.UnitExists", _) = error, attempts < 5 else {
            throw error
          }
          attempts += 1
          try reset(plan.unit.name)
          // A unit that just ended is dropped in a moment.
          Clock.sleep(milliseconds: 10)
        }
      }
    }
  }

  /// Stops the unit, which ends what is left in it, and forgets it. A missing unit is not an error.
  func stop(_ unit: ByteString) throws(CgroupError) {
    try report("stopping", unit) { () throws(DBusError) in
      do throws(DBusError) {
        try wait(for: try call("StopUnit", [.string(unit), .string("replace")]), "stop")
      } catch {
        guard SystemdBus.isAbsent(error) else { throw error }
      }
      try reset(unit)
    }
  }

  /// Changes properties at run time: nothing is kept for the next boot.
  func set(_ properties: [UnitProperty], on unit: ByteString) throws(CgroupError) {
    let known = try known(properties)
    if known.isEmpty { return }
    try report("limiting", unit) { () throws(DBusError) in
      _ = try call("SetUnitProperties", [.string(unit), .boolean(true), wire(known)])
    }
  }

  /// Moves a process into the unit: systemd may where the caller may not.
  func attach(_ pid: Int32, to unit: ByteString) throws(CgroupError) {
    try report("moving a process into", unit) { () throws(DBusError) in
      let pids = DBusValue.array("u", [.uint32(UInt32(bitPattern: pid))])
      _ = try call("AttachProcessesToUnit", [.string(unit), .string(""), pids])
    }
  }

  private func reset(_ unit: ByteString) throws(DBusError) {
    do throws(DBusError) { _ = try call("ResetFailedUnit", [.string(unit)]) } catch {
      guard SystemdBus.isAbsent(error) else { throw error }
    }
  }

  private static func isAbsent(_ error: DBusError) -> Bool {
    if case .refused("org.freedesktop.systemd1.NoSuchUnit", _) = error { return true }
    return false
  }

  /// Waits for the end of the job that a call began: `JobRemoved(u id, o job, s unit, s result)`.
  /// Any user of the bus can send such a signal: only one from the sender that started the job counts.
  private func wait(for reply: DBusReply, _ what: ByteString) throws(DBusError) {
    guard let job = reply.body.first?.text else { throw .malformed("a reply without a job") }
    let end = Clock.monotonicNanoseconds + SystemdBus.timeout * 1_000_000
    let signal = try bus.signal(until: end) {
      SystemdBus.tellsEnd($0, of: job, by: reply.sender)
    }
    let result = signal.body[3].text ?? ""
    if result != "done" { throw .refused(name: "job " + result, text: "could not " + what) }
  }

  static func tellsEnd(_ signal: DBusMessage, of job: ByteString, by sender: ByteString) -> Bool {
    signal.member == "JobRemoved" && signal.sender == sender && signal.body.count == 4
      && signal.body[1].text == job
  }

  private func wire(_ properties: [UnitProperty]) -> DBusValue {
    .array("(sv)", properties.map { $0.wire })
  }

  /// Without those that this systemd is too old for; it is asked only if there are any.
  private func known(_ properties: [UnitProperty]) throws(CgroupError) -> [UnitProperty] {
    guard properties.contains(where: { $0.version > 0 }) else { return properties }
    let version = try version()
    return properties.filter { $0.version <= version }
  }

  private func version() throws(CgroupError) -> UInt64 {
    let answer = try report("asking", "systemd") { () throws(DBusError) in
      try call(
        "Get", [.string(SystemdBus.manager), .string("Version")],
        on: "org.freedesktop.DBus.Properties")
    }
    // `257.1-1~deb13u1`, or with a `v` before it.
    let digits = (answer.body.first?.text ?? "").bytes.drop { $0 == UInt8(ascii: "v") }
      .prefix { $0 >= 0x30 && $0 <= 0x39 }
    return ByteString(digits).unsignedDecimal ?? 0
  }

  private func report<Result>(
    _ doing: ByteString, _ unit: ByteString, _ body: () throws(DBusError) -> Result
  ) throws(CgroupError) -> Result {
    do throws(DBusError) { return try body() } catch {
      throw .systemd(doing + " `" + unit + "`: " + error.message)
    }
  }
}
