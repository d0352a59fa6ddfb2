import Bytes
import CommandLine
import Commands
import Testing

@Suite("options of the life cycle")
struct LifecycleOptionTests {
  @Test("create, defaults")
  func createDefaults() throws {
    #expect(
      try creation("id")
        == CreateOptions(id: "id", bundle: "/work", config: "/work/config.json"))
  }

  @Test("create, every option")
  func createAll() throws {
    let options = try creation(
      """
      --bundle /b --config c.json --console-socket /c --pidfd-socket /d --pid-file /p --no-pivot \
      --no-new-keyring --preserve-fds 2 --no-subreaper id
      """)
    var expected = CreateOptions(id: "id", bundle: "/b", config: "/b/c.json")
    expected.consoleSocket = "/c"
    expected.pidfdSocket = "/d"
    expected.pidFile = "/p"
    expected.noPivot = true
    expected.noNewKeyring = true
    expected.preserveFds = 2
    #expect(options == expected)
    #expect(Command.create(options).preservedDescriptors == 2)
    #expect(try creation("-b /b -f c.json id").config == "/b/c.json")
    #expect(try creation("-b /b -f /c.json id").config == "/c.json")
  }

  @Test("containerd's create")
  func containerdCreate() throws {
    let options = try creation(
      "--bundle /b --pid-file /b/init.pid --console-socket /t/pty.sock --no-new-keyring id")
    #expect(options.bundle == "/b" && options.pidFile == "/b/init.pid")
    #expect(options.consoleSocket == "/t/pty.sock" && options.noNewKeyring)
  }

  @Test(
    "EN-3: relative paths are meant from the caller's directory",
    arguments: ["--pid-file p", "--pid-file ./p", "--pid-file=../work/p", "--pid-file ././/p"])
  func relativePath(line: String) throws {
    #expect(try creation(line + " id").pidFile == "/work/p")
  }

  @Test("EN-3: every path of create is made absolute")
  func relativePaths() throws {
    let options = try creation(
      "-b ../b --console-socket c --pidfd-socket d/e --pid-file ./p -f ../f id", in: "/a/w")
    #expect(options.bundle == "/a/b" && options.config == "/a/b/../f")
    #expect(options.consoleSocket == "/a/w/c" && options.pidfdSocket == "/a/w/d/e")
    #expect(options.pidFile == "/a/w/p")
  }

  @Test("EN-3: a vanished working directory is an error only where it is needed")
  func noDirectory() throws {
    #expect(try creation("--bundle /b id", in: nil).bundle == "/b")
    #expect(
      try mistake("create id", in: nil).message
        == "the working directory cannot be determined: name the bundle with `--bundle`")
    #expect(
      try mistake("create --bundle b id", in: "(unreachable)/x").message
        == "option `--bundle`: `b` is relative, and the working directory cannot be determined")
    guard case .state = try command("state id", in: nil) else { throw Unexpected("not state") }
  }

  @Test(
    "create, bad values",
    arguments: [
      ("--preserve-fds x id", "option `--preserve-fds`: `x` is not a number from 0 to 1048576"),
      ("--preserve-fds -1 id", "option `--preserve-fds`: `-1` is not a number from 0 to 1048576"),
      (
        "--preserve-fds 4294967296 id",
        "option `--preserve-fds`: `4294967296` is not a number from 0 to 1048576"
      ),
      ("--preserve-fds= id", "option `--preserve-fds`: `` is not a number from 0 to 1048576"),
      ("--bundle= id", "option `--bundle`: path is empty"),
      ("--pid-file= id", "option `--pid-file`: path is empty"),
      ("--config= id", "option `--config`: path is empty"),
      ("--detach id", "unknown option `--detach` of `create`"),
      ("--keep id", "unknown option `--keep` of `create`"),
    ])
  func createBad(line: String, message: String) throws {
    #expect(try mistake("create " + line).message.description == message)
  }

  @Test("run, every option")
  func run() throws {
    guard
      case .run(let options) = try command(
        "run -d --keep --no-subreaper --preserve-fds=3 --bundle /b id")
    else { throw Unexpected("not run") }
    #expect(options.detach && options.keep && options.noSubreaper)
    #expect(options.create.bundle == "/b" && options.create.preserveFds == 3)
    #expect(Command.run(options).preservedDescriptors == 3)
    guard case .run(let plain) = try command("run id") else { throw Unexpected("not run") }
    #expect(!plain.detach && !plain.keep && !plain.noSubreaper)
  }

  @Test("BuildKit's run")
  func buildKit() throws {
    guard
      case .run(let options) = try command(
        "--log /b/runc-log.json --log-format json run --bundle /b --no-pivot --keep id")
    else { throw Unexpected("not run") }
    #expect(options.keep && options.create.noPivot && !options.detach)
  }

  @Test("start, state, pause and resume take an id")
  func idOnly() throws {
    for name in ["start", "state", "pause", "resume"] {
      let id: ByteString =
        switch try command(name + " id") {
        case .start(let options): options.id
        case .state(let options): options.id
        case .pause(let options): options.id
        case .resume(let options): options.id
        default: "wrong command"
        }
      #expect(id == "id", "\(name)")
      #expect(try mistake(name + " --force id").message.hasPrefix("unknown option"), "\(name)")
    }
  }

  @Test(
    "kill",
    arguments: [
      ("id", "SIGTERM", false, false), ("id 9", "9", false, false),
      ("id KILL", "KILL", false, false),
      ("--all id 9", "9", true, false), ("-a id rtmin+3", "rtmin+3", true, false),
      ("-r id", "SIGTERM", false, true), ("--regex --all id", "SIGTERM", true, true),
    ])
  func kill(line: String, signal: String, all: Bool, regex: Bool) throws {
    guard case .kill(let options) = try command("kill " + line) else {
      throw Unexpected("not kill")
    }
    #expect(options.id == "id" && options.signal.description == signal)
    #expect(options.all == all && options.regex == regex)
  }

  @Test(
    "delete",
    arguments: [
      ("id", false, false), ("--force id", true, false), ("-f id", true, false),
      ("id --force", true, false), ("-r -f id", true, true), ("--force=false id", false, false),
    ])
  func delete(line: String, force: Bool, regex: Bool) throws {
    guard case .delete(let options) = try command("delete " + line) else {
      throw Unexpected("not delete")
    }
    #expect(options.id == "id" && options.force == force && options.regex == regex)
  }

  @Test("list")
  func list() throws {
    guard case .list(let plain) = try command("list") else { throw Unexpected("not list") }
    #expect(plain == ListOptions())
    guard case .list(let json) = try command("list -q --format=json") else {
      throw Unexpected("not list")
    }
    #expect(json.quiet && json.format == .json)
    guard case .list(let table) = try command("list -f json -f table") else {
      throw Unexpected("not list")
    }
    #expect(table.format == .table)
    #expect(
      try mistake("list -f yaml").message
        == "option `--format`: `yaml` is not one of table, json")
  }

  @Test("features and spec")
  func host() throws {
    guard case .features = try command("features") else { throw Unexpected("not features") }
    guard case .spec(let plain) = try command("spec") else { throw Unexpected("not spec") }
    #expect(plain == SpecOptions(file: "/work/config.json"))
    guard case .spec(let other) = try command("spec -b b -f x.json --rootless") else {
      throw Unexpected("not spec")
    }
    #expect(other.file == "/work/b/x.json" && other.rootless)
  }
}
