import Bytes
import Cgroups
import JSON
import Linux
import OCISpec
import Testing

@testable import Plan

/// The configs of `spec-fixtures`, and what is made of each on a machine that no test has to run on.
///
/// After a wanted change: `APUS_UPDATE_GOLDEN=1 swift test --filter PlanTests`, and read the diff.
enum Golden {
  static let root = ByteString(
    "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/") + "/spec-fixtures/")

  static func names(in directory: ByteString, _ suffix: ByteString = ".json") throws -> [String] {
    let folder = try Handle.currentDirectory.open(root + directory, .directory)
    return try folder.handle.entries().map(\.name).filter { $0.hasSuffix(suffix) }
      .map { $0.dropLast(suffix.count).description }.sorted()
  }

  static func read(_ path: String) throws -> [UInt8] {
    let file = try Handle.currentDirectory.open(root + ByteString(path), .readOnly)
    return try file.handle.readAll(limit: JSONLimit.size)
  }

  static func write(_ path: String, _ text: ByteString) throws {
    let file = try Handle.currentDirectory.open(
      root + ByteString(path), [.writeOnly, .create, .truncate], mode: 0o644)
    try file.handle.writeAll(Array(text.bytes))
  }

  static var isUpdated: Bool { ProcessArguments.variable("APUS_UPDATE_GOLDEN") == "1" }

  /// The plan, or the line it is refused with.
  static func outcome(_ path: String) throws -> ByteString {
    do throws(ConfigError) {
      let config: Config
      do { config = try Config.decode(try read(path)) } catch let error as ConfigError {
        throw error
      } catch {
        Issue.record(error)
        return ""
      }
      return try CreatePlan.make(
        config, CreateRequest(id: "c", bundle: "/b", cgroupManager: .cgroupfs), host: host
      ).text
    } catch {
      return error.message + "\n"
    }
  }
}

@Suite("Plan: golden plans")
struct GoldenPlanTests {
  @Test(
    "OP-5: each good config comes to the plan beside it", arguments: try Golden.names(in: "good"))
  func good(name: String) throws {
    let plan = try Golden.outcome("good/\(name).json")
    let path = "golden/\(name).plan"
    if Golden.isUpdated { try Golden.write(path, plan) }
    #expect(plan == ByteString(try Golden.read(path)))
  }

  @Test(
    "each of these configs comes to the exec beside it, of its own process",
    arguments: [
      "default", "default-rootless", "engine-podman", "process-terminal", "namespaces-none",
    ])
  func exec(name: String) throws {
    let config = try Config.decode(try Golden.read("good/\(name).json"))
    var machine = host
    if name.hasSuffix("rootless") { machine.effectiveUserID = 1000 }
    let plan = try ExecPlan.make(
      try #require(config.process), config: config, container: "c", keyring: "_ses.c",
      host: machine, pointer: "/process")
    let path = "golden/exec/\(name).plan"
    if Golden.isUpdated { try Golden.write(path, plan.text) }
    #expect(plan.text == ByteString(try Golden.read(path)))
  }

  @Test("no golden plan is left of a config that has gone")
  func complete() throws {
    #expect(try Golden.names(in: "golden", ".plan") == Golden.names(in: "good"))
  }

  @Test(
    "VV-1: what only the plan can refuse is refused with its place and reason",
    arguments: try Golden.names(in: "bad/plan"))
  func bad(name: String) throws {
    let line = try Golden.outcome("bad/plan/\(name).json")
    let path = "bad/plan/\(name).error"
    if Golden.isUpdated { try Golden.write(path, line) }
    #expect(line == ByteString(try Golden.read(path)))
  }

  @Test("a plan is a function of its arguments: the same twice")
  func stable() throws {
    #expect(try Golden.outcome("good/default.json") == Golden.outcome("good/default.json"))
  }
}
