import Bytes
import Linux

/// Controllers reach a cgroup only where every ancestor enables them for its children.
enum Controllers {
  /// Those that measure as well as limit: engines read their files whether a limit was set or not.
  private static var measuring: [ByteString] { ["cpu", "io", "memory", "pids"] }

  /// Enables controllers in each ancestor, from the root on. What is not available shows when a limit is
  /// written.
  static func enable(for limits: [CgroupWrite], _ ancestors: [Handle]) throws(SyscallError) {
    var wanted = measuring
    for limit in limits {
      if let name = limit.controller, !wanted.contains(name) { wanted.append(name) }
    }
    guard let parent = ancestors.last else { return }
    let enabled = try words("cgroup.subtree_control", in: parent)
    if wanted.allSatisfy({ enabled.contains($0) }) { return }
    for ancestor in ancestors {
      let available = try words("cgroup.controllers", in: ancestor)
      wanted = wanted.filter { available.contains($0) }
      if wanted.isEmpty { return }
      let enabled = try words("cgroup.subtree_control", in: ancestor)
      let missing = wanted.filter { !enabled.contains($0) }
      if missing.isEmpty { continue }
      // A cgroup with processes enables nothing (EBUSY); asked for single controllers, it might become
      // a threaded one instead.
      if let error = enable(missing, in: ancestor), error != .EBUSY {
        for name in missing { _ = enable([name], in: ancestor) }
      }
    }
  }

  /// The same for a cgroup that exists. What is not available shows when a limit is written.
  static func enable(for limits: [CgroupWrite], in cgroup: CgroupDirectory) {
    do throws(SyscallError) {
      let here = try cgroup.words("cgroup.controllers")
      if limits.compactMap({ $0.controller }).allSatisfy({ here.contains($0) }) { return }
      var ancestors = [SharedDescriptor]()
      for depth in cgroup.path.components.indices.dropFirst() {
        ancestors.append(
          SharedDescriptor(
            try cgroup.root.handle.open(
              cgroup.path.ancestor(depth), [.directory], resolve: CgroupTree.resolve)))
      }
      try enable(for: limits, [cgroup.root.handle] + ancestors.map { $0.handle })
    } catch {}
  }

  /// nil if it worked.
  private static func enable(_ controllers: [ByteString], in ancestor: Handle) -> Errno? {
    do throws(SyscallError) {
      let text = controllers.map { "+" + $0 }.joined(by: " ")
      let file = try ancestor.open(
        "cgroup.subtree_control", .writeOnly, resolve: CgroupTree.resolve)
      try file.handle.writeOnce(text)
      return nil
    } catch {
      return error.errno
    }
  }

  private static func words(_ file: ByteString, in directory: Handle) throws(SyscallError)
    -> [ByteString]
  {
    let file = try directory.open(file, .readOnly, resolve: CgroupTree.resolve)
    let text = ByteString(try file.handle.readAll(limit: 65536))
    return text.split(on: 0x0a)[0].split(on: 0x20).filter { !$0.isEmpty }
  }

  /// Which ancestor keeps a controller from the cgroup, and what to do; nil if none does.
  static func missingReason(_ controller: ByteString?, in cgroup: CgroupDirectory) -> ByteString? {
    guard let controller else { return nil }
    let name = controller.escaped()
    do throws(SyscallError) {
      if try cgroup.words("cgroup.controllers").contains(controller) { return nil }
      guard try words("cgroup.controllers", in: cgroup.root.handle).contains(controller) else {
        return "cgroup controller " + name + " is not available: this host has it on no cgroup2 "
          + "hierarchy (a cgroup v1 mount or the kernel's command line may hold it)"
      }
      for depth in 0..<cgroup.path.components.count {
        let ancestor = try cgroup.ancestor(depth)
        if try ancestor.words("cgroup.subtree_control").contains(controller) { continue }
        return "cgroup controller " + name + " is not available: `/" + cgroup.path.ancestor(depth)
          + "` does not enable it (write +" + name + " to its cgroup.subtree_control; a cgroup "
          + "that has processes itself cannot)"
      }
    } catch {}
    return nil
  }
}
