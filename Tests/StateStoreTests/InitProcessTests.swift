import Bytes
import Linux
import StateStore
import Testing

@Suite("init is told from every later process")
struct InitIdentityTests {
  private var own: InitIdentity {
    get throws { try InitIdentity.of(try ProcessHandle.open(ThisProcess.id)) }
  }

  @Test("a living process is found by what was written down of it")
  func found() throws {
    #expect(try own.open()?.pid == ThisProcess.id)
  }

  @Test("another inode number, start time or boot is another process")
  func reused() throws {
    var other = try own
    if let inode = other.inode {
      other.inode = inode + 1
      #expect(try other.open() == nil)
    }
    other.inode = nil
    #expect(try other.open() != nil)
    other.startTime += 1
    #expect(try other.open() == nil)
    other = try own
    other.bootID = "00000000-0000-0000-0000-000000000000"
    #expect(try other.open() == nil)
  }

  @Test("a zombie and a process that is gone are neither", arguments: [false, true])
  func ended(byInode: Bool) throws {
    let child = try #require(try end())
    var identity = try InitIdentity.of(child)
    if !byInode { identity.inode = nil }
    _ = try Polling.wait([(child.handle, .input)], milliseconds: 10_000)
    #expect(try identity.open() == nil)
    _ = try child.wait()
    #expect(try identity.open() == nil)
  }

  private func end() throws -> ProcessHandle? {
    switch try ThisProcess.fork() {
    case .child: ThisProcess.exit(0)
    case .parent(let child): return child
    }
  }

  @Test("a number that a thread has by now is that of no process")
  func thread() throws {
    let threads = try Handle.currentDirectory.open("/proc/self/task", [.directory])
    let numbers = try threads.handle.entries().compactMap { $0.name.unsignedDecimal }
    let thread = try #require(numbers.first { $0 != UInt64(ThisProcess.id) })
    let identity = InitIdentity(
      pid: Int32(thread), startTime: 1, bootID: try InitIdentity.currentBootID())
    #expect(try identity.open() == nil)
  }
}
