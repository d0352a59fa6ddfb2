import Bytes
import Hooks
import Linux
import OCISpec
import TestSupport
import Testing

@Suite("hooks as run")
struct HookRunnerTests {
  /// Where hooks leave what they saw.
  private let scratch: TemporaryDirectory
  private let directory: SharedDescriptor

  init() throws {
    scratch = try TemporaryDirectory()
    directory = try scratch.open()
  }

  @Test("HK-6 ST-4: the State document and then the end of the file on standard input")
  func state() throws {
    let text = [UInt8](repeating: UInt8(ascii: "x"), count: 300_000)
    try run("cat >out; cat >>out", state: text)
    #expect(try scratch.bytes("out") == text)
  }

  @Test("HK-6: a hook that does not read its input succeeds, however long that is")
  func unread() throws {
    try run("exec <&-; exit 0", state: [UInt8](repeating: 1, count: 1 << 20))
  }

  @Test("HK-3: the configured environment, else that of the caller, else none")
  func environment() throws {
    let script = "exec 2>/dev/null; /usr/bin/env | grep -v -e ^PWD= -e ^SHLVL= -e ^_= >out; :"
    try run(script, env: ["A=1", "B=x y"], inherited: ["C=2"])
    #expect(try scratch.read("out") == "A=1\nB=x y\n")
    try run(script, inherited: ["C=2"])
    #expect(try scratch.read("out") == "C=2\n")
    try run(script, env: [], inherited: ["C=2"])
    #expect(try scratch.read("out") == "")
  }

  @Test("HK-2: argv as given, the path apart from it")
  func arguments() throws {
    let hook = Hook(
      path: "/bin/sh", args: ["name of its own", "-c", "echo \"$0|$1\" >out", "zero", "one"])
    try run([hook])
    #expect(try scratch.read("out") == "zero|one\n")
  }

  @Test("HK-10: three descriptors, a group of its own, no signal ignored or blocked")
  func clean() throws {
    let leak = try Handle.currentDirectory.open("/", [.path, .directory])
    try leak.handle.keepOnExec()
    try run(
      """
      ls -1 /proc/self/fd | wc -l >fds
      cut -d' ' -f1,5 /proc/$$/stat >group
      grep -E '^Sig(Blk|Ign)' /proc/$$/status | cut -f2 >signals
      """)
    leak.close()
    // The three and the one that lists them.
    #expect(try scratch.read("fds").description.split(separator: "\n") == ["4"])
    let group = try scratch.read("group").description.split(whereSeparator: {
      $0 == " " || $0 == "\n"
    })
    #expect(group.count == 2 && group.first == group.last)
    #expect(try scratch.read("signals") == "0000000000000000\n0000000000000000\n")
  }

