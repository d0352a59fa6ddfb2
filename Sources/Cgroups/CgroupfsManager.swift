package import Bytes
package import Linux

extension Cgroup {
  /// Makes the cgroup and puts its device program in force, before any process can be in it; nil for a
  /// plan without a cgroup.
  ///
  /// - Parameter mark: whose it is, for `marked`.
  package static func create(
    _ plan: CgroupPlan, host: HostFacts, site: CgroupSite? = nil, mark: ByteString = ""
  ) throws(CgroupError) -> Cgroup? {
    guard let path = plan.path, let mountPoint = host.cgroup.mountPoint else { return nil }
    if let unit = plan.unit {
      let cgroup = try create(unit, plan, path, mountPoint)
      cgroup.mark(mark)
      return cgroup
    }
    let cgroup: Cgroup
    let isNew: Bool
    do throws(SyscallError) {
      let start: CgroupSite
      if let site { start = site } else { start = try CgroupSite(path, below: mountPoint) }
      (cgroup, isNew) = try make(path, plan.limits, start)
      cgroup.mark(mark)
    } catch {
      let isForbidden = error.errno == .EACCES || error.errno == .EPERM || error.errno == .EROFS
      if plan.isOptional && isForbidden { return nil }
      throw CgroupError("making", path.text, error)
    }
    do throws(CgroupError) {
      try cgroup.prepare(plan, isNew: isNew)
    } catch {
      // What was there before stays.
      if isNew { do throws(CgroupError) { try cgroup.destroy() } catch {} }
      throw error
    }
    return cgroup
  }

  /// The directories down to the container's own, with controllers. Made anew if a parent that another
  /// container made and left is removed meanwhile.
  private static func make(
    _ path: CgroupPath, _ limits: [CgroupWrite], _ site: CgroupSite
  ) throws(SyscallError) -> (Cgroup, isNew: Bool) {
    let root = site.chain[0]
    var chain = site.chain
    var attempts = 0
    while true {
      do throws(SyscallError) {
        var isNew = false
        for index in (chain.count - 1)..<path.components.count {
          let isLast = index == path.components.count - 1
          if isLast { try enableControllers(for: limits, chain) }
          let directory: SharedDescriptor
          (directory, isNew) = try makeDirectory(
            path.components[index], in: chain[index].handle, isLast: isLast)
          chain.append(directory)
        }
        return (
          Cgroup(path, root, chain[path.components.count], base: site.depth), isNew
        )
      } catch {
        attempts += 1
        if attempts == 16 || !CgroupTree.isGone(error) {
          removeParents(path, root, above: site.depth)
          throw error
        }
        chain = [root]
      }
    }
  }

  private static func makeDirectory(_ name: ByteString, in parent: Handle, isLast: Bool)
    throws(SyscallError) -> (SharedDescriptor, isNew: Bool)
  {
    var isNew = true
    do throws(SyscallError) {
      try parent.makeDirectory(name, mode: 0o755)
    } catch {
      guard error.errno == .EEXIST else { throw error }
      isNew = false
    }
    let directory: SharedDescriptor
    do throws(SyscallError) {
      directory = SharedDescriptor(try parent.open(name, [.directory], resolve: CgroupTree.resolve))
    } catch {
      // Nobody else knows yet that we made it.
      if isNew { do throws(SyscallError) { try parent.removeDirectory(name) } catch _ {} }
      throw error
    }
    if isNew && !isLast { markMade(directory.handle) }
    return (directory, isNew)
  }

  func prepare(_ plan: CgroupPlan, isNew: Bool) throws(CgroupError) {
    var refusal: ByteString?
    do throws(SyscallError) {
      // What is new below the root can be neither.
      if !isNew || path.components.count > 1 {
        refusal = try unfitness()
        if refusal == nil { refusal = try threadedRefusal(plan.limits) }
      }
      if refusal == nil, let owner = plan.owner { try handOver(to: owner) }
      if refusal == nil, let program = plan.deviceProgram {
        try attach(program, isNew: isNew, isRootless: plan.isRootless)
      }
    } catch {
      throw CgroupError("making", path.text, error)
    }
    if let refusal { throw CgroupError(refusal) }
  }

  /// Why a new container cannot have this cgroup: another one's processes, or a freezer that would
  /// hold init up for ever (OP-7).
  private func unfitness() throws(SyscallError) -> ByteString? {
    let events = try read("cgroup.events").split(on: 0x0a)
    // In a unit of ours, that is our own holder.
    if events.contains("populated 1") && !isUnit {
      return "container's cgroup is not empty: " + path.text
    }
    if events.contains("frozen 1") { return "container's cgroup is frozen: " + path.text }
    return nil
  }

  /// CG-7: below a threaded cgroup a new one holds no processes until it is threaded, too, and then
  /// has none of the controllers that count for whole processes.
  private func threadedRefusal(_ limits: [CgroupWrite]) throws(SyscallError) -> ByteString? {
    guard try read("cgroup.type").split(on: 0x0a)[0] == "domain invalid" else { return nil }
    if limits.contains(where: { !$0.isOptional }) {
      return "the cgroup `" + path.text + "` lies below a threaded one, where limits cannot be set"
    }
    try write("cgroup.type", "threaded")
    return nil
  }

  /// Replaces the device programs of this cgroup by `program`; the old ones stay until the new one is
  /// in force.
  private func attach(_ program: [BPFInstruction], isNew: Bool, isRootless: Bool)
    throws(SyscallError)
  {
    do throws(SyscallError) {
      let loaded = SharedDescriptor(try Cgroup.load(program))
      let old = isNew ? [] : try BPF.devicePrograms(of: directory)
      try BPF.attachDeviceProgram(
        loaded.handle, to: directory, replacing: old.count == 1 ? old[0].handle : nil)
      if old.count > 1 {
        for program in old { try BPF.detachDeviceProgram(program.handle, from: directory) }
      }
    } catch {
      // No other filter than the kernel's own rights then, which do not let devices be made either.
      if isRootless && (error.errno == .EPERM || error.errno == .EACCES) { return }
      throw error
    }
  }

  /// Before Linux 5.11 programs count against the limit of locked memory, and EPERM says so.
  private static func load(_ program: [BPFInstruction]) throws(SyscallError) -> FileDescriptor {
    do throws(SyscallError) {
      return try BPF.loadDeviceProgram(program)
    } catch {
      guard error.errno == .EPERM else { throw error }
      let lockedMemory: Int32 = 8
      let old = try ThisProcess.limit(lockedMemory)
      do throws(SyscallError) {
        try ThisProcess.setLimit(lockedMemory, soft: .max, hard: .max)
      } catch _ {
        throw error
      }
      let loaded: FileDescriptor
      do throws(SyscallError) {
        loaded = try BPF.loadDeviceProgram(program)
      } catch {
        try ThisProcess.setLimit(lockedMemory, soft: old.soft, hard: old.hard)
        throw error
      }
      try ThisProcess.setLimit(lockedMemory, soft: old.soft, hard: old.hard)
      return loaded
    }
  }
}
