import Bytes
import Linux
import OCISpec
import Testing

@testable import Rootfs

@Suite("The root and what is done to it (runtime-spec 5, 15)")
struct RootfsPlanTests {
  private func refused(_ change: (inout Config) -> Void) -> String {
    refusal { () throws(ConfigError) in try rootfsPlan([], change) }
  }

  @Test("RT-2: root.path is absolute or relative to the bundle")
  func path() throws {
    #expect(try rootfsPlan().path == "/b/rootfs")
    #expect(try rootfsPlan([]) { $0.root.path = "/srv/root" }.path == "/srv/root")
    #expect(refused { $0.root.path = "" } == "/root/path: is empty")
  }

  @Test(
    "the host's root is no root of a container", arguments: ["/", "//", "/x/..", "..", "../."])
  func hostRoot(path: String) {
    #expect(
      refused { $0.root.path = ByteString(path) } == "/root/path: is the host's own root")
  }

  @Test("RT-3: a read-only root needs a mount namespace")
  func readOnly() throws {
    #expect(try !rootfsPlan().isReadOnly)
    #expect(try rootfsPlan([]) { $0.root.readonly = true }.isReadOnly)
    let text = refusal { () throws(ConfigError) in
      var warnings = [ByteString]()
      return try rootfsPlan([], hasMountNamespace: false, warnings: &warnings) {
        $0.root.readonly = true
      }
    }
    #expect(text == "/root/readonly: needs a mount namespace in /linux/namespaces")
  }

  @Test("pivot_root, unless asked otherwise or without a mount namespace")
  func rootSwitch() throws {
    var warnings = [ByteString]()
    #expect(try rootfsPlan().rootSwitch == .pivot)
    #expect(try rootfsPlan([], noPivot: true, warnings: &warnings).rootSwitch == .move)
    let plan = try rootfsPlan([], hasMountNamespace: false, warnings: &warnings)
    #expect(plan.rootSwitch == .changeRoot)
    #expect(plan.devices == [] && !plan.createsDevices)
  }

  @Test(
    "LX-2: the propagation of the root",
    arguments: [
      (nil, nil), ("", nil), ("shared", PropagationChange(.shared)),
      ("rshared", PropagationChange(.shared, recursive: true)),
      ("slave", PropagationChange(.slave)),
      ("rslave", PropagationChange(.slave, recursive: true)),
      ("private", PropagationChange(.private)),
      ("rprivate", PropagationChange(.private, recursive: true)),
      ("unbindable", PropagationChange(.unbindable)),
      ("runbindable", PropagationChange(.unbindable, recursive: true)),
    ] as [(ByteString?, PropagationChange?)])
  func propagation(name: ByteString?, change: PropagationChange?) throws {
    #expect(try rootfsPlan([]) { $0.linux.rootfsPropagation = name }.propagation == change)
  }

  @Test("LX-2 VV-1: what is no propagation is refused, private without pivot_root too")
  func wrongPropagation() {
    for name: ByteString in ["ro", "Shared", "shared,slave", "none"] {
      let text = refused { $0.linux.rootfsPropagation = name }
      #expect(text.hasPrefix("/linux/rootfsPropagation: unknown propagation `"))
    }
    let text = refusal { () throws(ConfigError) in
      var warnings = [ByteString]()
      return try rootfsPlan([], noPivot: true, warnings: &warnings) {
        $0.linux.rootfsPropagation = "private"
      }
    }
    #expect(text.hasPrefix("/linux/rootfsPropagation: "))
  }

  @Test("LX-3 LX-4: protected paths are clean and each there once, in their order")
  func protectedPaths() throws {
    let written: [ByteString] = ["/proc/b", "/a", "/proc//b/", "/x/../a", "/proc/b/c"]
    let plan = try rootfsPlan([]) {
      $0.linux.maskedPaths = written
      $0.linux.readonlyPaths = written
    }
    #expect(plan.maskedPaths.map(\.path) == ["/proc/b", "/a", "/proc/b/c"])
    #expect(plan.readonlyPaths.map { $0.path } == ["/proc/b", "/a", "/proc/b/c"])
  }

  @Test(
    "LX-3 LX-4 T6: a relative path, the root and all of /proc are refused",
    arguments: ["proc", "", "./a", "/", "/a/..", "/proc", "/proc/."] as [ByteString])
  func wrongPaths(path: ByteString) {
    #expect(
      refused { $0.linux.maskedPaths = ["/a", path] }.hasPrefix("/linux/maskedPaths/1: "))
    #expect(refused { $0.linux.readonlyPaths = [path] }.hasPrefix("/linux/readonlyPaths/0: "))
  }
}

@Suite("Devices (runtime-spec 12.1, 12.2)")
struct DevicePlanTests {
  private func devices(_ list: [LinuxSection.Device]) throws(ConfigError) -> [DevicePlan] {
    try rootfsPlan([]) { $0.linux.devices = list }.devices
  }

