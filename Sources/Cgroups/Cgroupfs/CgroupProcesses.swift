package import Bytes
package import Linux

// What can be done with everything in a cgroup at once. A cgroup that vanishes meanwhile had nothing
// left in it.
extension Cgroup {
  /// In milliseconds: how long processes may take to freeze, to die or to be gone.
  static var timeout: Int64 { 10_000 }

  /// Stops every process, and returns when all of them stand still; undone if one does not.
  package func freeze() throws(CgroupError) { try setFrozen(true) }

  /// Writes 0 to cgroup.freeze and waits up to 10 s for it.
  package func thaw() throws(CgroupError) { try setFrozen(false) }

  private func setFrozen(_ frozen: Bool) throws(CgroupError) {
    do throws(SyscallError) {
      // Opened before the write: a change that comes at once must not be missed.
      let events = try files.open("cgroup.events", .readOnly)
      try files.write("cgroup.freeze", frozen ? "1" : "0")
      if try wait(for: "frozen", toBe: frozen ? "1" : "0", in: events, milliseconds: Cgroup.timeout)
      {
        return
      }
      if frozen { try files.write("cgroup.freeze", "0") }
    } catch {
      throw .system(frozen ? "freezing" : "thawing", path: files.path.text, error)
    }
    throw .unmet(
      "the cgroup `" + files.path.text + "` did not " + (frozen ? "freeze" : "thaw")
        + " within 10 s")
  }

  /// Whether `key` of cgroup.events gets `value` in time: the kernel wakes a poll at every change.
  private func wait(
    for key: ByteString, toBe value: ByteString, in events: SharedDescriptor, milliseconds: Int64
  ) throws(SyscallError) -> Bool {
    let end = Clock.monotonicNanoseconds + milliseconds * 1_000_000
    while true {
      try events.handle.seek(to: 0)
      let lines = ByteString(try events.handle.read(upTo: 4096)).split(on: 0x0a)
      if lines.contains(key + " " + value) { return true }
      let left = (end - Clock.monotonicNanoseconds) / 1_000_000
      if left <= 0 { return false }
      _ = try Polling.wait([(events.handle, .priority)], milliseconds: Int32(min(left, 100)))
    }
  }

  /// Whether `frozen` of cgroup.events is 1; false if the cgroup is gone.
  package func isFrozen() throws(CgroupError) -> Bool {
    do throws(SyscallError) {
      return try files.read("cgroup.events").split(on: 0x0a).contains("frozen 1")
    } catch {
      if CgroupTree.isGone(error) { return false }
      throw .system("reading", path: files.path.text, error)
    }
  }

  /// Kills everything in the cgroup and below it, frozen or not, and waits until it is empty.
  package func kill() throws(CgroupError) {
    do throws(SyscallError) {
      let events = try files.open("cgroup.events", .readOnly)
      do throws(SyscallError) {
        try files.write("cgroup.kill", "1")
        if try wait(for: "populated", toBe: "0", in: events, milliseconds: Cgroup.timeout) {
          return
        }
      } catch {
        // Linux 5.14 brought the file.
        guard error.errno == .ENOENT else { throw error }
        if try killEach(events) { return }
      }
    } catch {
      if CgroupTree.isGone(error) { return }
      throw .system("killing", path: files.path.text, error)
    }
    throw .unmet("processes in the cgroup `" + files.path.text + "` survived SIGKILL for 10 s")
  }

  /// Kills one by one, in a frozen cgroup so that nothing forks away meanwhile, and thaws on every way
  /// out. Frozen processes do die on cgroup v2.
  func killEach(_ events: SharedDescriptor) throws(SyscallError) -> Bool {
    try files.write("cgroup.freeze", "1")
    let isEmpty: Bool
    do throws(SyscallError) {
      let end = Clock.monotonicNanoseconds + Cgroup.timeout * 1_000_000
      var round = false
      while !round && Clock.monotonicNanoseconds < end {
        for pid in try pids() { try Cgroup.send(.kill, to: pid) }
        round = try wait(for: "populated", toBe: "0", in: events, milliseconds: 50)
      }
      isEmpty = round
    } catch {
      // The first error counts.
      do throws(SyscallError) { try files.write("cgroup.freeze", "0") } catch {}
      throw error
    }
    try files.write("cgroup.freeze", "0")
    return isEmpty
  }

  private static func send(_ signal: Signal, to pid: Int32) throws(SyscallError) {
    do throws(SyscallError) {
      try ProcessHandle.open(pid).send(signal)
    } catch {
      // It ended by itself.
      if error.errno != .ESRCH { throw error }
    }
  }

  /// Sends `signal` to every process in the cgroup and below it.
  package func signal(_ signal: Signal) throws(CgroupError) {
    do throws(SyscallError) {
      for pid in try pids() { try Cgroup.send(signal, to: pid) }
    } catch {
      if CgroupTree.isGone(error) { return }
      throw .system("signalling", path: files.path.text, error)
    }
  }

  /// Every process in the cgroup and below it, as we number them.
  package func processes() throws(CgroupError) -> [Int32] {
    do throws(SyscallError) { return try pids() } catch {
      if CgroupTree.isGone(error) { return [] }
      throw .system("listing", path: files.path.text, error)
    }
  }

  func pids() throws(SyscallError) -> [Int32] {
    var all = try Cgroup.pids(in: directory)
    try CgroupTree.walk(
      directory,
      enter: { (below, _) throws(SyscallError) in
        do throws(SyscallError) { all += try Cgroup.pids(in: below) } catch {
          // A threaded cgroup has threads only; their processes are listed further up.
          if error.errno != .EOPNOTSUPP { throw error }
        }
      })
    return all
  }

  private static func pids(in directory: Handle) throws(SyscallError) -> [Int32] {
    let file = try directory.open("cgroup.procs", .readOnly, resolve: CgroupTree.resolve)
    return ByteString(try file.handle.readKernelFile()).split(on: 0x0a).compactMap {
      // 0: a process of another pid namespace.
      guard let pid = $0.unsignedDecimal, pid > 0 else { return nil }
      return Int32(exactly: pid)
    }
  }

  /// The directory that a new process is born in: the container's own, or one below it (`--cgroup`).
  package func openDirectory(_ path: ByteString) throws(CgroupError) -> SharedDescriptor {
    let names = path.pathComponents
    if names.contains("..") {
      throw .unmet("--cgroup: `" + path.escaped() + "` leaves the container's cgroup")
    }
    do throws(SyscallError) {
      if names.isEmpty { return SharedDescriptor(try directory.duplicated()) }
      return try files.open(names.joined(by: "/"), [.path, .directory])
    } catch {
      throw .system("--cgroup: opening", path: path, error)
    }
  }
}
