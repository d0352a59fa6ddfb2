import Bytes
import JSON
import OCISpec
import TestSupport
import Testing

@Suite("spec-fixtures")
struct FixtureTests {
  @Test("OP-5: every good config decodes", arguments: try SpecFixtures.names(in: "good"))
  func good(name: String) throws {
    _ = try Config.decode(SpecFixtures.read("good/\(name).json"))
  }

  @Test(
    "VV-1: every bad config that one value makes bad is refused with its place and reason",
    arguments: try RefusedFixture.all("decode"))
  func bad(fixture: RefusedFixture) throws {
    do throws(ConfigError) {
      _ = try Config.decode(fixture.text)
      // What only the planner can refuse is in `bad/plan`.
      Issue.record("accepted")
    } catch {
      #expect(error.message == fixture.line)
    }
  }

  @Test(
    "VV-1: what is bad by two values, or by what the kernel has, is left to the plan",
    arguments: try RefusedFixture.all("plan"))
  func plan(fixture: RefusedFixture) throws {
    _ = try Config.decode(fixture.text)
    #expect(fixture.line.hasPrefix("config.json /"))
  }

  @Test("the default config is what `spec` writes")
  func template() throws {
    #expect(try SpecFixtures.read("good/default.json") == SpecTemplate.text())
    #expect(
      try SpecFixtures.read("good/default-rootless.json")
        == SpecTemplate.text(rootless: .init(uid: 1000, gid: 1001)))
  }

  @Test(
    "EX-1 JS-3: unknown properties, null, and an empty text where one would say nothing, are absent",
    arguments: try SpecFixtures.names(in: "lenient"))
  func absent(name: String) throws {
    // The schema has none of these, producers do.
    let plain = try Config.decode(SpecFixtures.read("good/process.json"))
    #expect(try Config.decode(SpecFixtures.read("lenient/\(name).json")) == plain)
  }
}
