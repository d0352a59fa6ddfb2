import Bytes
import Linux

/// Walks through everything below a cgroup, without recursion and with one directory open at a time:
/// a container may nest cgroups deeper than a path has bytes or we have descriptors.
enum CgroupTree {
  static var resolve: ResolveFlags { [.beneath, .noSymlinks, .noCrossDevice] }

  /// One level on the way down: the cgroup's name in its parent, its inode, what is still to visit.
  private struct Level {
    let name: ByteString
    let inode: UInt64
    var children: [ByteString]
  }

  /// For each cgroup below `top`: `meet` with its parent and name, which says whether to go in; on the
  /// way in `enter` with its path from `top` on; on the way out `leave` with its parent and name. What vanishes is passed over.
  static func walk(
    _ top: Handle,
    meet: (Handle, ByteString) throws(SyscallError) -> Bool = { _, _ in true },
    enter: (Handle, [ByteString]) throws(SyscallError) -> Void = { _, _ in },
    leave: (Handle, ByteString) throws(SyscallError) -> Void = { _, _ in }
  ) throws(SyscallError) {
    var current = SharedDescriptor(try top.open(".", [.directory]))
    var levels = [try level("", current)]
    while !levels.isEmpty {
      if let child = levels[levels.count - 1].children.popLast() {
        do throws(SyscallError) {
          guard try meet(current.handle, child) else { continue }
          let below = SharedDescriptor(
            try current.handle.open(child, [.directory], resolve: resolve))
          try enter(below.handle, levels.dropFirst().map { $0.name } + [child])
          levels.append(try level(child, below))
          current = below
        } catch {
          if !isGone(error) { throw error }
        }
        continue
      }
      let left = levels.removeLast()
      guard let parent = levels.last else { return }
      current = SharedDescriptor(try current.handle.open("..", [.directory]))
      // cgroup2 has no rename(2), so this is the directory that the walk came from.
      guard try current.handle.status().inode == parent.inode else {
        throw .unmet("a cgroup was moved while what is below it was looked at", left.name)
      }
      try leave(current.handle, left.name)
    }
  }

  private static func level(_ name: ByteString, _ directory: SharedDescriptor)
    throws(SyscallError) -> Level
  {
    let children = try directory.handle.entries().filter { $0.kind == .directory }
    return Level(
      name: name, inode: try directory.handle.status().inode, children: children.map { $0.name })
  }

  /// What a call about a cgroup says that was removed meanwhile.
  static func isGone(_ error: SyscallError) -> Bool {
    error.errno == .ENOENT || error.errno == .ENODEV
  }
}
