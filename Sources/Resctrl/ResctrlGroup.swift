package import Bytes
package import Linux
package import OCISpec

/// A container's group below the root of resctrl.
package final class ResctrlGroup {
  private let plan: ResctrlPlan
  private let root: SharedDescriptor
  private var madeGroup = false
  private var madeMonitoring = false

  private static let mountPoint: ByteString = "/sys/fs/resctrl"
  private static let resolve: ResolveFlags = [.beneath, .noSymlinks, .noCrossDevice]

  /// `root` is the root of the filesystem, or in tests a directory in its place.
  init(_ plan: ResctrlPlan, root: SharedDescriptor) {
    self.plan = plan
    self.root = root
  }

  /// The group of `plan` on this machine's filesystem (RD-1). Nothing is made yet.
  package static func open(_ plan: ResctrlPlan) throws(ConfigError) -> ResctrlGroup {
    guard let root = openRoot() else {
      throw ConfigError("/linux/intelRdt", "no resctrl filesystem is mounted on " + mountPoint)
    }
    return ResctrlGroup(plan, root: root)
  }

  private static func openRoot() -> SharedDescriptor? {
    do throws(SyscallError) {
      let root = try Handle.currentDirectory.open(mountPoint, [.directory, .noFollow])
      guard try root.handle.filesystem().type == FilesystemStatus.resctrl else { return nil }
      return SharedDescriptor(root)
    } catch {
      return nil
    }
  }

  /// Refuses a group that is another container's, or missing. Call it before the names of the container's
  /// own directories are recorded: what is recorded is removed with it.
  package func check() throws(ConfigError) {
    let exists = try exists(plan.group)
    if plan.origin == .own, exists {
      throw ConfigError(
        "/linux/intelRdt", "the group " + quoted(plan.group) + " exists and is not the container's")
    }
    if plan.origin == .existing, !exists {
      throw ConfigError("/linux/intelRdt/closID", "there is no group " + quoted(plan.group))
    }
    if exists, let path = plan.monitoringPath, try self.exists(path) {
      throw ConfigError(
        "/linux/intelRdt/enableMonitoring", quoted(path) + " exists and is not the container's")
    }
  }

  /// Makes what is missing of it.
  package func make() throws(ConfigError) {
    try makeDirectory()
    try setSchemata()
    try makeMonitoring()
  }

  func makeDirectory() throws(ConfigError) {
    if plan.origin == .existing || plan.group.isEmpty { return }
    do throws(SyscallError) {
      try root.handle.makeDirectory(plan.group, mode: 0o755)
      madeGroup = true
    } catch {
      if plan.origin == .shared, error.errno == .EEXIST { return }
      throw refused("make the group " + quoted(plan.group), "", error)
    }
  }

  /// In one write, so that the kernel takes all lines or none. A group of others is not changed: it
  /// must have them already (RD-4).
  func setSchemata() throws(ConfigError) {
    if plan.schemata.isEmpty { return }
    if !madeGroup { return try compareSchemata() }
    let text = plan.schemata.joined(by: "\n") + "\n"
    do throws(SyscallError) { try write(path("schemata"), text) } catch {
      throw refused("set " + plan.schemata.map { quoted($0) }.joined(by: ", "), "", error)
    }
  }

  private func compareSchemata() throws(ConfigError) {
    var missing: ByteString?
    // Who has just made the group may be about to set them.
    for _ in 0..<20 {
      do throws(SyscallError) {
        let current = Schemata(try read(path("schemata")))
        missing = plan.schemata.first { !current.contain($0) }
      } catch {
        throw refused("read schemata", "", error)
      }
      if missing == nil { return }
      Clock.sleep(milliseconds: 10)
    }
    if let missing {
      throw ConfigError(
        "/linux/intelRdt",
        "the group " + quoted(plan.group.isEmpty ? "/" : plan.group) + " exists without "
          + quoted(missing))
    }
  }

  /// Sets these lines in the container's own group, in one write. Returns those that say the opposite.
  package func update(_ lines: [ByteString]) throws(ConfigError) -> [ByteString] {
    let names = lines.map { Schemata.name(of: $0) }
    do throws(SyscallError) {
      let old = try read(path("schemata")).split(on: 0x0a).filter {
        !$0.isEmpty && names.contains(Schemata.name(of: $0))
      }
      try write(path("schemata"), lines.joined(by: "\n") + "\n")
      return old
    } catch {
      throw refused("set " + lines.map { quoted($0) }.joined(by: ", "), "", error)
    }
  }

  func makeMonitoring() throws(ConfigError) {
    guard let path = plan.monitoringPath, let name = plan.monitoring else { return }
    do throws(SyscallError) {
      let parent = try open(path.dropLast(name.count + 1), [.path, .directory])
      try parent.handle.makeDirectory(name, mode: 0o755)
      madeMonitoring = true
    } catch {
      throw refused("make the group " + quoted(path), "/enableMonitoring", error)
    }
  }

  /// Puts a process into the group, and with it those that it makes later.
  package func add(_ pid: Int32) throws(ConfigError) {
    let number = ByteString(decimal: pid)
    do throws(SyscallError) {
      try write(path("tasks"), number)
      // The kernel wants it in the group around this one first.
      if let path = plan.monitoringPath { try write(path + "/tasks", number) }
    } catch {
      throw refused("add the process", "", error)
    }
  }

  /// Undoes `make`, once the container's processes are gone. A shared group that others
  /// have joined meanwhile stays.
  package func undo() throws(SyscallError) {
    if madeMonitoring, let path = plan.monitoringPath {
      try ResctrlGroup.remove(path, below: root.handle)
    }
    guard madeGroup else { return }
    if plan.origin == .shared, try !read(path("tasks")).isEmpty { return }
    try ResctrlGroup.remove(plan.group, below: root.handle)
  }

  /// Removes the directory `path` of a container that is gone (RD-6).
  package static func remove(_ path: ByteString) throws(SyscallError) {
    // Unmounted, the filesystem has lost all groups.
    if let root = openRoot() { try remove(path, below: root.handle) }
  }

  /// The same for a `create` that died before its init joined: a group with tasks was made by others between
  /// the look and the creation of it.
  package static func removeUnjoined(_ path: ByteString) throws(SyscallError) {
    if let root = openRoot() { try removeUnjoined(path, below: root.handle) }
  }

  static func removeUnjoined(_ path: ByteString, below root: Handle) throws(SyscallError) {
    do throws(SyscallError) {
      let tasks = try root.open(path + "/tasks", .readOnly, resolve: resolve)
      if try !tasks.handle.readAll(limit: 1 << 20).isEmpty { return }
    } catch {
      if error.errno != .ENOENT { throw error }
    }
    try remove(path, below: root)
  }

  static func remove(_ path: ByteString, below root: Handle) throws(SyscallError) {
    do throws(SyscallError) {
      let parent = try root.open(path.directoryName, [.path, .directory], resolve: resolve)
      try parent.handle.removeDirectory(path.baseName)
    } catch {
      if error.errno != .ENOENT { throw error }
    }
  }
}

