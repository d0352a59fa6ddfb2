import Bytes
import Linux
import Testing

@testable import Launch

@Suite("Launch: what parent and init say to each other")
struct StageMessageTests {
  static let failure = StepFailure(
    step: "mount `proc` on `/proc`", pointer: "/mounts/0",
    reason: "fsmount: not permitted (EPERM)")

  @Test(
    "each message survives the wire",
    arguments: [
      StageMessage.needsMaps, .cloned, .listens(65539), .halts(65539), .mountsDone, .terminal,
      .ready, .created,
      .proceed,
      .failed(failure),
    ])
  func roundTrip(message: StageMessage) {
    #expect(StageMessage(bytes: message.bytes) == message)
    #expect(message.bytes.count <= StageMessage.limit)
  }

  @Test(
    "whether the kernel refused or we did survives the wire, with errno and subject",
    arguments: [
      SyscallError("fsmount", "proc", .EPERM), .violation("`/a` was replaced", "/a"),
      .unmet("there is no console socket"),
    ])
  func kinds(error: StepError) {
    let failure = StepFailure(step: "a step", pointer: "/mounts/0", error)
    #expect(StageMessage(bytes: StageMessage.failed(failure).bytes) == .failed(failure))
    #expect(failure.kind == error.kind)
    #expect(failure.errno == (error.kind == .system ? Errno.EPERM : nil))
    #expect(failure.reason == error.message)
    #expect(error.kind == .system || failure.reason == error.call)
  }

  @Test("a message that is none, or is cut off, is not taken for one (CVE-2021-43784)")
  func refuses() {
    #expect(StageMessage(bytes: []) == nil)
    #expect(StageMessage(bytes: [0]) == nil)
    #expect(StageMessage(bytes: [99, 1, 2]) == nil)
    let cut = StageMessage(bytes: Array(StageMessage.failed(Self.failure).bytes.prefix(5)))
    #expect(cut == .failed(StepFailure(step: "moun", pointer: "", reason: "")))
  }

  @Test("a failure of any length fits into one message")
  func longFailure() {
    let long = ByteString([UInt8](repeating: 0x78, count: 100_000))
    let message = StageMessage.failed(StepFailure(step: long, pointer: long, reason: long))
    #expect(message.bytes.count <= StageMessage.limit)
  }

  @Test("errors: step, subject, call, errno and pointer in one line")
  func line() {
    #expect(
      Self.failure.message
        == "mount `proc` on `/proc`: fsmount: not permitted (EPERM) [/mounts/0]")
  }

  @Test("OP-10: start tells an executed program from a failed and a dead one")
  func outcomes() throws {
    func outcome(of bytes: [UInt8], isAlive: Bool, execErrno: Errno? = nil) throws
      -> ExecFIFO.Outcome
    {
      try ExecFIFO.outcome(of: bytes, isAlive: isAlive, program: "sh") {
        () throws(SyscallError) in execErrno
      }
    }
    let announced = ExecFIFO.aboutToExecute
    #expect(try outcome(of: announced, isAlive: true) == .executed)
    #expect(try outcome(of: announced, isAlive: false) == .executed)
    #expect(try outcome(of: [], isAlive: true) == .executed)
    #expect(try outcome(of: [], isAlive: false) == .died)
    let failed = StageMessage.failed(Self.failure).bytes
    #expect(try outcome(of: failed, isAlive: false) == .failed(Self.failure))
    #expect(try outcome(of: announced + failed, isAlive: false) == .failed(Self.failure))
    // Under a filter: in a message, or where that is forbidden in the shared word.
    let refused = StageMessage.refused("/bin/sh", .ENOENT).bytes
    let text = { (name: ByteString) -> ByteString in
      "exec: \"" + name + "\": no such file or directory"
    }
    #expect(
      try outcome(of: announced + refused, isAlive: false)
        == .failed(StepFailure(step: "", pointer: "", reason: text("/bin/sh"))))
    let silent = ExecFIFO.aboutToExecuteSilently
    #expect(try outcome(of: silent, isAlive: false) == .executed)
    #expect(
      try outcome(of: silent, isAlive: false, execErrno: .ENOENT)
        == .failed(StepFailure(step: "", pointer: "", reason: text("sh"))))
    #expect(try outcome(of: announced, isAlive: false, execErrno: .ENOENT) == .executed)
  }
}

@Suite("Launch: the search for the program")
struct ProgramSearchTests {
  func find(_ name: ByteString, _ path: ByteString? = nil, in directory: ByteString = "/")
    -> ByteString
  {
    do throws(ProgramError) {
      return try ProgramSearch.find(
        name, path: path, workingDirectory: directory, asUser: true)
    } catch {
      return error.message
    }
  }

  @Test("PR-6: a name without a slash is looked for in PATH, in its order")
  func search() {
    #expect(find("sh", "/nowhere:/bin") == "/bin/sh")
    #expect(find("sh", nil) == "/usr/bin/sh" || find("sh", nil) == "/bin/sh")
  }

  @Test("PR-6: a missing program is said in the words that engines turn into 127")
  func missing() {
    #expect(find("no-such", "/bin") == "exec: \"no-such\": executable file not found in $PATH")
    #expect(find("/no/such") == "exec: \"/no/such\": no such file or directory")
  }

  @Test("PR-6: what cannot be executed is said in the words that engines turn into 126")
  func notExecutable() {
    #expect(find("/etc/passwd") == "exec: \"/etc/passwd\": permission denied")
    #expect(find("/etc") == "exec: \"/etc\": is a directory: permission denied")
    #expect(find("passwd", "/etc") == "exec: \"passwd\": permission denied")
  }

  @Test("PR-6: a relative path starts at cwd")
  func relative() {
    #expect(find("./sh", in: "/bin") == "./sh")
    #expect(find("bin/sh") == "bin/sh")
    #expect(find("./sh", in: "/etc") == "exec: \"./sh\": no such file or directory")
  }
}
