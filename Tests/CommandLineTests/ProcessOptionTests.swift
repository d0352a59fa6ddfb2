import Bytes
import CommandLine
import Commands
import Testing

@Suite("options about processes and limits")
struct ProcessOptionTests {
  @Test("exec, defaults")
  func execDefaults() throws {
    var expected = ExecOptions(id: "id")
    expected.arguments = ["sh"]
    #expect(try execution("id sh") == expected)
  }

  @Test("exec, every option")
  func execAll() throws {
    var expected = ExecOptions(id: "id")
    expected.detach = true
    expected.pidFile = "/work/p"
    expected.consoleSocket = "/work/c"
    expected.pidfdSocket = "/work/d"
    expected.tty = true
    expected.cwd = "srv"
    expected.environment = ["A=1", "B="]
    expected.user = ExecUser(uid: 1000, gid: 100)
    expected.additionalGids = [5, 4_294_967_294]
    expected.capabilities = ["CAP_KILL", "net_raw"]
    expected.noNewPrivileges = true
    expected.processLabel = "l"
    expected.apparmorProfile = "a"
    expected.preserveFds = 1
    expected.cgroups = ["a", "cpu:b"]
    expected.ignorePaused = true
    expected.arguments = ["sh", "-c", "x"]
    let options = try execution(
      """
      -d --pid-file p --console-socket c --pidfd-socket d -t --cwd srv -e A=1 --env B= \
      -u 1000:100 -g 5 --additional-gids 4294967294 -c CAP_KILL --cap net_raw --no-new-privs \
      --process-label l --apparmor a --preserve-fds 1 --cgroup a --cgroup cpu:b --ignore-paused \
      id sh -c x
      """)
    #expect(options == expected)
    #expect(Command.exec(options).preservedDescriptors == 1)
    #expect(try execution("--no-new-privs=false id sh").noNewPrivileges == false)
    #expect(try execution("--tty=true id sh").tty)
  }

