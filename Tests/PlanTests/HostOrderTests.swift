import Bytes
import Cgroups
import Hooks
import JSON
import Linux
import OCISpec
import Rootfs
import TestSupport
import Testing

@testable import Plan

@Suite("Plan: the order of the host's steps")
struct HostOrderTests {
  static func plan(_ name: String) throws -> CreatePlan {
    try CreatePlan.make(
      try Config.decode(try SpecFixtures.read("good/\(name).json")),
      CreateRequest(id: "c", bundle: "/b", cgroupManager: .cgroupfs), host: host)
  }

  /// Of every good configuration that no rule of this host refuses.
  static func plans() throws -> [CreatePlan] {
    var plans = [CreatePlan]()
    for name in try SpecFixtures.names(in: "good") {
      do { plans.append(try plan(name)) } catch is ConfigError { continue }
    }
    #expect(plans.count > 100)
    return plans
  }

  static let requests = [
    HostRequest(consoleSocket: "/c", pidfdSocket: "/p", pidFile: "/f"),
    HostRequest(pidfdSocket: "/p", pidFile: "/f", waitsForStart: false),
    HostRequest(isDetached: false, waitsForStart: false),
  ]

  @Test("nothing is made before everything that can be looked at was", arguments: requests)
  func looksFirst(request: HostRequest) throws {
    for plan in try Self.plans() {
      let effects = HostOrder.create(plan, request).before.map(\.effect)
      #expect(effects.first == "looks" && effects.last == "makes")
      let makes = try #require(effects.firstIndex(of: "makes"))
      #expect(!effects[makes...].contains("looks"))
    }
  }

  /// Whether memory is limited before init is cloned.
  static func limitsAhead(_ memory: String, hooks: String = "{}") throws -> Bool {
    let text = """
      {"ociVersion": "1.2.0", "root": {"path": "/r"}, "hooks": \(hooks), "linux": {"cgroupsPath": "/c",
      "namespaces": [{"type": "mount"}, {"type": "pid"}], "resources": {"memory": \(memory)}}}
      """
    let plan = try CreatePlan.make(
      Config.decode(Array(text.utf8)),
      CreateRequest(id: "c", bundle: "/b", cgroupManager: .cgroupfs), host: host)
    return HostOrder.create(plan).before.contains(.make(.memoryLimit))
  }

  @Test("memory is limited before there is a process, unless what comes later needs it unlimited")
  func memoryLimit() throws {
    #expect(try Self.limitsAhead(#"{"limit": 200000, "swap": 200000}"#))
    #expect(try !Self.limitsAhead("{}"))
    #expect(try !Self.limitsAhead(#"{"limit": -1}"#))
    #expect(try !Self.limitsAhead(#"{"limit": 200000, "checkBeforeUpdate": true}"#))
    let hooks = #"{"createContainer": [{"path": "/h"}]}"#
    #expect(try !Self.limitsAhead(#"{"limit": 200000}"#, hooks: hooks))
  }

  @Test("signals are watched before the first thing that has an undo, and the record comes first")
  func undoable() throws {
    for plan in try Self.plans() {
      let before = HostOrder.create(plan).before
      let watch = try #require(before.firstIndex(of: .make(.watchSignals)))
      #expect(before.firstIndex { $0.undo != nil }.map { $0 > watch } == true)
      let undo = before.compactMap(\.undo)
      // Popped from the end: the record outlives all that it leads to, and processes go first.
      #expect(undo.first == .stateDirectory && undo.last == .initProcess)
      #expect(undo[1] == .poststopHooks)
      if let group = undo.firstIndex(of: .resctrlGroup), let cgroup = undo.firstIndex(of: .cgroup) {
        #expect(group < cgroup)
      }
    }
  }

