import Bytes
import Linux
import OCISpec
import Testing

@testable import Cgroups

@Suite("Cgroups of the kernel", .enabled(if: Kernel.canMakeCgroups, Kernel.reason), .serialized)
struct CgroupfsTests {
  @Test("CG-5 OP-14: what was made is removed, what was there stays")
  func directories() throws {
    let own = Kernel.path("made/leaf")
    try Kernel.withCgroup("made/leaf") { cgroup in
      try #expect(Kernel.exists(own))
      try #expect(cgroup.files.read("cgroup.procs") == "")
    }
    try #expect(!Kernel.exists(Kernel.path("made")))
    let root = try CgroupDirectory.openRoot(Kernel.mountPoint())
    let there: ByteString = "apus-tests-there-" + ByteString(decimal: ThisProcess.id)
    try root.handle.makeDirectory(there, mode: 0o755)
    defer { try? root.handle.removeDirectory(there) }
    var plan = CgroupPlan(manager: .cgroupfs)
    plan.path = CgroupPath(recorded: "/" + there + "/leaf")
    try Kernel.create(plan).destroy()
    try #expect(!Kernel.exists("/" + there + "/leaf"))
    try #expect(Kernel.exists("/" + there))
  }

  @Test("a parent that one container made goes with the last one in it")
  func sharedParent() throws {
    try Kernel.withCgroup("shared/a") { a in
      try Kernel.withCgroup("shared/b") { _ in
        try a.destroy()
        try #expect(Kernel.exists(Kernel.path("shared")))
      }
      try #expect(!Kernel.exists(Kernel.path("shared")))
    }
  }

  @Test("OP-7: a cgroup with processes, or frozen, is not for a new container")
  func unfit() throws {
    try Kernel.withCgroup("unfit") { cgroup in
      let plan = Kernel.plan(again: cgroup)
      let child = try Kernel.sleep(in: cgroup.directory)
      let full = #expect(throws: CgroupError.self) { try Kernel.create(plan) }
      #expect(full?.message.hasPrefix("container's cgroup is not empty") == true)
      try cgroup.kill()
      _ = try child.wait()
      try cgroup.freeze()
      let frozen = #expect(throws: CgroupError.self) { try Kernel.create(plan) }
      #expect(frozen?.message.hasPrefix("container's cgroup is frozen") == true)
      try cgroup.thaw()
      _ = try Kernel.create(plan)
    }
  }