  private func refused(_ device: LinuxSection.Device) -> String {
    refusal { () throws(ConfigError) in try rootfsPlan([]) { $0.linux.devices = [device] } }
  }

  @Test("DV-1: the nodes of every container")
  func defaults() throws {
    let found = try devices([]).map {
      "\($0.path) \($0.kind) \($0.major):\($0.minor) \($0.mode) \($0.user):\($0.group)"
    }
    #expect(
      found == [
        "/dev/null character 1:3 438 0:0", "/dev/zero character 1:5 438 0:0",
        "/dev/full character 1:7 438 0:0", "/dev/random character 1:8 438 0:0",
        "/dev/urandom character 1:9 438 0:0", "/dev/tty character 5:0 438 0:0",
      ])
  }

  @Test(
    "DV-1: the types; u is another word for c",
    arguments: [("c", .character), ("u", .character), ("b", .block), ("p", .fifo)]
      as [(ByteString, Handle.NodeKind)])
  func types(type: ByteString, kind: Handle.NodeKind) throws {
    let plan = try #require(
      try devices([.init(type: type, path: "/dev/x", major: 7, minor: 8)]).last)
    #expect(plan.kind == kind)
    #expect((plan.major, plan.minor) == (kind == .fifo ? (0, 0) : (7, 8)))
    #expect(plan.pointer == "/linux/devices/0")
  }

  @Test("DV-1 VV-1: another type", arguments: ["", "C", "s", "cc", "d"] as [ByteString])
  func wrongType(type: ByteString) {
    #expect(
      refused(.init(type: type, path: "/dev/x", major: 1, minor: 1))
        .hasPrefix("/linux/devices/0/type: unknown device type `"))
  }

  @Test("DV-2: the path is absolute, anywhere, and no directory of the tree's own")
  func path() throws {
    let plan = try #require(try devices([.init(type: "p", path: "/x//y/../z/./n")]).last)
    #expect(plan.path == "/x/z/n")
    for path: ByteString in ["", "dev/x", "/", "/x/.."] {
      #expect(
        refused(.init(type: "p", path: path)).hasPrefix("/linux/devices/0/path: "))
    }
  }

  @Test("DV-3: the kernel's 12 and 20 bits, and neither is optional but for a fifo")
  func numbers() throws {
    let plan = try #require(
      try devices([.init(type: "c", path: "/dev/x", major: 4095, minor: 1_048_575)]).last)
    #expect((plan.major, plan.minor) == (4095, 1_048_575))
    for (major, minor, member) in [
      (nil, 1, "major"), (1, nil, "minor"), (-1, 1, "major"), (1, -1, "minor"), (4096, 1, "major"),
      (1, 1_048_576, "minor"), (.max, 1, "major"), (1, .min, "minor"),
    ] as [(Int64?, Int64?, String)] {
      let text = refused(.init(type: "b", path: "/dev/x", major: major, minor: minor))
      #expect(text.hasPrefix("/linux/devices/0/\(member): "))
    }
  }

  @Test("DV-4 DV-5: permission bits only, 0666 and root by default; -1 is nobody")
  func owner() throws {
    let plan = try #require(
      try devices([.init(type: "p", path: "/f", fileMode: 0o100640, uid: 7, gid: 8)]).last)
    #expect((plan.mode, plan.user, plan.group) == (0o640, 7, 8))
    let plain = try #require(try devices([.init(type: "p", path: "/f")]).last)
    #expect((plain.mode, plain.user, plain.group) == (0o666, 0, 0))
    #expect(
      refused(.init(type: "p", path: "/f", uid: .max)) == "/linux/devices/0/uid: not a user id")
    #expect(
      refused(.init(type: "p", path: "/f", gid: .max)) == "/linux/devices/0/gid: not a group id")
  }

  @Test(
    "DV-7: an entry takes the place of the default with its path; ptmx and console do not count"
  )
  func override() throws {
    let plans = try devices([
      .init(type: "c", path: "/dev//zero", major: 9, minor: 9),
      .init(type: "c", path: "/dev/ptmx", major: 5, minor: 2),
      .init(type: "c", path: "/dev/console", major: 5, minor: 1),
      .init(type: "c", path: "/dev/fuse", major: 10, minor: 229),
    ])
    #expect(
      plans.map(\.path) == [
        "/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty",
        "/dev/fuse",
      ])
    #expect(plans[1].major == 9)
  }

  @Test("DV-10: nothing is made in a /dev that is a bind mount, whatever was there before it")
  func boundDev() throws {
    let tmpfs = Mount(destination: "/dev", type: "tmpfs")
    let bind = Mount(destination: "/dev/", source: "/dev", options: ["rbind"])
    for (mounts, creates) in [
      ([], true), ([tmpfs], true), ([bind], false), ([tmpfs, bind], false),
    ]
      as [([Mount], Bool)]
    {
      let plan = try rootfsPlan(mounts)
      #expect(plan.createsDevices == creates)
      #expect(plan.devices.isEmpty != creates)
    }
  }
}
