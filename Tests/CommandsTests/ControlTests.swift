import Bytes
import Commands
import Linux
import OCISpec
import Report
import StateStore
import TestSupport
import Testing

/// Commands on a container that is a record and a sleeping process.
@Suite("commands on a container")
struct ControlTests {
  private let caller: TemporaryDirectory
  private let root: StateRoot

  init() throws {
    caller = try TemporaryDirectory()
    root = StateRoot(explicit: caller.path + "/root", runtimeDirectory: nil, isRealRoot: true)
  }

  @Test("OP-1 OP-2: an unknown id does not exist; deleting it by force is success")
  func unknown() {
    for _ in 0..<2 {
      #expect(answer(.state(StateOptions(id: "web"))) == "container does not exist")
      #expect(answer(.kill(KillOptions(id: "web"))) == "container does not exist")
      #expect(answer(.start(StartOptions(id: "web"))) == "container does not exist")
      #expect(answer(.pause(PauseOptions(id: "web"))) == "container does not exist")
      #expect(delete() == "container does not exist")
      #expect(delete(force: true) == "0")
      do throws(StateError) { _ = try root.create() } catch { Issue.record("no root") }
    }
  }

  @Test("ids are judged before the disk is looked at")
  func invalid() {
    for force in [true, false] {
      #expect(delete("../web", force: force).hasPrefix("invalid container ID format"))
      #expect(delete("", force: force) == "container id cannot be empty")
    }
  }

  @Test("OP-11 OP-12: a signal reaches init and nobody else with its number")
  func kill() throws {
    let process = try container("web")
    #expect(kill("0") == "0")
    #expect(kill("TERM") == "0")
    #expect(try process.wait() == .signaled(15))
    #expect(kill("TERM") == "container not running")
    #expect(kill("KILL") == "container not running")
    #expect(kill("NOSUCH") == "unknown signal `NOSUCH`")
  }

  @Test("OP-12 EN-E: --all on a stopped container is success")
  func killAll() throws {
    let process = try container("web")
    #expect(kill("USR1", all: true) == "0")
    #expect(try process.wait() == .signaled(10))
    #expect(kill("KILL", all: true) == "0")
    #expect(kill("TERM", all: true) == "0")
  }

  @Test("OP-13: a running container is deleted by force only")
  func running() throws {
    let process = try container("web")
    #expect(delete() == "cannot delete container web that is not stopped: running")
    #expect(try caller.names("root") == ["web"])
    #expect(delete(force: true) == "0")
    #expect(try process.wait() == .signaled(9))
    #expect(try caller.names("root") == [])
    #expect(delete(force: true) == "0")
    #expect(delete() == "container does not exist")
  }

  @Test("OP-14: a stopped container is deleted, with its zombie not yet reaped")
  func stopped() throws {
    let process = try container("web")
    try process.send(.kill)
    _ = try Polling.wait([(process.handle, .input)], milliseconds: 10_000)
    #expect(delete() == "0")
    // What is known of its end is kept.
    #expect(try caller.names("root") == [".failures"])
    _ = try process.wait()
  }

  @Test("what a killed create left behind is removed")
  func abandoned() throws {
    for force in [true, false] {
      let (_, lock) = try StateDirectory.claim(try ContainerID("web"), in: root)
      lock.release()
      #expect(delete(force: force) == (force ? "0" : "container does not exist"))
      #expect(try caller.names("root") == [])
    }
    let (directory, lock) = try StateDirectory.claim(try ContainerID("web"), in: root)
    try directory.save(record("web", nil))
    lock.release()
    #expect(delete() == "0")
    #expect(try caller.names("root") == [])
  }

  @Test("T29: a damaged record is an error, and no obstacle to force")
  func damaged() throws {
    _ = try StateDirectory.claim(try ContainerID("web"), in: root)
    try caller.write("root/web/state.json", "{")
    #expect(delete().hasPrefix("the record of container `web` is damaged"))
    #expect(kill("TERM").hasPrefix("the record of container `web` is damaged"))
    #expect(delete(force: true) == "0")
    #expect(try caller.names("root") == [])
  }