  @Test(
    "T22 CG-9: a link in the place of a cgroup is not followed, a strange filesystem not taken")
  func links() throws {
    #expect(throws: CgroupError.self) {
      try Cgroup.open(CgroupPath(recorded: "/x"), mountPoint: "/tmp")
    }
    try #expect(Kernel.open("/apus-no-such-cgroup") == nil)
    // No links on cgroup2 itself; that the flags hold is seen where links are.
    let directory = try Handle.currentDirectory.open("/proc/self", [.path, .directory])
    #expect(throws: SyscallError.self) {
      _ = try directory.handle.open("cwd", [.path, .directory], resolve: CgroupTree.resolve)
    }
  }

  @Test("processes are listed with those of sub-cgroups")
  func processes() throws {
    try Kernel.withCgroup("list") { cgroup in
      try cgroup.directory.makeDirectory("sub", mode: 0o755)
      let below = try cgroup.openDirectory("sub")
      let children = [
        try Kernel.sleep(in: cgroup.directory), try Kernel.sleep(in: below.handle),
      ]
      #expect(try Set(cgroup.processes()) == Set(children.map { $0.pid }))
      #expect(throws: CgroupError.self) { try cgroup.openDirectory("../..") }
      try cgroup.signal(.terminate)
      for child in children { try #expect(child.wait() == .signaled(15)) }
      try #expect(cgroup.processes() == [])
    }
  }

  @Test("freeze returns with every process standing still, thaw lets them go on")
  func freezer() throws {
    try Kernel.withCgroup("freezer") { cgroup in
      let child = try Kernel.sleep(in: cgroup.directory)
      try #expect(!cgroup.isFrozen())
      try cgroup.freeze()
      try #expect(cgroup.isFrozen())
      try cgroup.freeze()
      try cgroup.thaw()
      try #expect(!cgroup.isFrozen())
      // Not while frozen: a signal that ends a process takes it out of the freezer at once.
      try #expect(child.poll() == nil)
      try child.send(.terminate)
      try #expect(child.wait() == .signaled(15))
    }
  }

  @Test("kill reaches frozen processes and sub-cgroups, and waits for their end")
  func kill() throws {
    try Kernel.withCgroup("kill") { cgroup in
      try cgroup.directory.makeDirectory("sub", mode: 0o755)
      let below = try cgroup.openDirectory("sub")
      let children = try (0..<4).map {
        try Kernel.sleep(in: $0 < 2 ? cgroup.directory : below.handle)
      }
      try cgroup.freeze()
      try cgroup.kill()
      for child in children { try #expect(child.wait() == .signaled(9)) }
    }
  }

  @Test("T38: before cgroup.kill, processes are killed one by one, and nothing stays frozen")
  func killEach() throws {
    try Kernel.withCgroup("kill-each") { cgroup in
      let bomb: ByteString = "while :; do (sleep 60 & sleep 60) & sleep 0.01; done"
      let child = try Kernel.spawn(["/bin/sh", "-c", bomb], in: cgroup.directory)
      for _ in 0..<500 where try cgroup.processes().count <= 3 { Clock.sleep(milliseconds: 20) }
      try #expect(cgroup.processes().count > 3)
      try #expect(cgroup.killEach(try cgroup.files.open("cgroup.events", .readOnly)))
      try #expect(child.wait() == .signaled(9))
      try #expect(cgroup.processes() == [])
      try #expect(!cgroup.isFrozen())
    }
  }

  @Test("T38: cgroups nested deeper than a path is long are removed")
  func nested() throws {
    try Kernel.withCgroup("nested") { cgroup in
      var directory = try cgroup.openDirectory("")
      let name = ByteString([UInt8](repeating: 0x6e, count: 50))
      for _ in 0..<200 {
        try directory.handle.makeDirectory(name, mode: 0o755)
        directory = SharedDescriptor(try directory.handle.open(name, [.path, .directory]))
      }
      for index in 0..<100 {
        try cgroup.directory.makeDirectory("wide" + ByteString(decimal: index), mode: 0o755)
      }
      try #expect(cgroup.processes() == [])
      try cgroup.destroy()
      try #expect(!Kernel.exists(Kernel.path("nested")))
    }
  }

  @Test("removal waits for what is on its way out, and is no error twice")
  func removal() throws {
    try Kernel.withCgroup("removal") { cgroup in
      let child = try Kernel.spawn(["/bin/sleep", "0.02"], in: cgroup.directory)
      try cgroup.destroy()
      try #expect(child.wait() == .exited(0))
      try cgroup.destroy()
      try #expect(!cgroup.isFrozen())
      try #expect(cgroup.processes() == [])
      try cgroup.kill()
    }
  }

  @Test("OP-14: removal kills what does not go by itself")
  func strangers() throws {
    try Kernel.withCgroup("strangers") { cgroup in
      let child = try Kernel.sleep(in: cgroup.directory)
      try cgroup.destroy()
      try #expect(child.wait() == .signaled(9))
    }
  }

  @Test("CO-4 CO-5 CO-7: only the directory and the listed files are handed over")
  func delegation() throws {
    try Kernel.withCgroup("delegated", owner: 12345) { cgroup in
      try #expect(cgroup.directory.status().userID == 12345)
      for file in ["cgroup.procs", "cgroup.threads", "cgroup.subtree_control"] as [ByteString] {
        let status = try cgroup.directory.status(ofEntry: file)
        #expect(status.userID == 12345 && status.groupID == 0)
      }
      for file in ["cgroup.freeze", "cgroup.kill", "cgroup.max.depth"] as [ByteString] {
        try #expect(cgroup.directory.status(ofEntry: file).userID == 0)
      }
    }
  }
}
