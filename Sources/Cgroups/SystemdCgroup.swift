import Bytes
package import Linux
import OCISpec

extension Cgroup {
  /// The cgroup of a unit that systemd makes.
  static func create(
    _ unit: UnitPlan, _ plan: CgroupPlan, _ path: CgroupPath, _ mountPoint: ByteString
  )
    throws(CgroupError) -> Cgroup
  {
    let manager = try SystemdManager(isUser: unit.isUser)
    let holder: ScopeHolder?
    do throws(SyscallError) {
      holder = unit.unit.isSlice ? nil : try ScopeHolder()
    } catch {
      throw CgroupError("making", path.text, error)
    }
    try manager.start(unit, pids: holder.map { [$0.pid] } ?? [])
    let cgroup: Cgroup
    do throws(SyscallError) {
      // Where it really is: systemd may run in a cgroup of a container itself.
      let actual = try holder.map { (process) throws(SyscallError) in
        CgroupPath(recorded: try HostFacts.readCgroup(of: process.pid))
      }
      cgroup = try openExisting(actual ?? path, mountPoint, isUnit: true)
    } catch {
      holder?.end()
      do throws(CgroupError) { try manager.stop(unit.unit.name) } catch {}
      throw CgroupError("opening", path.text, error)
    }
    cgroup.retain(manager, holder)
    do throws(CgroupError) {
      try cgroup.prepare(plan, isNew: false)
    } catch {
      do throws(CgroupError) { try cgroup.destroy() } catch {}
      throw error
    }
    return cgroup
  }

  /// Whether a process that could not be born in the cgroup can be moved there: a user's own process,
  /// from outside of what is delegated to his systemd, moves there only by the hand of root's.
  package func canAttach(after error: SyscallError) -> Bool { isUnit && error.errno == .EACCES }

  package func attach(_ pid: Int32) throws(CgroupError) { try systemd().attach(pid, to: unitName) }

  /// Ends and forgets the unit. Without systemd the cgroup is removed all the same, which it notices.
  func stopUnit() {
    endScopeHolder()
    do throws(CgroupError) { try systemd().stop(unitName) } catch {}
  }

  /// Tells systemd of limits that are about to be written.
  func setProperties(_ limits: [CgroupWrite]) throws(CgroupError) {
    let properties: [UnitProperty]
    do throws(ConfigError) { properties = try UnitProperties.make(limits) } catch {
      throw CgroupError(error.reason, at: error.pointer)
    }
    if !properties.isEmpty { try systemd().set(properties, on: unitName) }
  }

  private var unitName: ByteString { path.components[path.components.count - 1] }
}
