import Bytes
package import Linux

/// Where a test has a command wait or fail: `APUS_PROBE=host:12:before` names a half of the plan, a step
/// of it by its place in the order, and what happens there. In debug builds only; a release has an empty
/// function instead.
///
/// - `before`, `after`: the process that performs the step waits, with the name `apus-probe`, to be
///   killed, or for its parent to be.
/// - `fail`: the step fails with EIO instead of being performed.
package enum StepProbe {
  package enum Half: Sendable { case host, inner }

  #if DEBUG
    private struct Aim {
      var half: Half
      var number: Int
      var action: [UInt8]
    }

    /// Read once, by the parent: init wipes its environment.
    private static let aim: Aim? = {
      guard let words = ProcessArguments.variable("APUS_PROBE")?.split(on: 0x3a),
        words.count == 3, let number = words[1].unsignedDecimal
      else { return nil }
      return Aim(
        half: words[0] == "host" ? .host : .inner, number: Int(number),
        action: Array(words[2].bytes))
    }()

    package static func before(_ half: Half, _ number: Int) throws(SyscallError) {
      guard let aim, aim.half == half, aim.number == number else { return }
      if aim.action == Array("fail".utf8) { throw SyscallError("probe", "", .EIO) }
      if aim.action == Array("before".utf8) { wait() }
    }

    package static func after(_ half: Half, _ number: Int) {
      guard let aim, aim.half == half, aim.number == number else { return }
      if aim.action == Array("after".utf8) { wait() }
    }

    private static func wait() {
      do throws(SyscallError) { try ThisProcess.setName("apus-probe") } catch {}
      for _ in 0..<200 { Clock.sleep(milliseconds: 50) }
    }
  #else
    @inline(__always)
    package static func before(_ half: Half, _ number: Int) throws(SyscallError) {}

    @inline(__always)
    package static func after(_ half: Half, _ number: Int) {}
  #endif
}
