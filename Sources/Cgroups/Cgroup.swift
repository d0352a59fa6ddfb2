package import Bytes
package import Linux

/// What a container's cgroup is marked with.
package struct NewMark {
  /// Empty for none.
  let text: ByteString
  /// Says of another mark which container it is of, if there is still one: nil if it is out of date.
  let owner: (ByteString) -> ByteString?

  package init(_ text: ByteString = "", owner: @escaping (ByteString) -> ByteString? = { _ in nil })
  {
    self.text = text
    self.owner = owner
  }
}

/// The cgroup of a container: its place, and its manager.
package final class Cgroup {
  let files: CgroupDirectory
  private let manager: CgroupManager
  /// Whether nobody had it before, and so no device program is there to be replaced.
  private let isNew: Bool

  package var directory: Handle { files.handle }
  /// Below the mount point of cgroup2: what a record needs to find it again.
  package var location: ByteString { files.path.text }

  init(_ files: CgroupDirectory, _ manager: CgroupManager, isNew: Bool = false) {
    self.files = files
    self.manager = manager
    self.isNew = isNew
  }

  /// Makes the cgroup, without its device program; nil for a plan without a cgroup, and where a host
  /// allows none and none was asked for.
  ///
  /// - Parameter mark: which container it belongs to, for `marked`.
  package static func create(
    _ plan: CgroupPlan, host: HostFacts, site: CgroupSite? = nil, mark: NewMark = NewMark()
  ) throws(CgroupError) -> Cgroup? {
    guard let path = plan.path, let mountPoint = host.cgroup.mountPoint else { return nil }
    if let unit = plan.unit {
      return try SystemdManager.create(plan, unit, path, mountPoint: mountPoint, mark: mark)
    }
    do throws(CgroupError) {
      let site = if let site { site } else { try CgroupSite(path, below: mountPoint) }
      return try CgroupfsManager.create(plan, path, site, mark: mark)
    } catch {
      if plan.isOptional && error.isForbidden { return nil }
      throw error
    }
  }

  /// Puts the device program of `plan` in force, in the place of those that are there.
  package func filterDevices(_ plan: CgroupPlan) throws(CgroupError) {
    guard let program = plan.deviceProgram else { return }
    do throws(SyscallError) {
      try DeviceFilter.attach(program, to: directory, isNew: isNew, isRootless: plan.isRootless)
    } catch {
      throw .system("making", path: files.path.text, error)
    }
  }

  /// The cgroup of a record; nil if it is gone.
  ///
  /// - Parameters:
  ///   - base: how many of its ancestors were there before its `create`, if that is known.
  ///   - root: the filesystem's, where it is open already.
  package static func open(
    _ path: CgroupPath, mountPoint: ByteString, manager: CgroupManagerKind = .cgroupfs,
    base: Int? = nil, root: CgroupRoot? = nil
  ) throws(CgroupError) -> Cgroup? {
    guard
      let files = try CgroupDirectory.open(path, mountPoint: mountPoint, known: root?.root)
    else { return nil }
    return Cgroup(
      files,
      manager == .systemd
        ? .systemd(SystemdManager(path)) : .cgroupfs(CgroupfsManager(base: base)))
  }

  /// Sets the limits, which hold from then on for every process in the cgroup: init is in it by now.
  /// The first that fails ends it.
  package func apply(_ limits: [CgroupWrite]) throws(CgroupError) {
    try manager.willSet(limits, in: files)
    let writer = LimitWriter(files)
    for limit in limits { try writer.apply(limit) }
  }

  /// Sets the plan's `memoryAhead`: nobody is in the cgroup yet.
  package func applyAhead(_ plan: CgroupPlan) throws(CgroupError) {
    let writer = LimitWriter(files)
    for limit in plan.memoryAhead { try writer.apply(limit) }
  }

  /// Changes limits, all or none of them: after a failure the old values are written back.
  package func update(_ writes: [CgroupWrite]) throws(CgroupError) {
    let writer = LimitWriter(files)
    Controllers.enable(for: writes, in: files)
    let writes = manager.adjusted(writes).map { writer.resolved($0) }
    // Before systemd is called, which writes at once.
    for write in writes { try writer.checkFloor(write) }
    let old = writer.restoration(of: writes)
    manager.expectKills(in: files, writes)
    do throws(CgroupError) {
      try manager.willChange(writes)
      for write in writes { try writer.apply(write) }
    } catch {
      // systemd removes the scope of a container that the new limit of memory has ended.
      if files.isRemoved, let report = outOfMemory() {
        let limit = writes.last { $0.file == "memory.max" }
        throw .unmet(report.message, at: limit?.pointer ?? "")
      }
      // What cannot be restored was not changed, or cannot be changed: the first error counts.
      do throws(CgroupError) { try manager.willChange(old) } catch {}
      for write in old {
        do throws(SyscallError) { try files.write(write.file, write.value) } catch {}
      }
      throw error
    }
  }

  /// Before init executes the program, which a memory limit of so many bytes may not allow: `outOfMemory`
  /// can then tell the kill although systemd has removed the cgroup. Other managers keep it.
  package func expectKills(memoryLimit: Int64) {
    let limit = CgroupWrite("memory.max", ByteString(limit: memoryLimit), "")
    manager.expectKills(in: files, [limit])
  }

  /// nil without an OOM kill, or if the kernel does not count them.
  package func outOfMemory() -> OutOfMemory? { manager.outOfMemory(in: files) }

  /// Whether `attach` can move a process into the cgroup that clone3(2) could not put there: a user's
  /// process, from outside of what is delegated to the user's systemd, is moved by root's systemd only.
  package func canAttach(after error: SyscallError) -> Bool {
    if case .systemd = manager { return error.errno == .EACCES }
    return false
  }

  /// Moves a process into the cgroup. Nothing to do where the manager is not systemd.
  package func attach(_ pid: Int32) throws(CgroupError) {
    if case .systemd(let manager) = manager { try manager.attach(pid) }
  }

  /// Whether somebody else has removed it.
  package var isRemoved: Bool { files.isRemoved }

  /// Removes the cgroup with everything below it if no process is in there; false if there is one. Nothing is
  /// killed.
  package func removeIfIdle() throws(CgroupError) -> Bool {
    do throws(SyscallError) {
      let lines = try files.read("cgroup.events").split(on: 0x0a)
      if lines.contains("populated 1") { return false }
      manager.willRemove()
      guard try CgroupRemoval.removeIdle(files) else { return false }
    } catch {
      if CgroupTree.isGone(error) { return true }
      throw .system("removing", path: files.path.text, error)
    }
    manager.didRemove(files)
    return true
  }

  /// Removes the cgroup with everything below it, and what `create` made above it if nothing is left
  /// in there. Its processes should be dead; the last of them may be on their way out still, for which
  /// rmdir(2) says EBUSY. Processes that stay are killed: they were moved in from outside.
  package func destroy() throws(CgroupError) {
    manager.willRemove()
    try CgroupRemoval.remove(files) {
      // rmdir(2) decides.
      do throws(CgroupError) { try kill() } catch {}
    }
    manager.didRemove(files)
  }
}
