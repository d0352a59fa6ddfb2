import Bytes
import Check
import Linux
import OCISpec
import Testing

@Suite("Check: what a container could do to the host")
struct ExposureTests {
  private func exposure(_ name: String) throws -> Exposure { Exposure(try Fixture.config(name)) }

  private func points(_ exposure: Exposure, _ code: String) -> Int {
    exposure.rows.filter { $0.code == ByteString(code) }.reduce(0) { $0 + $1.points }
  }

  private static let closed = Config(
    root: .init(path: "r", readonly: true),
    process: Process(
      cwd: "/", args: ["true"], user: .init(uid: 1, gid: 1), noNewPrivileges: true,
      apparmorProfile: "p"),
    linux: LinuxSection(
      namespaces: ["user", "mount", "pid", "network", "ipc", "uts", "cgroup"].map {
        .init(type: $0)
      },
      uidMappings: [.init(containerID: 0, hostID: 100_000, size: 65536)],
      gidMappings: [.init(containerID: 0, hostID: 100_000, size: 65536)],
      resources: Resources(memory: .init(limit: 1 << 30), pids: .init(limit: 64)),
      seccomp: SeccompSection(
        defaultAction: "SCMP_ACT_ERRNO",
        syscalls: [.init(names: ["execve", "exit"], action: "SCMP_ACT_ALLOW")])))

  private func changed(_ change: (inout Config) -> Void) -> Exposure {
    var config = ExposureTests.closed
    change(&config)
    return Exposure(config)
  }

  @Test("a container with everything closed scores 0, and each row says why")
  func nothing() {
    let exposure = Exposure(ExposureTests.closed)
    #expect(exposure.score == 0)
    #expect(exposure.level == "low")
    #expect(exposure.rows.allSatisfy { $0.points == 0 && $0.remedy.isEmpty && !$0.message.isEmpty })
    #expect(exposure.rows.count > 10)
  }

  @Test("what engines make by default lies between what they make closed and privileged")
  func order() throws {
    let usual = try exposure("engine-docker").score
    #expect(try exposure("engine-docker-options").score < usual)
    #expect(usual < 60)
    #expect(try exposure("engine-docker-privileged").score >= 99)
    #expect(try exposure("engine-podman-privileged").score >= 99)
    #expect(try exposure("engine-podman-userns").score < exposure("engine-podman").score)
  }

  private static let openings: [(String, @Sendable (inout Config) -> Void)] = [
    ("capability", { $0.process?.capabilities = .init(bounding: ["CAP_SYS_ADMIN"]) }),
    ("capabilities", { $0.process?.capabilities = .init(bounding: ["CAP_NET_RAW"]) }),
    ("no-new-privileges", { $0.process?.noNewPrivileges = false }),
    ("security-module", { $0.process?.apparmorProfile = "unconfined" }),
    ("seccomp", { $0.linux.seccomp = nil }),
    ("seccomp", { $0.linux.seccomp?.defaultAction = "SCMP_ACT_ALLOW" }),
    (
      "seccomp-calls",
      { $0.linux.seccomp?.syscalls.append(.init(names: ["bpf"], action: "SCMP_ACT_ALLOW")) }
    ),
    ("root-writable", { $0.root.readonly = false }),
    ("proc-writable", { $0.mounts = [.init(destination: "/proc", type: "proc")] }),
    ("masks", { $0.mounts = [.init(destination: "/proc", type: "proc", options: ["ro"])] }),
    ("sys-writable", { $0.mounts = [.init(destination: "/sys", type: "sysfs")] }),
    ("cgroup-writable", { $0.mounts = [.init(destination: "/c", type: "cgroup")] }),
    ("propagation", { $0.linux.rootfsPropagation = "shared" }),
    ("device", { $0.linux.devices = [.init(type: "b", path: "/dev/a", major: 8, minor: 0)] }),
    ("device", { $0.linux.devices = [.init(type: "c", path: "/dev/a", major: 1, minor: 1)] }),
    ("device-rules", { $0.linux.resources.devices = [.init(allow: true)] }),
    ("limit-pids", { $0.linux.resources.pids = nil }),
    ("limit-memory", { $0.linux.resources.memory = nil }),
    ("namespace-pid", { $0.linux.namespaces.removeAll { $0.type == "pid" } }),
    ("namespace-network", { $0.linux.namespaces[3].path = "/proc/1/ns/net" }),
    ("namespace-user", { $0.linux.uidMappings[0].hostID = 0 }),
  ]

  @Test(
    "each thing that opens the container has points, a place and a remedy",
    arguments: ExposureTests.openings.indices)
  func opened(index: Int) {
    let (code, change) = ExposureTests.openings[index]
    let exposure = changed(change)
    #expect(exposure.score > 0)
    let rows = exposure.rows.filter { $0.points > 0 && $0.code == ByteString(code) }
    #expect(!rows.isEmpty)
    #expect(rows.allSatisfy { !$0.remedy.isEmpty && !$0.pointer.isEmpty })
  }

  @Test("a filter that refuses next to nothing counts at most as much as none")
  func weakest() {
    let none = changed { $0.linux.seccomp = nil }.score
    for refused in [[], ["mkdir"], ["bpf", "mount", "kexec_load"]] as [[ByteString]] {
      let weak = changed {
        $0.linux.seccomp?.defaultAction = "SCMP_ACT_ALLOW"
        $0.linux.seccomp?.syscalls =
          refused.isEmpty ? [] : [.init(names: refused, action: "SCMP_ACT_ERRNO")]
      }
      #expect(weak.score <= none)
    }
  }

  @Test(
    "places of the host, and sockets of engines whether they can be written or not",
    arguments: [
      ("/var/run/docker.sock", ["bind", "ro"], 90), ("/run/podman/podman.sock", ["bind"], 90),
      ("/etc", ["bind"], 90), ("/etc/", ["bind", "ro"], 15), ("/", ["rbind"], 95),
      ("/run/user/1000/x", ["bind"], 1), ("/srv/data", ["bind"], 1),
      ("/srv/data", ["bind", "ro"], 0),
      ("/var/lib/docker/volumes/x/_data", ["bind"], 1), ("/usr/../etc", ["bind"], 90),
    ] as [(String, [String], Int)])
  func places(source: String, options: [String], expected: Int) {
    let exposure = changed {
      $0.mounts = [
        .init(
          destination: "/x", source: ByteString(source), options: options.map { ByteString($0) })
      ]
    }
    #expect(exposure.rows.reduce(0) { $0 + $1.points } == expected)
  }

  @Test("capabilities weigh less where root is another user on the host")
  func remapped() {
    let inside = changed { $0.process?.capabilities = .init(bounding: ["CAP_SYS_ADMIN"]) }
    let outside = changed {
      $0.process?.capabilities = .init(bounding: ["CAP_SYS_ADMIN"])
      $0.linux.namespaces.removeAll { $0.type == "user" }
    }
    #expect(points(inside, "capability") < points(outside, "capability"))
  }

  @Test("one row that is severe cannot be made good, and many small ones never reach 100")
  func score() {
    let one = changed {
      $0.mounts = [.init(destination: "/s", source: "/run/docker.sock", options: ["bind"])]
    }
    #expect(one.score >= 90)
    #expect(one.level == "severe")
  }
}
