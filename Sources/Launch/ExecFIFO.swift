package import Bytes
package import Linux

/// The exec FIFO, where init waits for `start`, and a second one, over which it says what became of the
/// program.
///
/// `create` leaves both in the state directory; the first one's existence is what tells `created` from
/// `running`. `run` uses the stage channel for both.
package struct ExecFIFO {
  /// Blocks until a byte comes.
  let waiting: SharedDescriptor
  /// Closed by execve; what is written before is `aboutToExecute`, or a failure's record.
  let result: SharedDescriptor

  package init(waiting: SharedDescriptor, result: SharedDescriptor) {
    self.waiting = waiting
    self.result = result
  }

  /// What init says before execve: a FIFO that closes without it is a death, not an execution.
  package static let aboutToExecute: [UInt8] = [5]
  /// The same, where the filter would not let init say that execve failed: `ExecErrno` tells.
  package static let aboutToExecuteSilently: [UInt8] = [11]

  func waitForStart() throws(SyscallError) {
    if try waiting.handle.read(upTo: 1).isEmpty {
      throw .unmet("the exec FIFO was closed before `start`")
    }
  }

  func report(_ failure: StepFailure) {
    // Nobody may be listening any more; there is nobody else to tell.
    do throws(SyscallError) { try result.handle.writeAll(StageMessage.failed(failure).bytes) } catch
    {}
  }

  func announce(forbidsWrite: Bool) {
    // A filter that notifies may forbid this; `start` then looks whether the process lives.
    do throws(SyscallError) {
      try result.handle.writeAll(
        forbidsWrite ? ExecFIFO.aboutToExecuteSilently : ExecFIFO.aboutToExecute)
    } catch {}
  }
}

extension ExecFIFO {
  package enum Outcome: Equatable, Sendable {
    case executed
    case failed(StepFailure)
    /// Init ended without a word before it executed the program.
    case died
  }

  /// What the bytes say that `start` read from the result FIFO up to its end. `execErrno` is what
  /// `ExecErrno` says of `program`.
  package static func outcome(
    of bytes: [UInt8], isAlive: Bool, program: @autoclosure () -> ByteString,
    execErrno: () throws(SyscallError) -> Errno?
  ) throws(SyscallError) -> Outcome {
    let forbidsWrite = bytes.starts(with: aboutToExecuteSilently)
    let isAnnounced = forbidsWrite || bytes.starts(with: aboutToExecute)
    switch StageMessage(bytes: isAnnounced ? Array(bytes.dropFirst(1)) : bytes) {
    case .failed(let failure): return .failed(failure)
    case .refused(let path, let errno): return .failed(StepFailure(refused: path, errno))
    case .needsMaps, .cloned, .mountsDone, .listens, .terminal, .ready, .created, .proceed, .start,
      .network, .entered, .halts, nil:
      break
    }
    if forbidsWrite, let errno = try execErrno() {
      return .failed(StepFailure(refused: program(), errno))
    }
    return bytes.isEmpty && !isAlive ? .died : .executed
  }
}
