import Bytes
import Linux
import OCISpec
import Testing

@testable import Cgroups

/// The cgroup2 hierarchy of this machine.
enum Kernel {
  /// What is wrong with this machine fails the tests that need it.
  private static let facts = Result { try HostFacts.read() }

  /// Why no test can make cgroups here; nil where they can, and must not be skipped.
  private static let obstacle: String? = {
    guard case .success(let host) = facts else { return nil }
    if host.isRootless { return "needs root" }
    return host.cgroup.mountPoint == nil ? "needs a cgroup2 mount" : nil
  }()

  static var canMakeCgroups: Bool { obstacle == nil }

  static var reason: Comment { Comment(rawValue: obstacle ?? "") }

  static var host: HostFacts? { get throws { try facts.get() } }

  static func open(_ path: ByteString) throws -> Cgroup? {
    try Cgroup.open(CgroupPath(recorded: path), mountPoint: mountPoint())
  }

  static func mountPoint() throws -> ByteString { try #require(try host?.cgroup.mountPoint) }

  static func create(_ plan: CgroupPlan) throws -> Cgroup {
    let host = try #require(try host)
    let cgroup = try #require(
      try Cgroup.create(plan, host: host, mark: NewMark("of a test")))
    try cgroup.filterDevices(plan)
    return cgroup
  }

  /// A plan for a cgroup that is there.
  static func plan(again cgroup: Cgroup, filter: [BPFInstruction]? = nil) -> CgroupPlan {
    CgroupPlan(manager: .cgroupfs, path: cgroup.files.path, deviceProgram: filter)
  }

  /// Makes a cgroup for a plan, runs `body` in which it may be used, and takes everything away.
  static func withCgroup(
    _ name: ByteString, filter: [BPFInstruction]? = nil, limits: [CgroupWrite] = [],
    owner: UInt32? = nil, _ body: (Cgroup) throws -> Void
  ) throws {
    let cgroup = try create(
      CgroupPlan(
        manager: .cgroupfs, path: CgroupPath(recorded: Kernel.path(name)), deviceProgram: filter,
        limits: limits, owner: owner))
    do {
      try body(cgroup)
    } catch {
      try? cgroup.kill()
      try? cgroup.destroy()
      throw error
    }
    try cgroup.kill()
    try cgroup.destroy()
  }

  /// Of this run alone, so that runs at the same time do not meet.
  static func path(_ name: ByteString) -> ByteString {
    "/apus-tests-" + ByteString(decimal: ThisProcess.id) + "/" + name
  }

  static func exists(_ path: ByteString) throws -> Bool {
    let root = try CgroupDirectory.openRoot(mountPoint())
    do throws(SyscallError) {
      _ = try root.handle.status(ofEntry: path.dropFirst(1))
      return true
    } catch {
      return false
    }
  }

  /// A process that is born in `cgroup` and becomes the program.
  static func spawn(_ arguments: [ByteString], in cgroup: Handle) throws -> ProcessHandle {
    let image = ExecutableImage(arguments: arguments, environment: ["PATH=/bin:/usr/bin"])
    switch try ThisProcess.clone(into: cgroup) {
    case .parent(let child): return child
    case .child:
      // The test's threads block signals, and the program would inherit that.
      do throws(SyscallError) { try Signals.resetAll() } catch { ThisProcess.exit(126) }
      _ = image.execute(arguments[0])
      ThisProcess.exit(127)
    }
  }

  static func sleep(in cgroup: Handle) throws -> ProcessHandle {
    try spawn(["/bin/sleep", "60"], in: cgroup)
  }

  /// The exit status of a shell command in `cgroup`.
  static func shell(_ command: ByteString, in cgroup: Handle) throws -> Int32 {
    try spawn(["/bin/sh", "-c", command], in: cgroup).wait().exitStatus
  }
}