  @Test("a run starts its program with the last answer only where nothing is left to do before it")
  func startsAtOnce() throws {
    for plan in try Self.plans() {
      for request in Self.requests
        + [HostRequest(isDetached: false, waitsForStart: false, holdsStart: true)]
      {
        let order = HostOrder.create(plan, request)
        let atOnce = order.atReady.last == .start
        #expect(order.after.contains(.make(.started)) == atOnce)
        #expect(order.after.contains(.make(.start)) == (!request.waitsForStart && !atOnce))
        if request.holdsStart || request.pidfdSocket != nil { #expect(!atOnce) }
      }
    }
  }

  @Test("the device program follows the clone only where init opens and executes nothing before")
  func deviceProgram() throws {
    var early = 0
    for plan in try Self.plans() where plan.cgroup.filtersDevices {
      let order = HostOrder.create(plan)
      let program = HostStep.make(.deviceProgram)
      let asksForDevices =
        !plan.hooks[.createContainer].isEmpty || plan.rootfs.mounts.contains { $0.mayOpenDevice }
      #expect(order.before.contains(program) == asksForDevices)
      #expect(order.meanwhile.contains(program) != asksForDevices)
      if asksForDevices { early += 1 }
    }
    #expect(early > 0)
  }

  @Test("every step says in one line what it is and why it stands where it stands")
  func texts() throws {
    for plan in try Self.plans() {
      for request in Self.requests {
        for case .host(let step) in TimedStep.all(HostOrder.create(plan, request), plan.steps) {
          #expect(!step.title.isEmpty && !step.reason.isEmpty)
          #expect(!step.line.contains(0x0a))
          #expect(step.pointer.isEmpty || step.pointer.hasPrefix("/"))
        }
      }
    }
  }

  @Test("delete takes back in reverse what create made, with everything that has an undo")
  func delete() throws {
    let text = UndoStep.text(of: UndoStep.recorded)
    if Golden.isUpdated { try SpecFixtures.write("golden/delete/recorded.plan", text) }
    #expect(text == ByteString(try SpecFixtures.read("golden/delete/recorded.plan")))
    for plan in try Self.plans() {
      let made = HostOrder.create(plan).before.compactMap(\.undo)
      #expect(UndoStep.recorded.filter { made.contains($0) } == made)
    }
  }

  static let controls: [(ByteString, ControlOrder)] = [
    ("checkpoint/dump", .checkpoint(ImageRequest(images: "/images"))), ("start/created", .start),
    ("pause/running", .pause), ("resume/paused", .resume),
    ("update/limits", .update(Resources())),
    ("update/schemata", .update(Resources(), schemata: true)),
    ("kill/init", .kill(.terminate, all: false, ownsPidNamespace: true)),
    ("kill/all", .kill(.terminate, all: true, ownsPidNamespace: true)),
    (
      "mounts/add",
      .addMounts([
        (title: "mount `tmpfs` on `/t`", pointer: "/mounts/0"),
        (title: "bind `/s` on `/t/d`", pointer: "/mounts/1"),
      ])
    ),
    ("mounts/remove", .removeMounts),
    ("kill/shared-pid-namespace", .kill(.kill, all: false, ownsPidNamespace: false)),
  ]

  @Test("each command on a container that exists has its order, and looks before it makes")
  func control() throws {
    for (name, order) in Self.controls {
      let path = "golden/\(name).plan"
      if Golden.isUpdated { try SpecFixtures.write(path, order.text) }
      #expect(order.text == ByteString(try SpecFixtures.read(path)))
      let effects = (order.steps + order.after).map(\.effect)
      let makes = try #require(effects.firstIndex(of: "makes"))
      #expect(!effects[makes...].contains("looks"))
      for step in order.steps + order.after { #expect(!step.title.isEmpty && !step.reason.isEmpty) }
    }
  }

  @Test(
    "restore stands in the place of create, with what criu has done compared before it is recorded")
  func restore() throws {
    let images = ImageRequest(images: "/images")
    let order = HostOrder.restore(try Self.plan("default"), images, HostRequest(pidFile: "/f"))
    let path = "golden/restore/default.plan"
    if Golden.isUpdated { try SpecFixtures.write(path, order.restoreText) }
    #expect(order.restoreText == ByteString(try SpecFixtures.read(path)))
    for plan in try Self.plans() {
      let order = HostOrder.restore(plan, images)
      let effects = order.before.map(\.effect)
      let makes = try #require(effects.firstIndex(of: "makes"))
      #expect(!effects[makes...].contains("looks"))
      #expect(order.atReady.first == .inForce && order.atReady.last == .recordInit)
      #expect(
        UndoStep.recorded.filter { order.before.compactMap(\.undo).contains($0) }
          == order.before.compactMap(\.undo))
    }
  }

  @Test("a start is taken back once init may go on, and nothing is locked while the program starts")
  func start() throws {
    let steps = ControlOrder.start.steps
    #expect(steps.compactMap(\.undo) == [.initProcess])
    let release = try #require(steps.firstIndex(of: .make(.releaseInit)))
    #expect(steps[release + 1] == .make(.releaseLock))
    #expect(steps[release + 2] == .wait(.program))
  }

  @Test("the steps of a sync stand behind the step in which init waits for them")
  func syncs() throws {
    let plan = try Self.plan("default")
    let all = TimedStep.all(HostOrder.create(plan), plan.steps)
    let ready = try #require(all.firstIndex(of: .host(.serve(.recordInit))))
    let waits = try #require(
      all.firstIndex { if case .inner(_, .sync(.ready)) = $0 { true } else { false } })
    #expect(ready > waits)
    for step in all[(waits + 1)...ready] {
      guard case .host(.serve) = step else {
        Issue.record("\(step) stands in the middle of a sync")
        continue
      }
    }
  }
}