  @Test("--regex means every id that matches as a whole or in part")
  func regex() throws {
    for id: ByteString in ["web-1", "web-2", "db"] {
      let (directory, lock) = try StateDirectory.claim(try ContainerID(id), in: root)
      try directory.save(record(id, nil))
      lock.release()
    }
    #expect(delete("^web-[0-9]+$", regex: true) == "0")
    #expect(try caller.names("root") == ["db"])
    #expect(delete("(", regex: true) == "`(` is not an extended regular expression")
  }

  @Test("without a cgroup nothing can be frozen")
  func pause() throws {
    let process = try container("web")
    #expect(
      answer(.pause(PauseOptions(id: "web"))) == "the container has no cgroup to freeze")
    try process.send(.kill)
    _ = try process.wait()
    #expect(answer(.pause(PauseOptions(id: "web"))) == "container not running")
    #expect(answer(.resume(ResumeOptions(id: "web"))) == "container not paused")
    #expect(
      answer(.start(StartOptions(id: "web"))) == "cannot start a container that has stopped")
  }

  @Test("without a cgroup there is nothing to limit or to measure")
  func limits() throws {
    let process = try container("web")
    var update = UpdateOptions(id: "web")
    update.pidsLimit = 5
    #expect(answer(.update(update)) == "the container has no cgroup to limit")
    let events = EventsOptions(id: "web")
    #expect(answer(.events(events)) == "the container has no cgroup to measure")
    try process.send(.kill)
    _ = try process.wait()
    #expect(answer(.update(update)) == "container not running")
    #expect(answer(.events(events)).hasPrefix("container with id web is not running"))
  }

  // MARK: a container

  private func container(_ id: ByteString) throws -> ProcessHandle {
    let process = try sleeper()
    let (directory, lock) = try StateDirectory.claim(try ContainerID(id), in: root)
    try directory.saveConfig(Array(#"{"ociVersion":"1.3.0","root":{"path":"/r"}}"#.utf8))
    try directory.save(record(id, try InitIdentity.of(process)))
    lock.release()
    return process
  }

  private func record(_ id: ByteString, _ process: InitIdentity?) -> ContainerRecord {
    ContainerRecord(
      id: id, bundle: "/b", rootfs: "/r", createdSeconds: 1, createdNanoseconds: 0,
      initProcess: process, cgroupManager: "disabled", ownsPidNamespace: true)
  }

  private func sleeper() throws(SyscallError) -> ProcessHandle {
    let image = ExecutableImage(arguments: ["sleep", "100"], environment: [])
    switch try ThisProcess.fork() {
    case .child:
      do throws(SyscallError) { try Signals.resetAll() } catch { ThisProcess.exit(126) }
      _ = image.execute("/bin/sleep")
      ThisProcess.exit(127)
    case .parent(let child): return child
    }
  }

  // MARK: commands

  private func kill(_ signal: ByteString, all: Bool = false) -> String {
    var options = KillOptions(id: "web")
    options.signal = signal
    options.all = all
    return answer(.kill(options))
  }

  private func delete(_ id: ByteString = "web", force: Bool = false, regex: Bool = false) -> String
  {
    var options = DeleteOptions(id: id)
    options.force = force
    options.regex = regex
    return answer(.delete(options))
  }

  /// The exit status, or the message of the failure.
  private func answer(_ command: Command) -> String {
    var global = GlobalOptions()
    global.root = root.path
    do throws(CommandFailure) {
      return String(try perform(command, global: global, log: Log()))
    } catch {
      // What engines search for stands first; what was found out follows it.
      let hint = error.report.map { $0.hint.isEmpty ? "" : "; " + $0.hint } ?? ""
      let cause = error.report.map { $0.cause.isEmpty ? "" : ": " + $0.cause } ?? ""
      #expect(error.message.hasSuffix(cause + hint))
      return error.message.dropLast(cause.count + hint.count).description
    }
  }
}
