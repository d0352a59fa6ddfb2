import Bytes
import CommandLine
import Commands
import Report
import Testing

/// How arguments are read: the rules of runc's command line, which engines were written against.
@Suite("parsing rules")
struct ParsingRuleTests {
  @Test(
    "EN-1: a value follows in the next argument or after `=`, with one dash or two",
    arguments: [
      "--root /r", "--root=/r", "-root /r", "-root=/r",
      "--root /old --root /r", "--root=/old -root /r",
    ])
  func valueForms(line: String) throws {
    #expect(try global(line).root == "/r")
  }

  @Test(
    "EN-1: a flag may carry a value",
    arguments: [
      ("--debug", LogLevel?.some(.debug)), ("--debug=true", .debug), ("--debug=1", .debug),
      ("--debug=t", .debug), ("-debug=TRUE", .debug), ("--debug=false", nil),
      ("--debug=0", nil), ("--debug=f", nil), ("--debug --debug=false", nil),
    ])
  func flagValues(line: String, level: LogLevel?) throws {
    #expect(try global(line).logLevel == level)
  }

  @Test("EN-1: anything else as a flag's value is refused")
  func wrongFlagValue() throws {
    #expect(
      try mistake("--debug=perhaps list").message
        == "option `--debug`: `perhaps` is not true or false")
    #expect(try mistake("--debug= list").message == "option `--debug`: `` is not true or false")
  }

  @Test("EN-1: a flag does not take the next argument")
  func flagTakesNothing() throws {
    guard case .delete(let options) = try command("delete --force false") else {
      throw Unexpected("not delete")
    }
    #expect(options.force && options.id == "false")
  }

  @Test("EN-1: a repeated scalar takes the last value, a list takes all")
  func repetition() throws {
    #expect(try creation("--bundle /a -b /b id").bundle == "/b")
    #expect(try execution("-e A=1 --env B=2 id sh").environment == ["A=1", "B=2"])
  }

  @Test("a comma does not separate the values of a list")
  func comma() throws {
    #expect(try execution("--env A=1,2 id sh").environment == ["A=1,2"])
  }

  @Test("a value is taken as it is, even if it looks like an option")
  func valueLikeOption() throws {
    #expect(try creation("--pid-file --bundle id").pidFile == "/work/--bundle")
    #expect(try creation("--pid-file=a=b id").pidFile == "/work/a=b")
  }

  @Test(
    "options may follow the id of most commands",
    arguments: [
      "create id --bundle /b", "create id -b=/b", "create --bundle /a id -bundle /b",
    ])
  func optionsAfterID(line: String) throws {
    guard case .create(let options) = try command(line) else { throw Unexpected("not create") }
    #expect(options.id == "id" && options.bundle == "/b")
  }

  @Test("after the id of exec, kill and ps everything is an operand")
  func operandsAfterID() throws {
    let exec = try execution("id --tty -e A=1 --help")
    #expect(exec.arguments == ["--tty", "-e", "A=1", "--help"])
    #expect(!exec.tty && exec.environment.isEmpty)
    guard case .kill(let kill) = try command("kill id --all") else { throw Unexpected("not kill") }
    #expect(!kill.all && kill.signal == "--all")
    guard case .ps(let ps) = try command("ps id -o pid") else { throw Unexpected("not ps") }
    #expect(ps.arguments == ["-o", "pid"])
  }

  @Test("`--` ends the options, and goes away after the id of exec")
  func endOfOptions() throws {
    guard case .delete(let delete) = try command("delete -- --force") else {
      throw Unexpected("not delete")
    }
    #expect(delete.id == "--force" && !delete.force)
    #expect(try mistake("delete -- id --force").message.hasSuffix("unexpected argument: `--force`"))
    #expect(try execution("id -- cmd -x").arguments == ["cmd", "-x"])
    #expect(try execution("id -- -- cmd").arguments == ["--", "cmd"])
    #expect(try execution("id cmd -- x").arguments == ["cmd", "--", "x"])
    #expect(try execution("-- -id cmd").id == "-id")
    guard case .kill(let kill) = try command("kill id -- 9") else { throw Unexpected("not kill") }
    #expect(kill.signal == "9")
    guard case .list = try command("--debug -- list") else { throw Unexpected("not list") }
  }

  @Test("a single dash is an operand")
  func singleDash() throws {
    #expect(try creation("-").id == "-")
  }

  @Test(
    "unknown options are refused where they stand",
    arguments: [
      ("--nope list", "unknown option `--nope` of `apus`"),
      ("list -x", "unknown option `-x` of `list`"),
      ("list --nope=1", "unknown option `--nope` of `list`"),
      ("list ---quiet", "unknown option `---quiet` of `list`: did you mean `--quiet`?"),
      ("list -=1", "unknown option `-` of `list`"),
      ("create --root /r id", "unknown option `--root` of `create`: it belongs before the command"),
      ("--bundle /b create id", "unknown option `--bundle` of `apus`"),
      ("list --no\nwarning", "unknown option `--no\\x0awarning` of `list`"),
    ])
  func unknownOption(line: String, message: String) throws {
    #expect(try mistake(line).message.description == message)
  }

  @Test(
    "an option that is misspelt names the one that was meant",
    arguments: [
      ("run --bundel /b id", "unknown option `--bundel` of `run`: did you mean `--bundle`?"),
      (
        "--log-fromat json list",
        "unknown option `--log-fromat` of `apus`: did you mean `--log-format`?"
      ),
      ("exec -it id sh", "unknown option `-it` of `exec`: did you mean `--tty`?"),
      (
        "list --format jsn",
        "option `--format`: `jsn` is not one of table, json: did you mean `json`?"
      ),
    ])
  func misspeltOption(line: String, message: String) throws {
    #expect(try mistake(line).message.description == message)
  }

  @Test("an unknown command is a mistake, and so is none at all")
  func commandWord() throws {
    #expect(try mistake("frobnicate id").message == "unknown command `frobnicate`")
    #expect(try mistake("strat id").message == "unknown command `strat`: did you mean `start`?")
    #expect(try mistake("rm id").message == "unknown command `rm`: did you mean `delete`?")
    #expect(try mistake("").message == "no command is given")
    #expect(try mistake("--debug").message == "no command is given")
    #expect(try mistake("--root list").message == "no command: `--root` took `list` as its value")
  }

  @Test(
    "EN-4: an option without its value says `requires an argument`",
    arguments: [
      "--root", "create --bundle", "exec -e", "restore --lsm-mount-context", "ps -f",
      "restore --bundle /b --lsm-mount-context",
    ])
  func missingValue(line: String) throws {
    #expect(try mistake(line).message.hasSuffix("` requires an argument"))
  }

  @Test(
    "too few and too many operands show the usage",
    arguments: [
      ("create", "`create` needs ID"), ("create a b", "`create` got an unexpected argument: `b`"),
      ("start", "`start` needs ID"), ("start a b", "`start` got an unexpected argument: `b`"),
      ("run", "`run` needs ID"), ("run a b", "`run` got an unexpected argument: `b`"),
      ("state", "`state` needs ID"), ("state a b", "`state` got an unexpected argument: `b`"),
      ("delete -f", "`delete` needs ID"),
      ("delete a b", "`delete` got an unexpected argument: `b`"),
      ("pause", "`pause` needs ID"), ("pause a b", "`pause` got an unexpected argument: `b`"),
      ("resume", "`resume` needs ID"), ("resume a b", "`resume` got an unexpected argument: `b`"),
      ("kill", "`kill` needs ID [SIGNAL]"),
      ("kill a 9 c", "`kill` got an unexpected argument: `c`"),
      ("ps", "`ps` needs ID [PS-ARGUMENT...]"),
      ("exec", "`exec` needs ID [COMMAND [ARGUMENT...]]"),
      ("list a", "`list` got an unexpected argument: `a`"),
      ("spec a", "`spec` got an unexpected argument: `a`"),
      ("features a", "`features` got an unexpected argument: `a`"),
      ("help a b", "`help` got an unexpected argument: `b`"),
    ])
  func operandCount(line: String, message: String) throws {
    let mistake = try mistake(line)
    #expect(mistake.message.description == message)
    let name = line.prefix { $0 != " " }
    #expect(mistake.usage.description.hasPrefix("usage: apus [GLOBAL OPTIONS] \(name)"))
    #expect(mistake.usage.hasSuffix("\n"))
  }

  @Test("EN-2: options without effect are accepted and noted")
  func ignoredOptions() throws {
    let containerd = try parse("create --no-subreaper id")
    #expect(containerd.notes == ["option `--no-subreaper` is ignored"])
    #expect(try parse("--rootless=true run --no-subreaper id").notes.isEmpty)
  }
}
