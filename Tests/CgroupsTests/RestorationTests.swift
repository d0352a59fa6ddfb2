import Bytes
import DBus
import Linux
import OCISpec
import TestSupport
import Testing

@testable import Cgroups

/// Directories and files in the place of cgroups, for what this machine's cgroups do not have.
struct FakeCgroup {
  let scratch: TemporaryDirectory
  let cgroup: CgroupDirectory

  /// The cgroup `/a/b` with these files; `above` are those of `/a`.
  init(_ files: [ByteString: ByteString], above: [ByteString: ByteString] = [:]) throws {
    scratch = try TemporaryDirectory()
    try scratch.makeDirectory("a")
    try scratch.makeDirectory("a/b")
    for (name, text) in above { try scratch.write("a/" + name, text) }
    for (name, text) in files { try scratch.write("a/b/" + name, text) }
    let root = SharedDescriptor(
      try Handle.currentDirectory.open(scratch.path, [.path, .directory]))
    cgroup = CgroupDirectory(
      CgroupPath(recorded: "/a/b"), root: root,
      SharedDescriptor(try root.handle.open("a/b", [.path, .directory])))
  }
}

@Suite("What an update that failed restores")
struct RestorationTests {
  private func restoration(
    of file: ByteString, _ text: ByteString, before value: ByteString
  ) -> [ByteString] { CgroupFile.restoration(of: file, text, before: value) }

  @Test("a single value is written back, an empty one as an empty line")
  func single() {
    #expect(restoration(of: "memory.max", "max\n", before: "4096") == ["max"])
    #expect(restoration(of: "cpuset.cpus", "\n", before: "0-1") == ["\n"])
  }

  @Test("a device that had no line of its own gets the default again")
  func devices() {
    #expect(
      restoration(of: "io.max", "", before: "8:0 rbps=1")
        == ["8:0 rbps=max wbps=max riops=max wiops=max"])
    #expect(restoration(of: "io.latency", "", before: "8:0 target=5") == ["8:0 target=0"])
    for file in ["io.weight", "io.bfq.weight"] as [ByteString] {
      let one: ByteString = "default 100\n"
      #expect(restoration(of: file, one, before: "8:0 500") == ["8:0 default"])
      #expect(restoration(of: file, one, before: "200") == ["default 100"])
      let two: ByteString = "default 100\n8:0 300\n"
      #expect(restoration(of: file, two, before: "8:0 500") == ["8:0 300"])
      #expect(restoration(of: file, two, before: "8:16 500") == ["8:16 default"])
      #expect(restoration(of: file, two, before: "200") == ["default 100"])
    }
  }

  @Test("a cgroup that became idle gets its weight back, after it is no longer idle")
  func idle() throws {
    let idle = [CgroupWrite("cpu.idle", "1", "/cpu/idle")]
    let busy = try FakeCgroup(["cpu.idle": "0\n", "cpu.weight": "200\n"])
    let old = LimitWriter(busy.cgroup).restoration(of: idle)
    #expect(old.map { $0.file } == ["cpu.idle", "cpu.weight"])
    #expect(old.map { $0.value } == ["0", "200"])
    let already = try FakeCgroup(["cpu.idle": "1\n", "cpu.weight": "0\n"])
    #expect(LimitWriter(already.cgroup).restoration(of: idle).map { $0.file } == ["cpu.idle"])
  }

  @Test("a cpuset that was empty gets what that came to, as one with processes cannot be emptied")
  func cpuset() throws {
    let fake = try FakeCgroup(["cpuset.cpus": "\n", "cpuset.cpus.effective": "0-3\n"])
    let old = LimitWriter(fake.cgroup).restoration(of: [CgroupWrite("cpuset.cpus", "0", "")])
    #expect(old.map { $0.value } == ["0-3", "\n"])
  }

  @Test("systemd is told of everything that is restored")
  func properties() throws {
    func properties(_ file: ByteString, _ value: ByteString) throws -> [UnitProperty] {
      try UnitProperties.make([CgroupWrite(file, value, "")])
    }
    #expect(
      try properties("cpuset.cpus", "\n") == [UnitProperty(name: "AllowedCPUs", value: .bytes([]))])
    #expect(
      try properties("io.weight", "default 100")
        == [UnitProperty(name: "IOWeight", value: .uint64(100))])
    #expect(try properties("io.weight", "8:0 500") == [])
    // To systemd an idle cgroup is one of weight 0.
    #expect(
      try properties("cpu.idle", "0") == [UnitProperty(name: "CPUWeight", value: .uint64(100))])
  }
}

@Suite("Kills for memory")
struct OutOfMemoryTests {
  private static let kill: ByteString = "low 0\noom 1\noom_kill 1\n"

  @Test("a limit that was reached above the container is told as such")
  func above() throws {
    let fake = try FakeCgroup(
      ["memory.events": OutOfMemoryTests.kill, "memory.events.local": "oom 0\n"],
      above: ["memory.events.local": "oom 1\n", "memory.max": "4096\n"])
    let report = OutOfMemory(fake.cgroup)
    #expect(report == OutOfMemory(kills: 1, cgroup: "/a", limit: 4096))
  }

  @Test("the limit is named where systemd removes the cgroup before or while it is looked at")
  func removed() throws {
    let whole = OutOfMemory(kills: 1, cgroup: "/a/b", limit: 65536)
    // Removed between two looks: the counter was read, the rest is not there.
    let between = try FakeCgroup(["memory.events": OutOfMemoryTests.kill])
    #expect(MemoryBaseline(between.cgroup, limit: 65536).report(between.cgroup) == whole)
    // Removed before: its parent has counted.
    let before = try FakeCgroup([:], above: ["memory.events": "oom_kill 3\n"])
    let baseline = MemoryBaseline(before.cgroup, limit: 65536)
    #expect(baseline.report(before.cgroup) == nil)
    try before.scratch.write("a/memory.events", "oom_kill 4\n")
    #expect(baseline.report(before.cgroup) == whole)
    // A cgroup that is there was not what another container's kill was for.
    try before.scratch.write("a/b/cgroup.procs", "")
    #expect(baseline.report(before.cgroup) == nil)
  }
}