extension ResctrlGroup {
  private func exists(_ path: ByteString) throws(ConfigError) -> Bool {
    if path.isEmpty { return true }
    do throws(SyscallError) {
      _ = try open(path, [.path, .directory])
      return true
    } catch {
      if error.errno == .ENOENT { return false }
      throw refused("open " + quoted(path), "", error)
    }
  }

  private func open(_ path: ByteString, _ flags: OpenFlags) throws(SyscallError) -> FileDescriptor {
    try root.handle.open(path, flags, resolve: ResctrlGroup.resolve)
  }

  /// Of a file in the group.
  private func path(_ file: ByteString) -> ByteString {
    plan.group.isEmpty ? file : plan.group + "/" + file
  }

  private func read(_ path: ByteString) throws(SyscallError) -> ByteString {
    let file = try open(path, .readOnly)
    return ByteString(try file.handle.readAll(limit: 1 << 20))
  }

  private func write(_ path: ByteString, _ text: ByteString) throws(SyscallError) {
    let file = try open(path, .writeOnly)
    try file.handle.writeOnce(text, subject: path)
  }

  /// With the kernel's last_cmd_status (RD-8) instead of the errno's text, which engines would take for
  /// the fate of the program.
  private func refused(_ action: ByteString, _ member: ByteString, _ error: SyscallError)
    -> ConfigError
  {
    var reason = "resctrl: cannot " + action + ": " + error.call + " failed with "
    reason += error.errno.symbol
    do throws(SyscallError) {
      let lines = try read("info/last_cmd_status").split(on: 0x0a).filter {
        !$0.isEmpty && $0 != "ok"
      }
      if !lines.isEmpty { reason += " (" + lines.joined(by: "; ").escaped(.sentence) + ")" }
    } catch {
      // An older kernel says nothing more.
    }
    return ConfigError("/linux/intelRdt" + member, reason)
  }
}
