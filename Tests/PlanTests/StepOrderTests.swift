import Bytes
import Cgroups
import Identity
import Linux
import OCISpec
import Testing

@testable import Plan

/// A machine that no test has to run on.
let host = HostFacts(
  kernel: KernelVersion(6, 1), effectiveUserID: 0, effectiveGroupID: 0, isInUserNamespace: false,
  cgroup: .unified(mountPoint: "/sys/fs/cgroup"), ownCgroup: "/user.slice", lastCapability: 40,
  permittedCapabilities: ~0)

func plan(_ change: (inout Config) -> Void = { _ in }) throws -> CreatePlan {
  var config = Config(
    root: .init(path: "rootfs"),
    process: OCISpec.Process(cwd: "/", args: ["sh"]),
    linux: LinuxSection(namespaces: [.init(type: "mount"), .init(type: "pid")]))
  change(&config)
  return try CreatePlan.make(
    config, CreateRequest(id: "c", bundle: "/b", cgroupManager: .cgroupfs), host: host)
}

/// Where each of the titles stands in the order, which must contain them all.
func positions(_ plan: CreatePlan, _ titles: [ByteString]) -> [Int] {
  titles.map { title in plan.steps.firstIndex { $0.title == title } ?? -1 }
}

@Suite("Plan: the order of init's steps (runtime-spec 19.2)")
struct StepOrderTests {
  @Test("the partial order of everything at once")
  func order() throws {
    let plan = try plan { config in
      config.hostname = "h"
      config.linux.namespaces += [
        .init(type: "uts"), .init(type: "ipc"), .init(type: "cgroup"), .init(type: "network"),
      ]
      config.mounts = [
        Mount(destination: "/proc", type: "proc", source: "proc"),
        Mount(destination: "/sys", type: "sysfs", source: "sysfs"),
      ]
      config.linux.sysctl = [Entry("kernel.msgmax", "1")]
      config.linux.maskedPaths = ["/proc/kcore"]
      config.linux.readonlyPaths = ["/proc/sys"]
      config.process?.oomScoreAdj = 1
      config.process?.terminal = true
      config.hooks.prestart = [Hook(path: "/h")]
      config.hooks.createContainer = [Hook(path: "/h")]
      config.hooks.startContainer = [Hook(path: "/h")]
      config.linux.seccomp = SeccompSection(defaultAction: "SCMP_ACT_ALLOW")
    }
    let order = positions(
      plan,
      [
        "set oom_score_adj to 1", "start a session", "make a cgroup namespace",
        "join the session keyring `_ses.c`",
        "mount the root filesystem", "mount `proc` on `/proc`",
        "create the device `/dev/null`", "create the links of /dev",
        "join the network namespace that the parent makes",
        "tell the parent that the namespaces are complete", "mount `sysfs` on `/sys`",
        "create the working directory `/`",
        "sync with the parent: network devices, prestart and createRuntime hooks",
        "run createContainer hooks",
        "switch to the new root", "open the terminal", "finish the mounts",
        "set hostname and domainname", "set the sysctl `kernel/msgmax`",
        "make `/proc/sys` read-only", "mask paths", "set the umask to 022", "find the program",
        "sync with the parent: limits and record", "mark descriptors to be closed",
        "enter the working directory `/`", "drop the bounding set",
        "give the standard streams to the user", "become the user", "take capabilities",
        "check the program as the user", "wait for start", "run startContainer hooks",
        "reset signals, close descriptors, announce the program",
        "load the seccomp filter and execute the program",
      ])
    #expect(!order.contains(-1))
    #expect(order == order.sorted())
  }

  @Test("the parent makes a network namespace only where it is the host's root and owns it")
  func network() throws {
    let ids = [IDMapping(containerID: 0, hostID: 1000, size: 1)]
    for (types, isBeside) in [(["network"], true), (["network", "user"], false), ([], false)] {
      let plan = try plan { config in
        config.linux.namespaces += types.map { .init(type: ByteString($0)) }
        config.linux.uidMappings = types.contains("user") ? ids : []
        config.linux.gidMappings = types.contains("user") ? ids : []
      }
      let made = HostOrder.create(plan).meanwhile.contains(.make(.network))
      #expect(made == isBeside && plan.steps.contains(.sync(.network)) == isBeside)
      #expect(plan.steps.contains(.namespace(.loopback)) == types.contains("user"))
      #expect(plan.steps.contains(.sync(.entered)))
    }
  }

  @Test(
    "the filter is the last step, with no_new_privs and without", arguments: [true, false])
  func lastFilter(noNewPrivileges: Bool) throws {
    let plan = try plan { config in
      config.process?.noNewPrivileges = noNewPrivileges
      config.linux.seccomp = SeccompSection(defaultAction: "SCMP_ACT_ALLOW")
    }
    #expect(plan.steps.last == .program(.executeUnderFilter))
    #expect(!plan.steps.contains(.program(.loadFilter)) && !plan.steps.contains(.program(.execute)))
    // The kernel asks for CAP_SYS_ADMIN, or for no_new_privs.
    #expect(plan.exec.keptCapabilities == (noNewPrivileges ? 0 : 1 << 21))
  }

  @Test("a filter that notifies is loaded before the wait: create hands its listener over")
  func notifyingFilter() throws {
    let plan = try plan { config in
      config.linux.seccomp = SeccompSection(
        defaultAction: "SCMP_ACT_ALLOW", listenerPath: "/agent",
        syscalls: [.init(names: ["mkdir"], action: "SCMP_ACT_NOTIFY")])
    }
    let order = positions(
      plan, ["check the program as the user", "load the seccomp filter", "wait for start"])
    #expect(order[1] == order[0] + 1 && order[2] == order[1] + 1)
    #expect(plan.steps.last == .program(.execute))
  }

