import Bytes
import Hooks
import OCISpec
import Testing

@Suite("hooks as planned")
struct HookPlanTests {
  @Test("HK-1: a path is absolute", arguments: ["", "hook", "./hook", "../bin/hook"])
  func absolutePath(path: String) {
    let section = HooksSection(poststop: [Hook(path: "/a"), Hook(path: ByteString(path))])
    #expect(
      refusal(section)
        == "config.json /hooks/poststop/1/path: `\(path)` is not an absolute path")
  }

  @Test("HK-2: argv is what was given, or the path alone")
  func arguments() throws {
    let plan = try HookPlan(
      HooksSection(prestart: [
        Hook(path: "/bin/a"), Hook(path: "/bin/b", args: ["other", "x"]),
        Hook(path: "/bin/c", args: []),
      ]))
    #expect(plan[.prestart].map { $0.arguments } == [["/bin/a"], ["other", "x"], ["/bin/c"]])
  }

  @Test("HK-3: an absent environment is told from an empty one")
  func environment() throws {
    let plan = try HookPlan(
      HooksSection(poststart: [Hook(path: "/a"), Hook(path: "/a", env: [])]))
    #expect(plan[.poststart].map { $0.environment } == [nil, []])
  }

  @Test("HK-4: a timeout is more than 0 seconds", arguments: [0, -1, Int64.min])
  func timeout(seconds: Int64) throws {
    let section = HooksSection(createRuntime: [Hook(path: "/a", timeout: seconds)])
    #expect(
      refusal(section) == "config.json /hooks/createRuntime/0/timeout: must be greater than 0")
    _ = try HookPlan(HooksSection(createRuntime: [Hook(path: "/a", timeout: 1)]))
  }

  @Test("HK-6: each kind in its order, by the name it has in config.json")
  func order() throws {
    let plan = try HookPlan(
      HooksSection(
        prestart: [Hook(path: "/1"), Hook(path: "/2")], createRuntime: [Hook(path: "/3")],
        createContainer: [Hook(path: "/4")], startContainer: [Hook(path: "/5")],
        poststart: [Hook(path: "/6")], poststop: [Hook(path: "/7")]))
    #expect(plan.hooks.map { $0.path } == ["/1", "/2", "/3", "/4", "/5", "/6", "/7"])
    #expect(plan.hooks.map { $0.index } == [0, 1, 0, 0, 0, 0, 0])
    #expect(
      HookKind.allCases.map { $0.name } == [
        "prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop",
      ])
  }

  @Test("no more than 64 of a kind")
  func bound() throws {
    let hooks = [Hook](repeating: Hook(path: "/a"), count: 65)
    #expect(
      refusal(HooksSection(prestart: hooks)) == "config.json /hooks/prestart: more than 64 hooks")
    _ = try HookPlan(HooksSection(prestart: Array(hooks.dropLast())))
  }

  private func refusal(_ section: HooksSection) -> String {
    do throws(ConfigError) {
      _ = try HookPlan(section)
      return "planned"
    } catch {
      return error.message.description
    }
  }
}
