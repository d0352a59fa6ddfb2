import Bytes
import Cgroups
import Container
import Hooks
import Launch
import Linux
import OCISpec
import Report
import StateStore

/// `start`: writes into the exec FIFO at which init waits, and returns when the program was executed.
enum Start {
  static func perform(_ options: StartOptions, _ context: CommandContext) throws(CommandFailure)
    -> Int32
  {
    // Held until init may go on, so that of two starts one wins; not while the program starts.
    let (container, lock) = try Container.locked(options.id, context)
    let config: Config
    let result: SharedDescriptor
    let process: ProcessHandle
    let image: FileStatus?
    let proxy: NotifyProxy?
    let cgroup: Cgroup?
    do {
      defer { lock.release() }
      try container.check(.start, context)
      config = try container.config()
      if config.process == nil {
        throw CommandFailure("config.json /process: cannot start a container without a process")
      }
      proxy = try NotifyProxy.open(container.directory, context.log)
      try attempt(SyscallError.self, Interruption.begin())
      guard let open = try container.openInit(),
        let fifos = try attempt(SyscallError.self, container.directory.takeExecFIFOs())
      else { throw CommandFailure("cannot start a container that has stopped") }
      image = open.executable()
      cgroup = try limitedCgroup(container, config, context)
      try attempt(SyscallError.self, fifos.waiting.handle.writeAll([1]))
      (process, result) = (open, fifos.result)
    }
    do throws(CommandFailure) {
      try observe(process, from: image, result, container, config.process?.args.first ?? "")
      try runPoststart(container, config, process)
    } catch {
      Interruption.disarm()
      let why = Explanation(container, context)?.explain(error) ?? error
      let here = if let cgroup { cgroup } else { try container.cgroup(context) }
      let error = why.explained(by: here?.outOfMemory())
      // A container whose start failed is stopped; the caller deletes it at once (LC-9).
      do throws(CommandFailure) { try Teardown.end(process) } catch {
        context.log.warning(error.message)
      }
      throw error
    }
    try proxy?.wait(for: process)
    return 0
  }

  /// The cgroup of a container with a memory limit, where systemd removes it with its last process: a kill
  /// can be told afterwards if it was looked at before.
  private static func limitedCgroup(
    _ container: Container, _ config: Config, _ context: CommandContext
  ) throws(CommandFailure) -> Cgroup? {
    let resources = container.record.resources ?? config.linux.resources
    guard container.record.cgroupManager == CgroupManagerKind.systemd.name,
      let limit = resources.memory?.limit, limit > 0,
      let cgroup = try container.cgroup(context)
    else { return nil }
    cgroup.expectKills(memoryLimit: limit)
    return cgroup
  }

  /// Until init has executed the program, or has said why not, or is dead.
  ///
  /// The end of the FIFO says so, but where a process of the container may look into init it can hold
  /// the FIFO open, or read it: what init executes, at first `image`, says so too.
  private static func observe(
    _ process: ProcessHandle, from image: FileStatus?, _ result: SharedDescriptor,
    _ container: Container, _ program: ByteString
  ) throws(CommandFailure) {
    let outcome = try CommandFailure.from { () throws(SyscallError) -> ExecFIFO.Outcome in
      var bytes = [UInt8]()
      while true {
        let events = try Polling.wait(
          [(result.handle, .input), (process.handle, .input)], milliseconds: image == nil ? -1 : 500
        )
        // Another process may hold the FIFO open; what init said before its end is there.
        if events[0].isEmpty && events[1].isEmpty {
          if let image, process.executable()?.isSameFile(as: image) != true { break }
          continue
        }
        if !events[0].contains(.input) { break }
        let piece = try result.handle.read(upTo: 4096)
        if piece.isEmpty { break }
        bytes += piece
        if bytes.count > outcomeLimit { break }
      }
      let isAlive = try Polling.wait([(process.handle, .input)], milliseconds: 0)[0].isEmpty
      return try ExecFIFO.outcome(of: bytes, isAlive: isAlive, program: program) {
        () throws(SyscallError) in
        ExecErrno.errno(in: try container.directory.readExecErrno())
      }
    }
    switch outcome {
    case .executed: return
    case .failed(let failure): throw CommandFailure(failure)
    case .died: throw CommandFailure("init ended before it executed the program")
    }
  }

  /// More than init ever says.
  private static let outcomeLimit = 1 << 16

  private static func runPoststart(
    _ container: Container, _ config: Config, _ process: ProcessHandle
  ) throws(CommandFailure) {
    if config.hooks.poststart.isEmpty { return }
    let plan: HookPlan
    do throws(ConfigError) { plan = try HookPlan(config.hooks, config.annotations) } catch {
      throw CommandFailure(error)
    }
    do throws(HookFailure) {
      try container.hookRunner(status: .running, pid: process.pid).run(plan[.poststart])
    } catch {
      throw CommandFailure(error.message)
    }
  }
}