  @Test("a filter that the runtime has no right to load is refused with the plan")
  func rightless() throws {
    var rightless = host
    rightless.permittedCapabilities = ~(1 << 21)
    func plan(_ noNewPrivileges: Bool, _ namespaces: [ByteString]) throws -> CreatePlan {
      let map = [IDMapping(containerID: 0, hostID: 1000, size: 1)]
      let maps = namespaces.contains("user") ? map : []
      let config = Config(
        root: .init(path: "rootfs"),
        process: OCISpec.Process(cwd: "/", args: ["sh"], noNewPrivileges: noNewPrivileges),
        linux: LinuxSection(
          namespaces: namespaces.map { .init(type: $0) },
          uidMappings: maps, gidMappings: maps,
          seccomp: SeccompSection(defaultAction: "SCMP_ACT_ALLOW")))
      return try CreatePlan.make(
        config, CreateRequest(id: "c", bundle: "/b", cgroupManager: .cgroupfs), host: rightless)
    }
    #expect(throws: ConfigError.self) { try plan(false, ["mount"]) }
    _ = try plan(true, ["mount"])
    _ = try plan(false, ["mount", "user"])
  }

  @Test("MT-1: mounts keep the order of the configuration")
  func mounts() throws {
    let plan = try plan { config in
      config.mounts = ["/z", "/a", "/z/b"].map {
        Mount(destination: ByteString($0), type: "tmpfs", source: "tmpfs")
      }
    }
    let order = positions(
      plan, ["mount `tmpfs` on `/z`", "mount `tmpfs` on `/a`", "mount `tmpfs` on `/z/b`"])
    #expect(order == order.sorted() && !order.contains(-1))
  }

  @Test("OP-9: without a process there is an init that waits, and nothing to execute")
  func noProcess() throws {
    let plan = try plan { $0.process = nil }
    #expect(plan.steps.suffix(2) == [.sync(.start), .program(.none)])
    #expect(plan.exec.program == nil)
  }

  @Test("exec takes the same steps to the program as init, in the same order")
  func exec() throws {
    let config = Config(
      root: .init(path: "rootfs"),
      linux: LinuxSection(
        namespaces: [.init(type: "mount"), .init(type: "pid")],
        seccomp: SeccompSection(defaultAction: "SCMP_ACT_ALLOW")))
    let process = OCISpec.Process(cwd: "/", args: ["sh"], noNewPrivileges: true)
    let exec = try ExecPlan.make(
      process, config: config, container: "c", keyring: nil, host: host, pointer: "")
    let create = try plan { changed in
      changed = config
      changed.process = process
    }
    let entering = exec.steps.drop { $0.title != "set the umask to 022" }.map { $0.title }
    let starting = create.steps.drop { $0.title != "set the umask to 022" }.map { $0.title }
    #expect(entering == starting.filter { $0 != "wait for start" })
  }
}

@Suite("Plan: what is refused, with its place")
struct ValidationTests {
  func refusal(_ change: (inout Config) -> Void) -> ByteString {
    do {
      _ = try plan(change)
      return "accepted"
    } catch let error as ConfigError {
      return error.message
    } catch {
      return "another error"
    }
  }

  @Test("SC-6: a deadline task cannot fork, so startContainer hooks need it reset")
  func deadline() {
    let change = { (flags: [ByteString]) in
      refusal {
        $0.process?.scheduler = .init(
          policy: "SCHED_DEADLINE", flags: flags, runtime: 2000, deadline: 3000)
        $0.hooks.startContainer = [Hook(path: "/h")]
      }
    }
    let refused = change([])
    #expect(refused.hasPrefix("config.json /process/scheduler/flags: SCHED_DEADLINE"))
    #expect(refused.hasSuffix("needs SCHED_FLAG_RESET_ON_FORK"))
    #expect(change(["SCHED_FLAG_RESET_ON_FORK"]) == "accepted")
  }

  @Test("LX-4: a read-only path is named by its own place, whatever was left out before it")
  func readonlyPointer() throws {
    let plan = try plan { $0.linux.readonlyPaths = ["/a", "/a/", "/b"] }
    let pointers = plan.steps.filter { $0.title.hasSuffix("read-only") }.map { $0.pointer }
    #expect(pointers == ["/linux/readonlyPaths/0", "/linux/readonlyPaths/2"])
  }

  @Test("LX-3: masked paths need a mount namespace")
  func masked() {
    let message = refusal { config in
      config.linux.namespaces = []
      config.linux.maskedPaths = ["/proc/kcore"]
    }
    #expect(
      message
        == "config.json /linux/maskedPaths: needs a mount namespace in /linux/namespaces")
  }

  @Test("PR-4: cwd is absolute")
  func cwd() {
    #expect(
      refusal { $0.process?.cwd = "" }
        == "config.json /process/cwd: Cwd property must not be empty")
    #expect(
      refusal { $0.process?.cwd = "a" }
        == "config.json /process/cwd: `a` must be an absolute path")
  }

  @Test("PR-3: a console size that no terminal has is refused, not cut off")
  func consoleSize() {
    let message = refusal { config in
      config.process?.terminal = true
      config.process?.consoleSize = .init(height: 65536, width: 1)
    }
    #expect(
      message
        == "config.json /process/consoleSize: a terminal has at most 65535 rows and columns")
  }
}
