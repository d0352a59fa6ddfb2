import Bytes
import Linux

extension Cgroup {
  /// Says on a directory that we made it on the way to a container's cgroup (Linux 5.7).
  private static let mark: ByteString = "user.apus.made"

  static func markMade(_ directory: Handle) {
    // Without the mark the directory stays when its last container goes, as it would with others.
    do throws(SyscallError) { try directory.setAttribute(mark, "1") } catch {}
  }

  /// In milliseconds: how long the last processes may take to go by themselves.
  private static var grace: Int64 { 200 }

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
        if waited >= Cgroup.patience { throw SyscallError("rmdir", path.text, .EBUSY) }
        if waited >= Cgroup.grace && !isKilled {
          isKilled = true
          // rmdir has the last word.
          do throws(CgroupError) { try kill() } catch {}
        }
        Clock.sleep(microseconds: pause)
        pause = min(pause * 2, 64_000)
      }
      try removeMadeParents()
    } catch {
      if CgroupTree.isGone(error) { return }
      throw CgroupError("removing", path.text, error)
    }
  }

  private func openParent() throws(SyscallError) -> SharedDescriptor {
    guard path.components.count > 1 else { return hierarchy }
    return SharedDescriptor(
      try hierarchy.handle.open(
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

  private func removeMadeParents() throws(SyscallError) {
    var depth = path.components.count - 1
    while depth > 0 {
      let directory = try hierarchy.handle.open(
        path.ancestor(depth), [.directory], resolve: CgroupTree.resolve)
      do throws(SyscallError) { _ = try directory.handle.attribute(Cgroup.mark) } catch { return }
      // In use by others, or not ours to change: it stays.
      let above = try directory.handle.open("..", [.path, .directory])
      do throws(SyscallError) {
        try above.handle.removeDirectory(path.components[depth - 1])
      } catch { return }
      depth -= 1
    }
  }
}
