import Bytes
import Linux
import OCISpec
import Testing

@testable import Cgroups

@Suite("Limits in the kernel", .enabled(if: Kernel.canMakeCgroups, Kernel.reason), .serialized)
struct LimitTests {
  /// Phrases by which engines tell what became of the program (cli-and-engines 3.0).
  private static let engineWords: [ByteString] = [
    "no such file or directory", "permission denied", "operation not permitted",
    "executable file not found", "not running", "does not exist",
  ]

  private static func isClean(_ text: ByteString) -> Bool {
    let words = text.lowercased.description
    return engineWords.allSatisfy { !words.contains($0.description) }
  }

  private func limits(_ resources: Resources) throws -> [CgroupWrite] {
    var warnings = [ByteString]()
    return try ResourceWrites.make(resources, warnings: &warnings)
  }

  private static let hasHugetlb: Bool = {
    if !Kernel.canMakeCgroups { return false }
    do {
      let root = try CgroupDirectory.openRoot(Kernel.mountPoint())
      return try CgroupDirectory(CgroupPath(recorded: "/"), root: root, root)
        .words("cgroup.controllers").contains("hugetlb")
    } catch {
      // The test fails by it.
      return true
    }
  }()

  @Test(
    "RS-20 CG-6: a limit is written, and its controller passed on by every ancestor",
    .enabled(if: LimitTests.hasHugetlb, "needs the hugetlb controller on cgroup2"))
  func hugetlb() throws {
    let limits = try limits(Resources(hugepageLimits: [.init(pageSize: "2MB", limit: 4 << 20)]))
    try Kernel.withCgroup("limits/deep/leaf", limits: limits) { cgroup in
      try cgroup.apply(limits)
      try #expect(cgroup.files.read("hugetlb.2MB.max") == "4194304\n")
      try #expect(cgroup.files.read("hugetlb.2MB.rsvd.max") == "4194304\n")
      let odd = try self.limits(Resources(hugepageLimits: [.init(pageSize: "3MB", limit: 1)]))
      let error = #expect(throws: CgroupError.self) { try cgroup.apply(odd) }
      #expect(error?.pointer == "/linux/resources/hugepageLimits/0")
      #expect(LimitTests.isClean(error?.message ?? "no such file or directory"))
    }
  }

  @Test(
    "UN-2 RS-0: a missing controller is named, in words that no engine takes for something else")
  func missing() throws {
    let limits = try limits(Resources(unified: [Entry("nocontroller.max", "1")]))
    try Kernel.withCgroup("missing", limits: limits) { cgroup in
      let error = #expect(throws: CgroupError.self) { try cgroup.apply(limits) }
      let message = error?.message ?? ""
      #expect(message.hasPrefix("cgroup controller nocontroller is not available: "))
      #expect(message.hasSuffix(" [/linux/resources/unified/nocontroller.max]"))
      #expect(LimitTests.isClean(message))
    }
  }

  @Test("RS-15 RS-9: what a cgroup is born with needs no controller")
  func defaults() throws {
    let limits = try limits(
      Resources(
        memory: .init(limit: -1), cpu: .init(shares: 1024, quota: -1), pids: .init(limit: -1)))
    try Kernel.withCgroup("defaults", limits: limits) { try $0.apply(limits) }
    let podman = [CgroupWrite("nopids.max", "0", "", isOptional: true)]
    try Kernel.withCgroup("defaults") { try $0.apply(podman) }
  }

  @Test("RS-8: a limit that is in use already is refused where that is asked for")
  func floor() throws {
    try Kernel.withCgroup("floor") { cgroup in
      // Another file with a number stands for memory.current; one that is missing stops nothing.
      var write = CgroupWrite("cgroup.max.depth", "5", "/linux/resources/memory/limit")
      write.floor = "memory.none"
      try cgroup.apply([write])
      write.floor = "cgroup.max.depth"
      let error = #expect(throws: CgroupError.self) { try cgroup.apply([write]) }
      #expect(error?.pointer == "/linux/resources/memory/limit")
      write.value = "6"
      try cgroup.apply([write])
      try #expect(cgroup.files.read("cgroup.max.depth") == "6\n")
    }
  }

  @Test("RS-11: a try that comes too early is no error, its repetition is")
  func trial() throws {
    try Kernel.withCgroup("trial") { cgroup in
      let wrong = CgroupWrite("cgroup.max.depth", "x", "/p")
      var trial = wrong
      trial.isTrial = true
      try cgroup.apply([trial])
      let error = #expect(throws: CgroupError.self) { try cgroup.apply([wrong]) }
      #expect(error?.message == "the kernel refuses `x` for cgroup.max.depth with EINVAL [/p]")
    }
  }
}
