import Bytes
import Linux
import OCISpec
import Testing

@testable import Cgroups

/// The cgroup2 hierarchy of this machine.
enum Kernel {
  static let host: HostFacts? = { try? HostFacts.read() }()

  /// Whether tests may make cgroups here; they say so where they are skipped.
  static let canMakeCgroups: Bool = {
    guard let host, !host.isRootless, let mountPoint = host.cgroup.mountPoint else { return false }
    return (try? CgroupDirectory.openRoot(mountPoint)) != nil
  }()

  static let reason: Comment = "needs root and a cgroup2 mount"

  static func open(_ path: ByteString) throws -> Cgroup? {
    try Cgroup.open(CgroupPath(recorded: path), mountPoint: mountPoint())
  }

  static func mountPoint() throws -> ByteString { try #require(host?.cgroup.mountPoint) }

  static func create(_ plan: CgroupPlan) throws -> Cgroup {
    let host = try #require(host)
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