  @Test("with a process file other options and arguments mean nothing")
  func execProcess() throws {
    var expected = ExecOptions(id: "id")
    expected.process = "/work/p.json"
    expected.pidFile = "/e.pid"
    expected.detach = true
    #expect(
      try execution("--pid-file /e.pid --process p.json --detach --tty -e X id ignored") == expected
    )
    #expect(try execution("-p p.json --detach --pid-file=/e.pid id") == expected)
  }

  @Test("conmon-rs' exec")
  func conmonRS() throws {
    let options = try execution("-d --console-socket=/s --tty --pid-file=/p id ls -l")
    #expect(options.detach && options.tty && options.arguments == ["ls", "-l"])
  }

  @Test(
    "exec, bad values",
    arguments: [
      ("id", "`exec` needs a command, or `--process` with a file"),
      ("-e A id sh", "option `--env`: `A` is not NAME=VALUE"),
      ("-e =1 id sh", "option `--env`: `=1` is not NAME=VALUE"),
      (
        "-u root id sh",
        "option `--user`: `root` is not UID or UID:GID: names are not looked up in the container, write the number"
      ),
      ("-u 1: id sh", "option `--user`: `1:` is not UID or UID:GID"),
      ("-u :1 id sh", "option `--user`: `:1` is not UID or UID:GID"),
      ("-u 1:2:3 id sh", "option `--user`: `1:2:3` is not UID or UID:GID"),
      ("-u 4294967295 id sh", "option `--user`: `4294967295` is not UID or UID:GID"),
      ("-u 4294967296 id sh", "option `--user`: `4294967296` is not UID or UID:GID"),
      ("-u -1 id sh", "option `--user`: `-1` is not UID or UID:GID"),
      (
        "-g users id sh", "option `--additional-gids`: `users` is not a number from 0 to 4294967294"
      ),
      ("--process= id", "option `--process`: path is empty"),
    ])
  func execBad(line: String, message: String) throws {
    #expect(try mistake("exec " + line).message.description == message)
  }

  @Test("ps")
  func ps() throws {
    guard case .ps(let plain) = try command("ps id") else { throw Unexpected("not ps") }
    #expect(plain == PsOptions(id: "id"))
    guard case .ps(let json) = try command("ps --format json id") else {
      throw Unexpected("not ps")
    }
    #expect(json.format == .json && json.arguments.isEmpty)
    guard case .ps(let table) = try command("ps id -ef -o pid") else { throw Unexpected("not ps") }
    #expect(table.arguments == ["-ef", "-o", "pid"])
    #expect(try mistake("ps -f csv id").message.hasPrefix("option `--format`: `csv`"))
  }

  @Test("what engines send to checkpoint and restore is read")
  func checkpoint() throws {
    let podman = try command(
      "checkpoint --image-path i --work-path /w --leave-running --leave-running --tcp-established"
        + " --file-locks --parent-path ../pre id")
    guard case .checkpoint(let options) = podman else { throw Unexpected("not checkpoint") }
    #expect(options.images.images.hasSuffix("/i") && options.images.work == "/w")
    #expect(options.images.flags == ["tcp-established", "file-locks", "leave-running"])
    #expect(options.images.parent == "../pre")
    let containerd = try command(
      "restore --image-path /i --work-path /w --parent-path p --detach --pid-file f --no-pivot"
        + " -no-subreaper --bundle /b --empty-ns network id")
    guard case .restore(let restored) = containerd else { throw Unexpected("not restore") }
    #expect(restored.detach && restored.noSubreaper && restored.create.bundle == "/b")
    #expect(restored.create.config == "/b/config.json")
    #expect(
      try mistake("checkpoint --parent-path /p id").message
        == "option `--parent-path`: `/p` is not relative to --image-path")
  }

  @Test("mounts: its three forms, and what is none")
  func mounts() throws {
    var expected = MountsOptions(id: "id")
    guard case .mounts(let list) = try command("mounts list id") else { throw Unexpected("list") }
    #expect(list == expected)
    (expected.action, expected.file, expected.force) = (.remove, "/work/f", true)
    guard case .mounts(let remove) = try command("mounts remove --force id f") else {
      throw Unexpected("remove")
    }
    #expect(remove == expected)
    guard case .mounts(let add) = try command("mounts add id -") else { throw Unexpected("add") }
    #expect(add.action == .add && add.file == nil)
    for line in ["mounts add id", "mounts list id f", "mounts swap id f"] {
      #expect(try mistake(line).message.hasPrefix("`mounts"))
    }
  }

  @Test(
    "values of later commands are checked all the same",
    arguments: [
      ("update --memory 1x id", "option `--memory`: `1x` is not a size such as 64m, nor -1"),
      ("update --cpu-quota 1.5 id", "option `--cpu-quota`: `1.5` is not a whole number"),
      (
        "events --interval 0s id",
        "option `--interval`: `0s` is not a time such as 5s or 100ms, up to a year"
      ),
      (
        "checkpoint --manage-cgroups-mode x id",
        "option `--manage-cgroups-mode`: `x` is not one of soft, full, strict, ignore"
      ),
    ])
  func laterBad(line: String, message: String) throws {
    #expect(try mistake(line).message.description == message)
  }

  @Test(
    "sizes",
    arguments: [
      ("0", 0), ("512", 512), ("512b", 512), ("1k", 1024), ("2M", 2_097_152), ("3g", 3_221_225_472),
      ("1T", 1_099_511_627_776), ("-1", -1), ("9223372036854775807", Int64.max), ("8388608t", nil),
      ("", nil), ("m", nil), ("-2", nil), ("1.5g", nil), ("1gb", nil), ("0x10", nil),
      ("9223372036854775808", nil), ("01", nil), (" 1", nil),
    ])
  func sizes(text: String, bytes: Int64?) {
    #expect(Quantity.size(ByteString(text)) == bytes)
  }

  @Test(
    "durations",
    arguments: [
      ("5s", 5_000_000_000), ("100ms", 100_000_000), ("1m30s", 90_000_000_000),
      ("2h", 7_200_000_000_000), ("7us", 7000), ("3ns", 3), ("5", nil), ("", nil), ("0s", nil),
      ("-5s", nil), ("s", nil), ("5x", nil), ("9999999999h", nil), ("1.5s", nil),
      ("8760h", 31_536_000_000_000_000), ("8760h1ns", nil), ("2562047h", nil),
      ("9223372036854775807ns", nil),
    ] as [(String, Int64?)])
  func durations(text: String, nanoseconds: Int64?) {
    #expect(Quantity.duration(ByteString(text)) == nanoseconds)
  }
}
