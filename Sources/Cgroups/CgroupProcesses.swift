package import Bytes
package import Linux

// What can be done with everything in a cgroup at once. A cgroup that vanishes meanwhile had nothing
// left in it.
extension Cgroup {
  /// In milliseconds: how long processes may take to freeze or to die.
  private static var patience: Int64 { 10_000 }

  /// Stops every process, and returns when all of them stand still.
  package func freeze() throws(CgroupError) { try setFrozen(true) }

  package func thaw() throws(CgroupError) { try setFrozen(false) }

  private func setFrozen(_ frozen: Bool) throws(CgroupError) {
    do throws(SyscallError) {
      // Opened before the write: a change that comes at once must not be missed.
      let events = try open("cgroup.events", .readOnly)
      try write("cgroup.freeze", frozen ? "1" : "0")
      if try waitFor("frozen", frozen ? "1" : "0", events) { return }
      if frozen { try write("cgroup.freeze", "0") }
    } catch {
      throw CgroupError(frozen ? "freezing" : "thawing", path.text, error)
    }
    throw CgroupError(
      "the cgroup `" + path.text + "` did not " + (frozen ? "freeze" : "thaw") + " within 10 s")
  }

  /// Whether `key` of cgroup.events gets `value` in time: the kernel wakes a poll at every change.
  private func waitFor(_ key: ByteString, _ value: ByteString, _ events: SharedDescriptor)
    throws(SyscallError) -> Bool
  {
    let end = Clock.monotonicNanoseconds + Cgroup.patience * 1_000_000
    while true {
      try events.handle.seek(to: 0)
      let lines = ByteString(try events.handle.read(upTo: 4096)).split(on: 0x0a)
      if lines.contains(key + " " + value) { return true }
      let left = (end - Clock.monotonicNanoseconds) / 1_000_000
      if left <= 0 { return false }
      _ = try Polling.wait([(events.handle, .priority)], milliseconds: Int32(min(left, 100)))
    }
  }

  package func isFrozen() throws(CgroupError) -> Bool {
    do throws(SyscallError) {
      return try value(of: "frozen", in: "cgroup.events") == "1"
    } catch {
      if Cgroup.isGone(error) { return false }
      throw CgroupError("reading", path.text, error)
    }
  }

  private static func isGone(_ error: SyscallError) -> Bool {
    error.errno == .ENOENT || error.errno == .ENODEV
  }

  /// Kills everything in the cgroup and below it, frozen or not, and waits until it is empty.
  package func kill() throws(CgroupError) {
    do throws(SyscallError) {
      let events = try open("cgroup.events", .readOnly)
      do throws(SyscallError) {
        try write("cgroup.kill", "1")
      } catch {
        guard error.errno == .ENOENT else { throw error }
        try killEach()
      }
      if try waitFor("populated", "0", events) { return }
    } catch {
      if Cgroup.isGone(error) { return }
      throw CgroupError("killing", path.text, error)
    }
    throw CgroupError("processes in the cgroup `" + path.text + "` survived SIGKILL for 10 s")
  }

  /// Before Linux 5.14: frozen, so that nothing forks away, then each by itself, and thawed on every
  /// way out, since frozen processes do not die.
  private func killEach() throws(SyscallError) {
    try write("cgroup.freeze", "1")
    do throws(SyscallError) {
      for pid in try pids(directory, depth: 0) { try Cgroup.send(.kill, to: pid) }
    } catch {
      try write("cgroup.freeze", "0")
      throw error
    }
    try write("cgroup.freeze", "0")
  }

  private static func send(_ signal: Signal, to pid: Int32) throws(SyscallError) {
    do throws(SyscallError) {
      try ChildProcess.open(pid).send(signal)
    } catch {
      // It ended by itself.
      if error.errno != .ESRCH { throw error }
    }
  }

  /// Sends `signal` to every process in the cgroup and below it.
  package func signal(_ signal: Signal) throws(CgroupError) {
    do throws(SyscallError) {
      for pid in try pids(directory, depth: 0) { try Cgroup.send(signal, to: pid) }
    } catch {
      if Cgroup.isGone(error) { return }
      throw CgroupError("signalling", path.text, error)
    }
  }

  /// Every process in the cgroup and below it, as we number them.
  package func processes() throws(CgroupError) -> [Int32] {
    do throws(SyscallError) { return try pids(directory, depth: 0) } catch {
      if Cgroup.isGone(error) { return [] }
      throw CgroupError("listing", path.text, error)
    }
  }

  private func pids(_ directory: Handle, depth: Int) throws(SyscallError) -> [Int32] {
    let resolve: ResolveFlags = [.beneath, .noSymlinks, .noCrossDevice]
    let file = SharedDescriptor(try directory.open("cgroup.procs", .readOnly, resolve: resolve))
    var all = [Int32]()
    for line in ByteString(try file.handle.readAll(limit: 64 << 20)).split(on: 0x0a) {
      // 0 stands for a process of another pid namespace.
      if let pid = line.unsignedDecimal, pid > 0, let number = Int32(exactly: pid) {
        all.append(number)
      }
    }
    guard depth < 64 else { return all }
    for child in try children(of: directory) {
      do throws(SyscallError) {
        let below = SharedDescriptor(try directory.open(child, [.directory], resolve: resolve))
        all += try pids(below.handle, depth: depth + 1)
      } catch {
        if !Cgroup.isGone(error) { throw error }
      }
    }
    return all
  }

  private func children(of directory: Handle) throws(SyscallError) -> [ByteString] {
    let listing = SharedDescriptor(try directory.open(".", [.directory]))
    return try listing.handle.entries().filter { $0.kind == .directory }.map { $0.name }
  }
}

extension Cgroup {
  /// Removes the cgroup and everything below it. What is still dying makes rmdir(2) fail for a
  /// moment.
  package func destroy() throws(CgroupError) {
    var pause: Int64 = 1
    while true {
      do throws(SyscallError) {
        return try remove(path.relative)
      } catch {
        if Cgroup.isGone(error) { return }
        guard error.errno == .EBUSY, pause <= 1024 else {
          throw CgroupError("removing", path.text, error)
        }
        Clock.sleep(milliseconds: pause)
        pause *= 2
      }
    }
  }

  private func remove(_ relative: ByteString) throws(SyscallError) {
    do throws(SyscallError) {
      // Most often there is nothing below.
      return try hierarchy.handle.removeDirectory(relative)
    } catch {
      if error.errno != .EBUSY { throw error }
    }
    let directory = SharedDescriptor(
      try hierarchy.handle.open(
        relative, [.directory], resolve: [.beneath, .noSymlinks, .noCrossDevice]))
    for child in try children(of: directory.handle) { try remove(relative + "/" + child) }
    try hierarchy.handle.removeDirectory(relative)
  }

  /// The directory that a new process is born in: the container's own, or one below it (`--cgroup`).
  package func openDirectory(_ path: ByteString) throws(CgroupError) -> SharedDescriptor {
    let names = path.split(on: UInt8(ascii: "/")).filter { !$0.isEmpty && $0 != "." }
    if names.contains("..") {
      throw CgroupError("--cgroup: `" + path.escaped(limit: 64) + "` leaves the container's cgroup")
    }
    if names.isEmpty { return SharedDescriptor(try duplicate()) }
    do throws(SyscallError) {
      return try open(names.joined(by: "/"), [.directory])
    } catch {
      throw CgroupError("--cgroup: opening", path, error)
    }
  }

  private func duplicate() throws(CgroupError) -> FileDescriptor {
    do throws(SyscallError) { return try directory.duplicated() } catch {
      throw CgroupError("opening", path.text, error)
    }
  }
}
