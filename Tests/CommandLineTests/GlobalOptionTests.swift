import Bytes
import CommandLine
import Commands
import Report
import Testing

@Suite("global options")
struct GlobalOptionTests {
  @Test("defaults")
  func defaults() throws {
    #expect(try global("") == GlobalOptions())
    #expect(try global("").root == nil)
    #expect(try global("").cgroupManager == nil)
  }

  @Test("containerd's prefix")
  func containerd() throws {
    let global = try global(
      "--root /run/containerd/runc/default --log /b/log.json --log-format json --systemd-cgroup")
    #expect(global.root == "/run/containerd/runc/default")
    #expect(global.log == .file("/b/log.json"))
    #expect(global.logFormat == .json && global.logLevel == nil)
    #expect(global.cgroupManager == .systemd)
  }

  @Test("conmon's prefix")
  func conmon() throws {
    let global = try global(
      "--systemd-cgroup --log-format=json --log /run/oci-log --cgroup-manager disabled")
    #expect(global.cgroupManager == .disabled && global.logFormat == .json)
  }

  @Test("conmon-rs repeats options and names the journal")
  func conmonRS() throws {
    let global = try global(
      "--log=journald:id --log-level=debug --root=/a --systemd-cgroup --root=/b --systemd-cgroup")
    #expect(global.log == .journal("id") && global.logLevel == .debug)
    #expect(global.root == "/b" && global.cgroupManager == .systemd)
  }

  @Test(
    "cgroup managers; the named one wins over --systemd-cgroup",
    arguments: [
      ("--cgroup-manager cgroupfs", CgroupManagerChoice.cgroupfs),
      ("--cgroup-manager=systemd", .systemd), ("--cgroup-manager disabled", .disabled),
      ("-s", .systemd), ("--systemd-cgroup", .systemd), ("--systemd-cgroup=false", .cgroupfs),
      ("--cgroup-manager cgroupfs --systemd-cgroup", .cgroupfs),
    ])
  func cgroupManager(line: String, manager: CgroupManagerChoice) throws {
    #expect(try global(line).cgroupManager == manager)
  }

  @Test(
    "log destinations",
    arguments: [
      ("/a/log", LogDestination.file("/a/log")), ("log", .file("/work/log")),
      ("file:log", .file("/work/log")), ("journald:me", .journal("me")),
      ("syslog:me", .syslog("me")), ("syslog:", .syslog("")),
    ])
  func log(value: String, destination: LogDestination) throws {
    #expect(try global("--log \(value)").log == destination)
  }

  @Test("rootless and log levels")
  func words() throws {
    #expect(try global("--rootless true").rootless == .yes)
    #expect(try global("--rootless=false").rootless == .no)
    #expect(try global("--rootless auto").rootless == .automatic)
    #expect(try global("--log-level warning").logLevel == .warning)
    #expect(try global("--log-level error --debug").logLevel == .debug)
  }

  @Test(
    "bad values",
    arguments: [
      ("--log-format xml", "option `--log-format`: `xml` is not one of text, json"),
      ("--log-level loud", "option `--log-level`: `loud` is not one of error, warning, debug"),
      (
        "--cgroup-manager none",
        "option `--cgroup-manager`: `none` is not one of cgroupfs, systemd, disabled"
      ),
      ("--rootless maybe", "option `--rootless`: `maybe` is not one of auto, true, false"),
      ("--root /", "option `--root`: `/` cannot hold state"),
      ("--root //.", "option `--root`: `/` cannot hold state"),
      ("--root=", "option `--root`: path is empty"),
      ("--log=", "option `--log`: path is empty"),
    ])
  func badValues(line: String, message: String) throws {
    #expect(try mistake(line + " list").message.description == message)
  }

  @Test("EN-6: a mistake is logged where the options before it say")
  func mistakeKeepsLog() throws {
    for line in [
      "--log /l --log-format json --nope list", "--log /l --log-format json --root / list",
      "--log /l --log-format json frobnicate", "--log /l --log-format json create",
      "--log /l --log-format json --log-level loud list",
    ] {
      let global = try mistake(line).global
      #expect(global.log == .file("/l") && global.logFormat == .json, "\(line)")
    }
  }

  @Test("--version in its three spellings", arguments: ["--version", "-v", "-V"])
  func version(option: String) throws {
    guard case .printVersion = try parse(option).action else { throw Unexpected("no version") }
    guard case .printVersion = try parse(option + " list").action else {
      throw Unexpected("no version")
    }
  }

  @Test("the word `version` stands in the first line only")
  func versionText() {
    let lines = Version.text.description.split(separator: "\n")
    #expect(lines[0] == "apus version 0.1.0")
    #expect(lines[1] == "spec: 1.3.0")
    #expect(lines[2].split(separator: " ").contains("+SECCOMP"))
    #expect(lines.dropFirst().allSatisfy { !$0.lowercased().contains("version") })
  }
}
