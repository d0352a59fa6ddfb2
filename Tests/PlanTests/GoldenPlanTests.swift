import Bytes
import Cgroups
import JSON
import Linux
import OCISpec
import TestSupport
import Testing

@testable import Plan

/// The configs of `spec-fixtures`, and what is made of each on a machine that no test has to run on.
///
/// After a wanted change: `APUS_UPDATE_GOLDEN=1 swift test --filter PlanTests`, and read the diff.
enum Golden {
  static var isUpdated: Bool { ProcessArguments.variable("APUS_UPDATE_GOLDEN") == "1" }

  /// The plan, or the line it is refused with.
  static func outcome(_ text: [UInt8]) -> ByteString {
    do throws(ConfigError) {
      return try CreatePlan.make(
        Config.decode(text), CreateRequest(id: "c", bundle: "/b", cgroupManager: .cgroupfs),
        host: host
      ).text
    } catch {
      return error.message + "\n"
    }
  }
}

@Suite("Plan: golden plans")
struct GoldenPlanTests {
  @Test(
    "OP-5: each good config comes to the plan beside it",
    arguments: try SpecFixtures.names(in: "good"))
  func good(name: String) throws {
    let plan = try Golden.outcome(SpecFixtures.read("good/\(name).json"))
    let path = "golden/\(name).plan"
    if Golden.isUpdated { try SpecFixtures.write(path, plan) }
    #expect(plan == ByteString(try SpecFixtures.read(path)))
  }

  @Test(
    "each of these configs comes to the exec beside it, of its own process",
    arguments: [
      "default", "default-rootless", "engine-podman", "process-terminal", "namespaces-none",
    ])
  func exec(name: String) throws {
    let config = try Config.decode(try SpecFixtures.read("good/\(name).json"))
    var machine = host
    if name.hasSuffix("rootless") { machine.effectiveUserID = 1000 }
    let plan = try ExecPlan.make(
      try #require(config.process), config: config, container: "c", keyring: "_ses.c",
      host: machine, pointer: "/process")
    let path = "golden/exec/\(name).plan"
    if Golden.isUpdated { try SpecFixtures.write(path, plan.text) }
    #expect(plan.text == ByteString(try SpecFixtures.read(path)))
  }

  @Test(
    "an exec comes to the same plan from what is read for it as from the whole configuration",
    arguments: try SpecFixtures.names(in: "good"))
  func partForExec(name: String) throws {
    func outcome(forExec: Bool) throws -> ByteString {
      let document = try Config.parsed(try SpecFixtures.read("good/\(name).json"))
      let config = try Config.read(document, forExec: forExec)
      #expect(!forExec || config.mounts.isEmpty)
      guard let process = config.process else { return "" }
      do throws(ConfigError) {
        return try ExecPlan.make(
          process, config: config, container: "c", keyring: "_ses.c", host: host,
          pointer: "/process"
        ).text
      } catch {
        return error.message
      }
    }
    #expect(try outcome(forExec: true) == outcome(forExec: false))
  }

  @Test("no golden plan is left of a config that has gone")
  func complete() throws {
    #expect(try SpecFixtures.names(in: "golden", ".plan") == SpecFixtures.names(in: "good"))
  }

  @Test(
    "VV-1: what only the plan can refuse is refused with its place and reason",
    arguments: try RefusedFixture.all("plan"))
  func bad(fixture: RefusedFixture) throws {
    let line = Golden.outcome(fixture.text)
    if !Golden.isUpdated { #expect(line == fixture.line + "\n") }
  }

  @Test("the lines of refusal are written down anew", .enabled(if: Golden.isUpdated))
  func update() throws {
    let lines = try RefusedFixture.all("plan").map { fixture in
      (fixture.name, Golden.outcome(fixture.text).dropLast(1))
    }
    try RefusedFixture.update("plan", Dictionary(uniqueKeysWithValues: lines))
  }

  @Test("a plan is a function of its arguments: the same twice")
  func stable() throws {
    let text = try SpecFixtures.read("good/default.json")
    #expect(Golden.outcome(text) == Golden.outcome(text))
  }
}
