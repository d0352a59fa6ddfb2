import Bytes
import Hooks
import Launch
import Linux
import OCISpec
import Report
import StateStore
import Tracing

// What `start` does once it has let init go on.
extension ControlExecutor {
  /// Until init has executed the program, or has said why not, or is dead.
  ///
  /// The end of the FIFO says so, but where a process of the container may look into init it can hold
  /// the FIFO open, or read it: what init executes, at first `image`, says so too.
  func waitForProgram(_ result: SharedDescriptor) throws(CommandFailure) {
    let (process, directory) = (try initProcess, try container.directory)
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
        if bytes.count > ControlExecutor.outcomeLimit { break }
      }
      let isAlive = try !process.hasEnded()
      return try ExecFIFO.outcome(of: bytes, isAlive: isAlive, program: programName) {
        () throws(SyscallError) in
        ExecErrno.errno(in: try directory.readExecErrno())
      }
    }
    switch outcome {
    case .executed: return
    case .failed(let failure): throw CommandFailure(failure)
    case .died: throw CommandFailure("init ended before it executed the program")
    }
  }

  /// For a failure: else the configuration is not needed here.
  private var programName: ByteString {
    do throws(CommandFailure) { return try container.config().process?.args.first ?? "" } catch {
      return ""
    }
  }

  /// More than init ever says.
  private static let outcomeLimit = 1 << 16

  func runPoststart() throws(CommandFailure) {
    guard let config, !config.hooks.poststart.isEmpty else { return }
    let plan: HookPlan
    do throws(ConfigError) { plan = try HookPlan(config.hooks, config.annotations) } catch {
      throw CommandFailure(error)
    }
    var runner = try container.hookRunner(status: .running, pid: try initProcess.pid)
    runner.trace = context.trace?.hooks
    do throws(HookFailure) { try runner.run(plan[.poststart]) } catch {
      throw CommandFailure(error.message)
    }
  }
}
