package import Bytes
import Linux

extension Cgroup {
  /// Says on a directory that we made it on the way to a container's cgroup (Linux 5.7).
  private static let mark: ByteString = "user.apus.made"

  static func markMade(_ directory: Handle) {
    // Without the mark the directory stays when its last container goes, as it would with others.
    do throws(SyscallError) { try directory.setAttribute(mark, "1") } catch {}
  }

  /// In milliseconds: how long the last processes may take to go by themselves.
  private static var killDelay: Int64 { 200 }

  /// Removes the cgroup with everything below it, and what `create` made above it if nothing is left
  /// in there. Its processes should be dead; the last of them may be on their way out still, for which
  /// rmdir(2) says EBUSY. What stays there is killed: somebody else put it there.
  package func destroy() throws(CgroupError) {
    if isUnit { stopUnit() }
    let start = Clock.monotonicNanoseconds
    var isKilled = false
    // The kernel takes some ten microseconds to forget the last process after it was reaped.
    var pause: Int64 = 50
    do throws(SyscallError) {
      let parent = try openParent()
      while try !remove(from: parent.handle) {
        let waited = (Clock.monotonicNanoseconds - start) / 1_000_000
        if waited >= Cgroup.timeout { throw SyscallError("rmdir", path.text, .EBUSY) }
        if waited >= Cgroup.killDelay && !isKilled {
          isKilled = true
          // rmdir has the last word.
          do throws(CgroupError) { try kill() } catch {}
        }
        Clock.sleep(microseconds: pause)
        pause = min(pause * 2, 64_000)
      }
    } catch {
      if !CgroupTree.isGone(error) { throw CgroupError("removing", path.text, error) }
    }
    if !isUnit { Cgroup.removeParents(path, root, above: base) }
  }

  private func openParent() throws(SyscallError) -> SharedDescriptor {
    guard path.components.count > 1 else { return root }
    return SharedDescriptor(
      try root.handle.open(
        path.ancestor(path.components.count - 1), [.path, .directory],
        resolve: CgroupTree.resolve))
  }

  /// One pass; false if something was busy.
  private func remove(from parent: Handle) throws(SyscallError) -> Bool {
    let name = path.components[path.components.count - 1]
    // Most often there is nothing below.
    if try Cgroup.remove(name, from: parent) { return true }
    try CgroupTree.walk(
      directory,
      meet: { (parent, name) throws(SyscallError) in try !Cgroup.remove(name, from: parent) },
      leave: { (parent, name) throws(SyscallError) in _ = try Cgroup.remove(name, from: parent) })
    return try Cgroup.remove(name, from: parent)
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
    do throws(SyscallError) {
      removeParents(path, try openRoot(mountPoint), above: base)
    } catch {
      throw CgroupError("opening", mountPoint, error)
    }
  }

  /// From the bottom up, what `create` made above the cgroup and nobody else is in: that has its mark,
  /// or was not there when the first `base` ancestors were all.
  static func removeParents(_ path: CgroupPath, _ root: SharedDescriptor, above base: Int?) {
    var depth = path.components.count - 1
    while depth > 0 {
      do throws(SyscallError) {
        let directory = try root.handle.open(
          path.ancestor(depth), [.directory], resolve: CgroupTree.resolve)
        if depth <= base ?? .max { _ = try directory.handle.attribute(Cgroup.mark) }
        let above = try directory.handle.open("..", [.path, .directory])
        try above.handle.removeDirectory(path.components[depth - 1])
      } catch {
        // In use by others, or not ours to change: it stays.
        if !CgroupTree.isGone(error) { return }
      }
      depth -= 1
    }
  }
}
