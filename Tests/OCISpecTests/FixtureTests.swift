import Bytes
import JSON
import Linux
import OCISpec
import Testing

/// The configs of `spec-fixtures`: each bad one has the line it is refused with beside it.
private enum Fixtures {
  static let root = ByteString(
    "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/") + "/spec-fixtures/")

  static func names(in directory: ByteString) throws -> [String] {
    let folder = try Handle.currentDirectory.open(root + directory, .directory)
    return try folder.handle.entries().map(\.name).filter { $0.hasSuffix(".json") }
      .map { $0.dropLast(5).description }.sorted()
  }

  static func text(_ path: String) throws -> [UInt8] {
    let file = try Handle.currentDirectory.open(root + ByteString(path), .readOnly)
    return try file.handle.readAll(limit: JSONLimit.size)
  }
}

@Suite("spec-fixtures")
struct FixtureTests {
  @Test("OP-5: every good config decodes", arguments: try Fixtures.names(in: "good"))
  func good(name: String) throws {
    _ = try Config.decode(Fixtures.text("good/\(name).json"))
  }

  @Test(
    "VV-1: every bad config that one value makes bad is refused with its place and reason",
    arguments: try Fixtures.names(in: "bad"))
  func bad(name: String) throws {
    let text = try Fixtures.text("bad/\(name).json")
    let expected = try Fixtures.text("bad/\(name).error")
    do throws(ConfigError) {
      _ = try Config.decode(text)
      // What only the plan can refuse is in `bad/plan`.
      Issue.record("accepted")
    } catch {
      #expect(error.message + "\n" == ByteString(expected))
    }
  }

  @Test(
    "VV-1: what is bad by two values, or by what the kernel has, is left to the plan",
    arguments: try Fixtures.names(in: "bad/plan"))
  func plan(name: String) throws {
    _ = try Config.decode(Fixtures.text("bad/plan/\(name).json"))
    #expect(try !Fixtures.text("bad/plan/\(name).error").isEmpty)
  }

  @Test("the default config is what `spec` writes")
  func template() throws {
    #expect(try Fixtures.text("good/default.json") == SpecTemplate.text())
    #expect(
      try Fixtures.text("good/default-rootless.json")
        == SpecTemplate.text(rootless: .init(uid: 1000, gid: 1001)))
  }

  @Test(
    "EX-1 JS-3: unknown properties, null, and an empty text where one would say nothing, are absent",
    arguments: try Fixtures.names(in: "lenient"))
  func absent(name: String) throws {
    // The schema has none of these, producers do.
    let plain = try Config.decode(Fixtures.text("good/process.json"))
    #expect(try Config.decode(Fixtures.text("lenient/\(name).json")) == plain)
  }
}
