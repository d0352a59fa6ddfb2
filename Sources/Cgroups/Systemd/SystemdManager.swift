import Bytes
import Linux
import OCISpec

/// The unit of systemd that a cgroup belongs to. systemd writes the limits that it knows of again
/// at any time, so every change goes through it as well.
final class SystemdManager {
  private let unit: ByteString
  private let isUser: Bool
  private var bus: SystemdBus?
  /// Keeps a new scope until init is in it.
  private var holder: ScopeHolder?
  private var baseline: MemoryBaseline?

  /// The unit of a cgroup that exists: a user's manager made it if the cgroup is below that manager's.
  init(_ path: CgroupPath) {
    unit = path.components.last ?? ""
    isUser = path.components.contains(where: SystemdBus.isUserManager)
  }

  private init(_ unit: ByteString, isUser: Bool, _ bus: SystemdBus, _ holder: ScopeHolder?) {
    self.unit = unit
    self.isUser = isUser
    self.bus = bus
    self.holder = holder
  }

  /// Starts the unit of a plan and prepares its cgroup.
  static func create(
    _ plan: CgroupPlan, _ unit: UnitPlan, _ path: CgroupPath, mountPoint: ByteString,
    mark: NewMark
  ) throws(CgroupError) -> Cgroup {
    let bus = try SystemdBus(isUser: unit.isUser)
    let holder: ScopeHolder?
    do throws(SyscallError) {
      holder = unit.unit.isSlice ? nil : try ScopeHolder()
    } catch {
      throw .system("making", path: path.text, error)
    }
    let manager = SystemdManager(unit.unit.name, isUser: unit.isUser, bus, holder)
    try bus.start(unit, pids: holder.map { [$0.pid] } ?? [])
    let files: CgroupDirectory
    do throws(CgroupError) {
      files = try manager.open(path, mountPoint)
    } catch {
      manager.stop()
      throw error
    }
    let cgroup = Cgroup(files, .systemd(manager))
    do throws(CgroupError) {
      // systemd keeps a directory that it finds; the unit is new all the same.
      CgroupMark.remove(from: files)
      try CgroupMark.set(mark.text, on: files)
      try CgroupSuitability.check(files, plan.limits, mayBePopulated: true)
      try files.handOver(plan)
    } catch {
      do throws(CgroupError) { try cgroup.destroy() } catch {}
      throw error
    }
    return cgroup
  }

  /// Where the unit's cgroup really is: systemd may run in a cgroup of a container itself.
  private func open(_ path: CgroupPath, _ mountPoint: ByteString) throws(CgroupError)
    -> CgroupDirectory
  {
    var path = path
    if let holder {
      do throws(SyscallError) {
        path = CgroupPath(recorded: try HostFacts.readCgroup(of: holder.pid))
      } catch {
        throw .system("opening", path: path.text, error)
      }
    }
    if let files = try CgroupDirectory.open(path, mountPoint: mountPoint) { return files }
    throw .unmet("systemd made no cgroup `" + path.text + "` for `" + unit + "`")
  }

  /// Tells systemd of the first limits. Init is in the scope by now, which needs no holder any more.
  func setFirst(_ limits: [CgroupWrite], in cgroup: CgroupDirectory) throws(CgroupError) {
    endHolder()
    try setMemory(limits, in: cgroup)
    let writer = LimitWriter(cgroup)
    try setProperties(limits.map { writer.resolved($0) })
    // systemd enables the controllers that it knows itself, hugetlb and rdma not among them.
    Controllers.enable(for: limits, in: cgroup)
  }

  /// Where the kernel kills all there is for a limit of memory, systemd removes the cgroup, with what it
  /// counted, before it answers that the limit is set. So the limit is written first, and then looked
  /// what that did.
  private func setMemory(_ limits: [CgroupWrite], in cgroup: CgroupDirectory) throws(CgroupError) {
    let memory = limits.filter { $0.file == "memory.swap.max" || $0.file == "memory.max" }
    guard let last = memory.last else { return }
    expectKills(in: cgroup, limits)
    let writer = LimitWriter(cgroup)
    for limit in memory {
      try writer.checkFloor(limit)
      // What fails here fails again, where it is reported.
      do throws(SyscallError) { try cgroup.write(limit.file, limit.value) } catch {}
    }
    if let report = outOfMemory(in: cgroup) { throw .unmet(report.message, at: last.pointer) }
  }

  /// Remembers what is needed to report OOM kills once the cgroup is gone.
  func expectKills(in cgroup: CgroupDirectory, _ limits: [CgroupWrite]) {
    guard let limit = limits.last(where: { $0.file == "memory.max" }) else { return }
    baseline = MemoryBaseline(cgroup, limit: CgroupFile.limit(limit.value))
  }

  func outOfMemory(in cgroup: CgroupDirectory) -> OutOfMemory? {
    baseline?.report(cgroup) ?? OutOfMemory(cgroup)
  }

  /// Tells systemd of limits that are about to be written.
  func setProperties(_ limits: [CgroupWrite]) throws(CgroupError) {
    let properties: [UnitProperty]
    do throws(ConfigError) { properties = try UnitProperties.make(limits) } catch {
      throw .unmet(error.reason, at: error.pointer)
    }
    if !properties.isEmpty { try connected().set(properties, on: unit) }
  }

  /// Moves a process into the scope.
  func attach(_ pid: Int32) throws(CgroupError) { try connected().attach(pid, to: unit) }

  /// Stops the unit and drops it. Without systemd the cgroup is removed all the same, which systemd
  /// notices.
  func stop() {
    endHolder()
    do throws(CgroupError) { try connected().stop(unit) } catch {}
  }

  private func endHolder() {
    holder?.end()
    holder = nil
  }

  private func connected() throws(CgroupError) -> SystemdBus {
    if let bus { return bus }
    let new = try SystemdBus(isUser: isUser)
    bus = new
    return new
  }
}
