package import Bytes
import Linux

/// Removes a container's cgroup and what was made on the way to it.
package enum CgroupRemoval {
  /// In milliseconds: how long the last processes may take to end by themselves.
  private static var killDelay: Int64 { 200 }

  /// Removes the cgroup and everything below it, and calls `kill` if something stays in there.
  static func remove(_ cgroup: CgroupDirectory, kill: () -> Void) throws(CgroupError) {
    do throws(SyscallError) {
      if try isRemoved(cgroup, kill) { return }
    } catch {
      if CgroupTree.isGone(error) { return }
      throw .system("removing", path: cgroup.path.text, error)
    }
    throw .unmet("the cgroup `" + cgroup.path.text + "` is still in use after 10 s")
  }

  /// Removes it if no process is in it or below it; false if there is one.
  static func removeIdle(_ cgroup: CgroupDirectory) throws(SyscallError) -> Bool {
    do throws(SyscallError) {
      let parent = try cgroup.parent()
      return try remove(cgroup, from: parent.handle)
    } catch {
      if CgroupTree.isGone(error) { return true }
      throw error
    }
  }

  /// false if it is busy to the end of the timeout.
  private static func isRemoved(_ cgroup: CgroupDirectory, _ kill: () -> Void)
    throws(SyscallError) -> Bool
  {
    let start = Clock.monotonicNanoseconds
    let parent = try cgroup.parent()
    var isKilled = false
    // The kernel takes some ten microseconds to forget the last process after it was reaped.
    var pause: Int64 = 50
    while try !remove(cgroup, from: parent.handle) {
      let waited = (Clock.monotonicNanoseconds - start) / 1_000_000
      if waited >= Cgroup.timeout { return false }
      if waited >= killDelay && !isKilled {
        isKilled = true
        kill()
      }
      Clock.sleep(microseconds: pause)
      pause = min(pause * 2, 64_000)
    }
    return true
  }

  /// One pass; false if something was busy.
  private static func remove(_ cgroup: CgroupDirectory, from parent: Handle)
    throws(SyscallError) -> Bool
  {
    // Most often there is nothing below.
    if try remove(cgroup.name, from: parent) { return true }
    try CgroupTree.walk(
      cgroup.handle,
      meet: { (parent, name) throws(SyscallError) in try !remove(name, from: parent) },
      leave: { (parent, name) throws(SyscallError) in _ = try remove(name, from: parent) })
    return try remove(cgroup.name, from: parent)
  }

  /// false if it is busy.
  private static func remove(_ name: ByteString, from parent: Handle) throws(SyscallError) -> Bool {
    do throws(SyscallError) { try parent.removeDirectory(name) } catch {
      if error.errno == .EBUSY { return false }
      if !CgroupTree.isGone(error) { throw error }
    }
    return true
  }

  /// What a `create` left that was killed, or failed, on the way down to the cgroup.
  package static func removeParents(
    of path: CgroupPath, mountPoint: ByteString, above base: Int?
  ) throws(CgroupError) {
    removeParents(path, try CgroupDirectory.openRoot(mountPoint), above: base)
  }

  /// From the bottom up, what `create` made above the cgroup and no other container uses: that has its
  /// mark, or was not there when the first `base` ancestors were all.
  static func removeParents(_ path: CgroupPath, _ root: SharedDescriptor, above base: Int?) {
    var depth = path.components.count - 1
    while depth > 0 {
      do throws(SyscallError) {
        let directory = try root.handle.open(
          path.ancestor(depth), [.directory], resolve: CgroupTree.resolve)
        if depth <= base ?? .max { try CgroupMark.checkMade(directory.handle) }
        let above = try directory.handle.open("..", [.path, .directory])
        try above.handle.removeDirectory(path.components[depth - 1])
      } catch {
        // In use by others, or made by others: it stays.
        if !CgroupTree.isGone(error) { return }
      }
      depth -= 1
    }
  }
}
