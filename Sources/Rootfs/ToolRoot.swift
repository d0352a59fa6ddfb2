package import Bytes
package import Linux

/// The root that a `debug` sees: everything of the container's root under the same names, and the tools
/// in a directory of their own.
///
/// It is a tmpfs, with a mount for each entry of the container's root. Tools that were attached at a
/// directory of the container could be moved away by whoever renames that directory inside, and others
/// put in their place; the names in this root nobody but the runtime made, and it is read-only.
package struct ToolRoot: Sendable {
  /// Where the tools are.
  package static var place: ByteString { "/.apus" }

  /// What a command is looked for in, before the container's own directories.
  package static var searchPath: ByteString {
    [
      "bin", "tools/bin", "tools/sbin", "tools/usr/bin", "tools/usr/sbin", "tools/usr/local/bin",
      "tools",
    ].map { place.appending($0) }.joined(by: ":")
  }

  /// The directory of `--tools`: a detached read-only mount, or, for a runtime that may make none, the
  /// directory, of which a copy is made.
  package enum Directory: Sendable {
    case mount(SharedDescriptor)
    case copied(SharedDescriptor)
  }

  /// A program of many names, which the host has.
  private let busybox: SharedDescriptor?
  private let applets: [ByteString]
  private let directory: Directory?
  /// Where on the host the root of a container without a mount namespace is.
  package var containerRoot: ByteString?

  package init(busybox: SharedDescriptor?, applets: [ByteString], directory: Directory?) {
    self.busybox = busybox
    self.applets = applets
    self.directory = directory
  }

  /// Makes the root and enters it; the process has a mount namespace of its own, with private mounts.
  ///
  /// - Parameter pivots: whether the present root is one that pivot_root(2) can replace.
  package func enter(pivots: Bool) throws(SyscallError) {
    // What is made gets exactly the modes that are written; the program's own mask is set later.
    ThisProcess.setUmask(0)
    let root = try makeRoot()
    let old = SharedDescriptor(try Handle.currentDirectory.open("/", [.path, .directory]))
    let entries = try ToolRoot.mirror(old.handle, in: root.handle)
    try Mounting.move(root.handle, onto: old.handle)
    if case .mount(let tree)? = directory {
      let target = SharedDescriptor(try root.handle.open(".apus/tools", [.path, .directory]))
      try Mounting.move(tree.handle, onto: target.handle)
    }
    for (name, source) in entries {
      let target = SharedDescriptor(try root.handle.open(name, [.path, .noFollow]))
      let tree = SharedDescriptor(
        try Mounting.openTree(at: source.handle, clone: true, recursive: true))
      try Mounting.move(tree.handle, onto: target.handle)
    }
    try Mounting.setAttributes(root.handle, set: .readOnly)
    try WorkingDirectory.change(to: root.handle)
    if pivots {
      try Mounting.pivotRootHere()
      // The old root lies on top now.
      try Mounting.unmountDetached(".")
    } else {
      try WorkingDirectory.changeRoot(to: ".")
    }
    try WorkingDirectory.change(to: "/")
  }

  /// A detached tmpfs with the tools.
  private func makeRoot() throws(SyscallError) -> SharedDescriptor {
    let context = SharedDescriptor(try Mounting.openFilesystem("tmpfs"))
    try Mounting.configure(context.handle, "mode", "0755")
    try Mounting.create(context.handle)
    let root = SharedDescriptor(
      try Mounting.mountFilesystem(context.handle, [.noSetUserID, .noDevices]))
    for name: ByteString in [".apus", ".apus/bin", ".apus/tools"] {
      try root.handle.makeDirectory(name, mode: 0o755)
    }
    if let busybox {
      let bin = SharedDescriptor(try root.handle.open(".apus/bin", [.path, .directory]))
      // Not readable: who may not read what he executes is hidden, also from root of the container's
      // user namespace (would_dump in fs/exec.c).
      let copy = SharedDescriptor(
        try bin.handle.open("busybox", [.writeOnly, .create, .exclusive], mode: 0o111))
      try MemoryFile.copy(
        from: busybox.handle, to: copy.handle, count: busybox.handle.status().size)
      for name in applets where name != "busybox" {
        try bin.handle.makeSymlink(name, to: "busybox")
      }
    }
    if case .copied(let source)? = directory {
      let target = SharedDescriptor(try root.handle.open(".apus/tools", [.path, .directory]))
      try TreeCopy.fill(target.handle, from: source.handle, keepsOwners: false)
    }
    return root
  }

  /// More is no root of a system; what is beyond that is left out.
  private static var mostEntries: Int { 512 }

  /// Makes a place for each entry of `old`, and gives what belongs there.
  private static func mirror(_ old: Handle, in root: Handle) throws(SyscallError)
    -> [(ByteString, SharedDescriptor)]
  {
    let listing = SharedDescriptor(try old.open(".", [.directory]))
    var entries = [(ByteString, SharedDescriptor)]()
    for entry in try listing.handle.entries().prefix(mostEntries) where entry.name != ".apus" {
      // One handle for all that is learned of it, whatever has its name by then.
      let source: SharedDescriptor
      do throws(SyscallError) {
        source = SharedDescriptor(try old.open(entry.name, [.path, .noFollow]))
      } catch {
        // Removed meanwhile.
        if error.errno == .ENOENT { continue }
        throw error
      }
      switch try source.handle.status().kind {
      case .symlink:
        try root.makeSymlink(entry.name, to: try source.handle.readLink(""))
        continue
      case .directory: try root.makeDirectory(entry.name, mode: 0o755)
      case .regular, .character, .block, .fifo, .socket, .other:
        try root.makeNode(entry.name, .regular, mode: 0o644)
      }
      entries.append((entry.name, source))
    }
    return entries
  }
}
