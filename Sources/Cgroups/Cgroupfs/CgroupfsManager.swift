import Bytes
import Linux

/// Makes cgroups by mkdir(2).
struct CgroupfsManager {
  /// How many ancestors of the cgroup were there before its `create`, if that is known.
  let base: Int?

  static func create(
    _ plan: CgroupPlan, _ path: CgroupPath, _ site: CgroupSite, mark: ByteString
  ) throws(CgroupError) -> Cgroup {
    let manager = CgroupfsManager(base: site.depth)
    let files: CgroupDirectory
    let isNew: Bool
    do throws(SyscallError) {
      (files, isNew) = try make(path, plan.limits, site)
    } catch {
      throw .system("making", path: path.text, error)
    }
    CgroupMark.set(mark, on: files)
    let cgroup = Cgroup(files, .cgroupfs(manager), isNew: isNew)
    do throws(CgroupError) {
      // A new cgroup at the root is neither in use nor threaded.
      if !isNew || path.components.count > 1 {
        try CgroupSuitability.check(files, plan.limits, mayBePopulated: false)
      }
      try files.handOver(plan)
    } catch {
      // What was there before stays.
      if isNew { do throws(CgroupError) { try cgroup.destroy() } catch {} }
      throw error
    }
    return cgroup
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
