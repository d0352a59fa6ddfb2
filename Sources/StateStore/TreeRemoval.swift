import Bytes
import Linux

/// Removes all that is in a directory, without recursion and with one directory open at a time: the container
/// may have put trees of any depth into what it can write. What vanishes is passed over.
enum TreeRemoval {
  /// Nothing is reached through a link, nor is what is mounted there emptied.
  private static var resolve: ResolveFlags { [.beneath, .noSymlinks, .noCrossDevice] }

  /// A directory on the way down: its name in its parent, its inode once the walk has gone on below it, what is
  /// still to be removed.
  private struct Level {
    let name: ByteString
    var inode: UInt64 = 0
    var entries: [DirectoryEntry]
  }

  /// Of `top` itself it removes these entries, in their order.
  static func empty(_ top: SharedDescriptor, of entries: [DirectoryEntry]) throws(SyscallError) {
    var current = top
    var levels = [Level(name: "", entries: entries.reversed())]
    while true {
      let last = levels.count - 1
      if let entry = levels[last].entries.popLast() {
        if try isRemoved(entry, from: current.handle) { continue }
        let directory = current
        try unlessGone { () throws(SyscallError) in
          let below = SharedDescriptor(
            try directory.handle.open(entry.name, [.directory], resolve: resolve))
          levels[last].inode = try directory.handle.status().inode
          levels.append(Level(name: entry.name, entries: try below.handle.entries()))
          current = below
        }
        continue
      }
      guard last > 0 else { return }
      current = SharedDescriptor(try current.handle.open("..", [.directory]))
      guard try current.handle.status().inode == levels[last - 1].inode else {
        throw .unmet(
          "the directory " + quoted(levels[last].name) + " was moved while it was removed",
          levels[last].name)
      }
      let name = levels.removeLast().name
      let directory = current
      try unlessGone { () throws(SyscallError) in try directory.handle.removeDirectory(name) }
    }
  }

  /// False for a directory.
  private static func isRemoved(_ entry: DirectoryEntry, from directory: Handle)
    throws(SyscallError) -> Bool
  {
    if entry.kind == .directory { return false }
    var isRemoved = true
    try unlessGone { () throws(SyscallError) in
      // A filesystem need not say in a listing what an entry is.
      if entry.kind == .other, try directory.status(ofEntry: entry.name).kind == .directory {
        isRemoved = false
      } else {
        try directory.unlink(entry.name)
      }
    }
    return isRemoved
  }

  static func unlessGone(_ body: () throws(SyscallError) -> Void) throws(SyscallError) {
    do throws(SyscallError) { try body() } catch {
      if error.errno != .ENOENT { throw error }
    }
  }
}
