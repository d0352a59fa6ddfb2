import Bytes
package import Linux

/// Where init waits for `start`, and how it says what became of the program.
///
/// `create` leaves two FIFOs in the state directory; the first one's existence is what tells `created`
/// from `running`. `run` uses the stage channel for both. Under the container's seccomp filter only
/// read(2) and write(2) are needed.
package struct StartGate {
  /// Blocks until a byte comes.
  let waiting: Handle
  /// Closed by execve; what is written before is `aboutToExecute`, or a failure's record.
  let result: Handle

  package init(waiting: Handle, result: Handle) {
    self.waiting = waiting
    self.result = result
  }

  /// Init's last word before execve: a gate that closes without it is a death, not an execution.
  package static let aboutToExecute: [UInt8] = [5]

  func waitForStart() throws(SyscallError) {
    if try waiting.read(upTo: 1).isEmpty { throw SyscallError("read", "start gate", .EPIPE) }
  }

  func report(_ failure: StepFailure) {
    // Nobody may be listening any more; there is nobody else to tell.
    do throws(SyscallError) { try result.writeAll(StageMessage.failed(failure).bytes) } catch {}
  }

  func announce() {
    // A filter may forbid even this; `start` then looks whether the process lives.
    do throws(SyscallError) { try result.writeAll(StartGate.aboutToExecute) } catch {}
  }
}

extension StartGate {
  package enum Outcome: Equatable, Sendable {
    case executed
    case failed(StepFailure)
    /// Init ended without a word before it executed the program.
    case died
  }

  /// What the bytes say that `start` read from the result FIFO up to its end.
  package static func outcome(of bytes: [UInt8], isAlive: Bool) -> Outcome {
    let rest = bytes.starts(with: aboutToExecute) ? Array(bytes.dropFirst(1)) : bytes
    if case .failed(let failure)? = StageMessage(bytes: rest) { return .failed(failure) }
    return bytes.isEmpty && !isAlive ? .died : .executed
  }
}
