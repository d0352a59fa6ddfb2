package import Bytes
package import Linux

extension Cgroup {
  /// A cgroup for processes that look at those of this one: below it, or, where it is frozen or has no
  /// room, beside it, or beside its nearest ancestor that is not frozen. There its device program does
  /// not hold, so it is given along.
  package func guest(
    named name: ByteString, deviceProgram: [BPFInstruction]?, host: HostFacts
  ) throws(CgroupError) -> CgroupPlan {
    var above = files.path.components
    do throws(SyscallError) {
      if try !hasRoom() { above.removeLast() }
      while !above.isEmpty {
        let directory = try files.ancestor(above.count)
        if try !directory.read("cgroup.events").split(on: 0x0a).contains("frozen 1") { break }
        above.removeLast()
      }
    } catch {
      throw .system("reading", path: files.path.text, error)
    }
    let isBelow = above.count == files.path.components.count
    var plan = CgroupPlan(manager: .cgroupfs)
    plan.path = CgroupPath(components: above + [isBelow ? name : files.name + "." + name])
    plan.deviceProgram = isBelow ? nil : deviceProgram
    plan.isRootless = host.isRootless
    return plan
  }

  /// For a shell and a few tools, without taking from the container what it is short of.
  private func hasRoom() throws(SyscallError) -> Bool {
    for (now, limit, room) in [
      ("pids.current", "pids.max", UInt64(16)), ("memory.current", "memory.max", 32 << 20),
    ] as [(ByteString, ByteString, UInt64)] {
      guard let most = try number(limit), let used = try number(now) else { continue }
      if most < used + room { return false }
    }
    return true
  }

  /// nil without the file, and for `max`.
  private func number(_ file: ByteString) throws(SyscallError) -> UInt64? {
    try files.optional(file)?.split(on: 0x0a).first?.unsignedDecimal
  }
}
