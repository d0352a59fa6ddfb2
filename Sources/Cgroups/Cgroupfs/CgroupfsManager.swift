import Bytes
import Linux

/// Makes cgroups by mkdir(2).
struct CgroupfsManager {
  /// How many ancestors of the cgroup were there before its `create`, if that is known.
  let base: Int?

  static func create(
    _ plan: CgroupPlan, _ path: CgroupPath, _ site: CgroupSite, mark: NewMark
  ) throws(CgroupError) -> Cgroup {
    let manager = CgroupfsManager(base: site.depth)
    var (files, isNew) = try made(path, plan.limits, site)
    if !isNew, try isFreed(files, mark) { (files, isNew) = try made(path, plan.limits, site) }
    // What is here from now on is the container's, and all else is not.
    try CgroupMark.set(mark.text, on: files)
    let cgroup = Cgroup(files, .cgroupfs(manager), isNew: isNew)
    do throws(CgroupError) {
      // A new cgroup at the root is neither in use nor threaded.
      if !isNew || path.components.count > 1 {
        try CgroupSuitability.check(files, plan.limits, mayBePopulated: false)
      }
      try files.handOver(plan)
    } catch {
      // What was there before stays.
      if isNew {
        do throws(CgroupError) { try cgroup.destroy() } catch {}
      } else {
        CgroupMark.remove(from: files)
      }
      throw error
    }
    return cgroup
  }

  private static func made(_ path: CgroupPath, _ limits: [CgroupWrite], _ site: CgroupSite)
    throws(CgroupError) -> (CgroupDirectory, isNew: Bool)
  {
    do throws(SyscallError) { return try make(path, limits, site) } catch {
      throw .system("making", path: path.text, error)
    }
  }

  /// Refuses a cgroup that is in use, before anything is written there. One that was a container's which is
  /// no more is removed, so that it cannot be taken for the new one: then the answer is true.
  private static func isFreed(_ files: CgroupDirectory, _ mark: NewMark) throws(CgroupError)
    -> Bool
  {
    try CgroupSuitability.checkUse(files)
    let old = CgroupMark.container(of: files) ?? ""
    // A guest's name is its own.
    if old.isEmpty, !mark.text.isEmpty { return false }
    if let owner = mark.owner(old) {
      throw .unmet("container's cgroup is that of " + owner + ": " + files.path.text)
    }
    do throws(SyscallError) {
      if try CgroupRemoval.removeIdle(files) { return true }
    } catch {
      throw .system("removing", path: files.path.text, error)
    }
    throw .unmet("container's cgroup is not empty: " + files.path.text)
  }

  func removeParents(of cgroup: CgroupDirectory) {
    CgroupRemoval.removeParents(cgroup.path, cgroup.root, above: base)
  }

  /// The directories down to the container's own, with controllers. Made anew if a parent that another
  /// container made and left is removed meanwhile.
  private static func make(
    _ path: CgroupPath, _ limits: [CgroupWrite], _ site: CgroupSite
  ) throws(SyscallError) -> (CgroupDirectory, isNew: Bool) {
    let root = site.chain[0]
    var chain = site.chain
    var attempts = 0
    while true {
      do throws(SyscallError) {
        var isNew = false
        for index in (chain.count - 1)..<path.components.count {
          let isLast = index == path.components.count - 1
          if isLast { try Controllers.enable(for: limits, chain.map { $0.handle }) }
          let directory: SharedDescriptor
          (directory, isNew) = try makeDirectory(
            path.components[index], in: chain[index].handle, isLast: isLast)
          chain.append(directory)
        }
        return (CgroupDirectory(path, root: root, chain[path.components.count]), isNew)
      } catch {
        attempts += 1
        if attempts == 16 || !CgroupTree.isGone(error) {
          CgroupRemoval.removeParents(path, root, above: site.depth)
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
      // No other process knows of the new directory yet.
      if isNew { do throws(SyscallError) { try parent.removeDirectory(name) } catch _ {} }
      throw error
    }
    if isNew && !isLast { CgroupMark.setMade(on: directory.handle) }
    return (directory, isNew)
  }
}
