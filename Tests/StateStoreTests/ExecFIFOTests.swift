import Bytes
import Linux
import StateStore
import TestSupport
import Testing

@Suite("OP-8 OP-10: the FIFO at which init waits")
struct ExecFIFOTests {
  private let temporary: TemporaryDirectory
  private let directory: StateDirectory

  init() throws {
    temporary = try TemporaryDirectory()
    let root = StateRoot(
      explicit: temporary.path + "/root", runtimeDirectory: nil, isRealRoot: true)
    (directory, _) = try StateDirectory.claim(try ContainerID("web"), in: root)
  }

  @Test("OP-8: whoever takes the exec FIFO is the only one")
  func once() throws {
    #expect(try !directory.awaitsStart())
    let (waiting, _) = try directory.makeExecFIFOs()
    #expect(try directory.awaitsStart())
    let taken = try directory.takeExecFIFOs()
    #expect(try !directory.awaitsStart())
    #expect(try temporary.names("root/web") == [])
    try taken?.waiting.handle.writeAll([1])
    #expect(try waiting.handle.read(upTo: 8) == [1])
    #expect(throws: SyscallError.self) { try directory.takeExecFIFOs() }
  }

  @Test("OP-10: the end of the result says that init is done")
  func result() throws {
    let taken = try takeFromDyingInit()
    let result = try #require(taken)
    #expect(try Polling.wait([(result.handle, .input)], milliseconds: 0)[0] == [.input, .hangUp])
    #expect(try result.handle.read(upTo: 8) == [7])
    #expect(try result.handle.read(upTo: 8) == [])
  }

  @Test("nobody waits for an init that died")
  func dead() throws {
    _ = try directory.makeExecFIFOs()
    #expect(try directory.takeExecFIFOs() == nil)
    #expect(try directory.awaitsStart())
  }

  private func takeFromDyingInit() throws -> SharedDescriptor? {
    let (waiting, result) = try directory.makeExecFIFOs()
    let taken = try directory.takeExecFIFOs()
    try result.handle.writeAll([7])
    _ = waiting
    return taken?.result
  }
}