  @Test("HK-7: the failure names kind, index, status and the hook's last line")
  func status() {
    #expect(
      failure([sh("true"), sh("echo one >&2; echo two; echo >&2; exit 3")])
        == "hook /hooks/createRuntime/1 `/bin/sh` `-c` `echo one >&2; echo two; echo >&2; exit 3`:"
        + " exited with status 3 after N ms: two")
    #expect(
      failure([sh("exit 255")])
        == "hook /hooks/createRuntime/0 `/bin/sh` `-c` `exit 255`:"
        + " exited with status 255 after N ms")
    #expect(
      failure([sh("kill -9 $$")])
        == "hook /hooks/createRuntime/0 `/bin/sh` `-c` `kill -9 $$`: killed by signal 9 after N ms")
  }

  @Test("a failure shows the hook's arguments: so many and so much of each that a line holds them")
  func shownArguments() {
    let long = ByteString([UInt8](repeating: UInt8(ascii: "a"), count: 3000))
    let arguments: [ByteString] = ["false", long, "1", "2", "3", "4", "5", "6"]
    let text = failure([Hook(path: "/bin/false", args: arguments)])
    #expect(text.contains(" `/bin/false` `aaa"))
    #expect(text.contains(" `5` ...: exited with status 1 after N ms"))
    #expect(text.utf8.count < 300)
    #expect(failure([Hook(path: "/bin/false", args: ["x", "a\nb"])]).contains("`a\\x0ab`: exited"))
  }

  @Test("HK-7: what cannot be executed has failed, in words that name no missing program")
  func missing() throws {
    #expect(
      failure([Hook(path: "/nowhere/hook")])
        == "hook /hooks/createRuntime/0 `/nowhere/hook`: execve failed with ENOENT")
    try scratch.write("plain", "no program")
    #expect(failure([Hook(path: scratch.path + "/plain")]).hasSuffix("execve failed with EACCES"))
  }

  @Test("HK-7: a last line makes no second line and no long one")
  func words() {
    let noisy = failure([sh("printf '\\033[2Jx'; exit 1")])
    #expect(noisy.hasSuffix(": \\x1b[2Jx"))
    let long = failure([sh("head -c 1000000 /dev/zero | tr '\\0' a; exit 1")])
    #expect(long.utf8.count < 800)
    #expect(long.hasSuffix("aaa..."))
  }

  @Test("HK-5: when its time is up, the hook and its children die")
  func timeout() throws {
    let start = Clock.monotonicNanoseconds
    let text = failure([
      sh("(sleep 2; echo late >late) & echo waiting; sleep 100", timeout: 1)
    ])
    #expect(text.hasSuffix("`: timed out after 1 s: waiting"))
    #expect((Clock.monotonicNanoseconds - start) / 1_000_000_000 < 30)
    Clock.sleep(milliseconds: 2500)
    #expect(throws: SyscallError.self) { try scratch.read("late") }
  }

  @Test("HK-5: a hook that is done in time is not touched")
  func inTime() throws {
    try run([sh("sleep 0.1; echo done >out", timeout: 60)])
    #expect(try scratch.read("out") == "done\n")
  }

  @Test("a daemon that a hook leaves behind does not hold it up")
  func daemon() throws {
    let start = Clock.monotonicNanoseconds
    try run([sh("sleep 5 & exit 0")])
    #expect((Clock.monotonicNanoseconds - start) / 1_000_000_000 < 4)
  }

  @Test("HK-6 HK-7: in order, up to the first failure")
  func order() throws {
    #expect(
      failure([sh("echo 1 >>out"), sh("echo 2 >>out; exit 1"), sh("echo 3 >>out")])
        .contains("/hooks/createRuntime/1 "))
    #expect(try scratch.read("out") == "1\n2\n")
  }

  @Test("HK-9 LC-13: poststop hooks run whatever became of the one before")
  func each() throws {
    let plan = try HookPlan(
      HooksSection(poststop: [sh("echo 1 >>out; exit 1"), sh("echo 2 >>out"), Hook(path: "/none")]))
    var failed = [Int]()
    runner().runEach(plan.hooks) { if let failure = $0 { failed.append(failure.hook.index) } }
    #expect(failed == [0, 2])
    #expect(try scratch.read("out") == "1\n2\n")
  }

  private func sh(_ script: String, env: [ByteString]? = nil, timeout: Int64? = nil) -> Hook {
    Hook(
      path: "/bin/sh", args: ["sh", "-c", ByteString(script)], env: env, timeout: timeout)
  }

  private func runner(state: [UInt8] = [], inherited: [ByteString] = ["PATH=/usr/bin:/bin"])
    -> HookRunner
  {
    HookRunner(state: state, environment: inherited, directory: directory)
  }

  private func run(
    _ script: String, state: [UInt8] = [], env: [ByteString]? = nil,
    inherited: [ByteString] = ["PATH=/usr/bin:/bin"]
  ) throws {
    let plan = try HookPlan(HooksSection(createRuntime: [sh(script, env: env)]))
    try runner(state: state, inherited: inherited).run(plan.hooks)
  }

  private func run(_ hooks: [Hook]) throws {
    try runner().run(try HookPlan(HooksSection(createRuntime: hooks)).hooks)
  }

  private func failure(_ hooks: [Hook]) -> String {
    do {
      try run(hooks)
      return "succeeded"
    } catch let error as HookFailure {
      // How long it ran differs from run to run.
      let duration = " after " + ByteString(decimal: error.duration) + " ms"
      return error.message.description.split(
        separator: duration.description, omittingEmptySubsequences: false
      ).joined(separator: " after N ms")
    } catch {
      return "\(error)"
    }
  }
}
