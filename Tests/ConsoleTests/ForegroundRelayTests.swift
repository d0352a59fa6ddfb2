import Bytes
import Console
import Glibc
import Linux
import Testing

@Suite("a program in the foreground", .serialized)
struct ForegroundRelayTests {
  @Test("the status is the program's, or 128 and the signal's number")
  func status() throws {
    #expect(try ForegroundRelay(spawn("exit 7"), master: nil).run() == .exited(7))
    let killed = try ForegroundRelay(spawn("kill -9 $$"), master: nil).run()
    #expect(killed == .signaled(9))
    #expect(killed.exitStatus == 137)
  }

  @Test("signals go on to the program, also those that came before it could get them")
  func signals() throws {
    let mask = try Signals.blockAll()
    let child = try spawn("trap 'exit 42' USR1; while :; do sleep 0.05; done")
    // Not before the shell has its trap.
    Clock.sleep(milliseconds: 300)
    pthread_kill(pthread_self(), SIGURG)
    pthread_kill(pthread_self(), SIGWINCH)
    pthread_kill(pthread_self(), SIGUSR1)
    let end = try ForegroundRelay(child, master: nil).run()
    try Signals.setMask(mask)
    #expect(end == .exited(42))
  }

  @Test("both ways through the terminals, and the caller's is as it was before")
  func bothWays() throws {
    let caller = try hostPty()
    try Terminal.setSize(caller.peer.handle, rows: 11, columns: 22)
    let container = try hostPty()
    let child = try spawn(
      "read word; stty size; echo got $word; printf last", on: container.peer.handle)
    try caller.master.handle.writeAll(Array("hello\r".utf8))
    let end = try relay(child, container, caller)
    #expect(end == .exited(0))
    let shown = try text(caller.master.handle)
    #expect(shown.contains("11 22\r\n"))
    #expect(shown.contains("got hello\r\n"))
    #expect(shown.hasSuffix("last"))
    // It echoes again, as no raw terminal does.
    try caller.master.handle.writeAll(Array("z".utf8))
    #expect(try text(caller.master.handle) == "z")
  }

  @Test("EN-I: the end of the caller's input is the end of the program's")
  func endOfInput() throws {
    let container = try hostPty()
    let child = try spawn("stty -echo; cat; echo done", on: container.peer.handle)
    let reading = try pipe(holding: "line\n")
    let null = SharedDescriptor(try Handle.currentDirectory.open("/dev/null", .readWrite))
    var streams = CallerStreams()
    streams.input = reading.handle
    streams.output = null.handle
    #expect(
      try ForegroundRelay(child, master: container.master, streams: streams).run() == .exited(0))
  }

  @Test("a program that does not read, and a caller that does not, hold up nothing")
  func noDeadlock() throws {
    let container = try hostPty()
    // More than any terminal holds, in both directions.
    let child = try spawn(
      "stty raw -echo; head -c 300000 /dev/zero; head -c 300000 >/dev/null",
      on: container.peer.handle)
    let (input, feeding) = try makePipe()
    let (draining, output) = try makePipe()
    let feeder = try copier("head -c 400000 /dev/zero", from: nil, to: feeding.handle)
    let drainer = try copier("sleep 0.3; cat >/dev/null", from: draining.handle, to: nil)
    var streams = CallerStreams()
    streams.input = input.handle
    streams.output = output.handle
    let end = try ForegroundRelay(child, master: container.master, streams: streams).run()
    #expect(end == .exited(0))
    for process in [feeder, drainer] {
      try process.send(.kill)
      _ = try process.wait()
    }
  }

  @Test("a caller that no longer reads does not end the program")
  func readerGone() throws {
    let container = try hostPty()
    let child = try spawn("echo one; echo two; exit 5", on: container.peer.handle)
    let (_, output) = try makePipe()
    let null = SharedDescriptor(try Handle.currentDirectory.open("/dev/null", .readOnly))
    var streams = CallerStreams()
    streams.input = null.handle
    streams.output = output.handle
    let mask = try Signals.blockAll()
    let end = try ForegroundRelay(child, master: container.master, streams: streams).run()
    // One may be pending that the relay had no time to take.
    try Signals.ignore(.pipe)
    try Signals.setMask(mask)
    #expect(end == .exited(5))
  }

  private func relay(_ child: ProcessHandle, _ container: Pty, _ caller: Pty) throws(SyscallError)
    -> ProcessEnd
  {
    var streams = CallerStreams()
    streams.input = caller.peer.handle
    streams.output = caller.peer.handle
    return try ForegroundRelay(child, master: container.master, streams: streams).run()
  }

  private func pipe(holding text: String) throws(SyscallError) -> SharedDescriptor {
    let (reading, writing) = try makePipe()
    try writing.handle.writeAll(Array(text.utf8))
    return reading
  }

  /// What is there now.
  private func text(_ master: Handle) throws(SyscallError) -> String {
    var bytes = [UInt8]()
    while try !Polling.wait([(master, .input)], milliseconds: 200)[0].isEmpty {
      bytes += try master.read(upTo: 4096)
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private func copier(_ script: ByteString, from input: Handle?, to output: Handle?)
    throws(SyscallError) -> ProcessHandle
  {
    let image = ExecutableImage(
      arguments: ["sh", "-c", script], environment: ["PATH=/usr/bin:/bin"])
    switch try ThisProcess.fork() {
    case .child:
      do throws(SyscallError) {
        try input?.duplicate(onto: 0)
        try output?.duplicate(onto: 1)
        try DescriptorRange.close(from: 3)
        _ = image.execute("/bin/sh")
      } catch {
        // Told by the status.
      }
      ThisProcess.exit(126)
    case .parent(let child): return child
    }
  }
}
