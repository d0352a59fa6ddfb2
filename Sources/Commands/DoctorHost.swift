import Bytes
import Cgroups
import Container
import Diagnosis
import Linux
import Report
import StateStore

// What else of the host decides: cgroups, systemd, ids, security modules, the state root, engines.
extension Doctor {
  mutating func askCgroups() {
    let host = context.host
    let mountPoint = host.cgroup.mountPoint ?? "/sys/fs/cgroup"
    if case .hybrid = host.cgroup {
      note(
        "one cgroup hierarchy", "version 1 hierarchies hold controllers: " + versionOne(nil),
        [.kubernetes], remedy: "boot with systemd.unified_cgroup_hierarchy=1 cgroup_no_v1=all")
    }
    for answer in CgroupTrial(host: host).answers {
      let isFirst = ByteString(stringLiteral: answer.name) == "make"
      let name =
        isFirst ? "make a cgroup" : "cgroup: " + ByteString(stringLiteral: answer.name)
      let isOptional = name == "cgroup: kill" || name == "cgroup: extended attributes"
      note(
        name, answer.error, isOptional ? .none : [.kubernetes, .docker, .podman],
        remedy: isFirst
          ? "have systemd delegate a cgroup: systemd-run --user --scope -p Delegate=yes …"
          : "Linux 5.14 or newer, and the rights of root")
    }
    let offered = HostLook.words(HostLook.lines(mountPoint + "/cgroup.controllers").first ?? "")
    for (name, uses) in [
      ("cpu", [.kubernetes, .docker, .podman]), ("memory", [.kubernetes, .docker, .podman]),
      ("pids", [.kubernetes, .docker, .podman]), ("io", .kubernetes), ("cpuset", .kubernetes),
      ("hugetlb", .none),
    ] as [(ByteString, Uses)] {
      let holder = versionOne(name == "io" ? "blkio" : name)
      let isHeld = !holder.isEmpty || isBoundToVersionOne(name == "io" ? "blkio" : name)
      let isDisabled = ("cgroup_disable=" + name).occurs(
        in: HostLook.lines("/proc/cmdline").first ?? "")
      note(
        "controller " + name,
        offered.contains(name)
          ? nil
          : holder.isEmpty
            ? "not in " + mountPoint + "/cgroup.controllers"
              + (isHeld ? ": a hierarchy of version 1 has it, which is not mounted here" : "")
            : "held by version 1 at " + holder,
        uses,
        remedy: isHeld
          ? "boot with systemd.unified_cgroup_hierarchy=1 cgroup_no_v1=all"
          : isDisabled
            ? "remove cgroup_disable=" + name + " from the kernel's command line"
            : "a kernel that has it, or a parent cgroup that lets it through")
    }
    let options = HostLook.lines("/proc/self/mountinfo").filter {
      $0.hasSuffix("nsdelegate") || ByteString("nsdelegate").occurs(in: $0)
    }
    note(
      "nsdelegate", options.isEmpty ? "cgroup2 is mounted without it" : nil, .none,
      remedy: "mount -o remount,nsdelegate " + mountPoint)
    askDelegation(mountPoint)
  }

  /// Whether a hierarchy of version 1 has a controller, mounted or not (cgroups(7), /proc/cgroups).
  private func isBoundToVersionOne(_ controller: ByteString) -> Bool {
    HostLook.lines("/proc/cgroups").contains {
      let fields = $0.split(on: 0x09)
      return fields.count > 1 && fields[0] == controller && fields[1] != "0"
    }
  }

  /// Where version 1 holds a controller, or any.
  private func versionOne(_ controller: ByteString?) -> ByteString {
    let mounts = HostLook.lines("/proc/self/mountinfo").flatMap {
      MountInfo.parse($0.bytes).filter { $0.type == "cgroup" }
    }
    return mounts.filter { mount in controller.map { mount.data.contains($0) } ?? true }
      .map { $0.mountPoint }.joined(by: " ")
  }

  private mutating func askDelegation(_ mountPoint: ByteString) {
    guard context.host.isRootless else { return }
    let user = ByteString(decimal: Credentials.effectiveUserID)
    let path =
      mountPoint + "/user.slice/user-" + user + ".slice/user@" + user
      + ".service/cgroup.controllers"
    let passed = HostLook.words(HostLook.lines(path).first ?? "")
    let missing = (["cpu", "memory", "pids"] as [ByteString]).filter { !passed.contains($0) }
    note(
      "controllers delegated to the user",
      missing.isEmpty ? nil : missing.joined(by: " ") + " missing in " + path, .rootless,
      remedy: "mkdir -p /etc/systemd/system/user@.service.d && printf "
        + "'[Service]\\nDelegate=cpu cpuset io memory pids\\n' "
        + ">/etc/systemd/system/user@.service.d/delegate.conf && systemctl daemon-reload")
  }

  mutating func askSystemd() {
    let isUser = Credentials.effectiveUserID != 0
    let runs = HostLook.status("/run/systemd/system") != nil
    note(
      isUser ? "systemd of the user" : "systemd",
      runs ? SystemdTrial.error(isUser: isUser) : "it does not run here", [.kubernetes],
      remedy: isUser ? "export XDG_RUNTIME_DIR=/run/user/$(id -u)" : "use --cgroup-manager cgroupfs"
    )
    guard isUser, runs else { return }
    let name = UserName.of(Credentials.effectiveUserID)
    note(
      "lingering",
      HostLook.status("/var/lib/systemd/linger/" + name) == nil
        ? "containers end with the last session" : nil, .none,
      remedy: "loginctl enable-linger " + name)
  }

  mutating func askIDs() {
    let name = UserName.of(Credentials.effectiveUserID)
    let number = ByteString(decimal: Credentials.effectiveUserID)
    for (tool, file) in [("newuidmap", "/etc/subuid"), ("newgidmap", "/etc/subgid")]
      as [(ByteString, ByteString)]
    {
      let status = HostLook.status("/usr/bin/" + tool)
      note(
        tool, status == nil ? "not installed" : nil, .rootless, remedy: "apt install uidmap")
      let lines = HostLook.lines(file).filter {
        Credentials.effectiveUserID == 0 || $0.hasPrefix(name + ":") || $0.hasPrefix(number + ":")
      }
      note(
        file, lines.isEmpty ? "it gives no ids to " + name : nil, .rootless,
        remedy: (tool == "newuidmap" ? "usermod --add-subuids" : "usermod --add-subgids")
          + " 100000-165535 " + name)
    }
  }

  mutating func askSecurity() {
    let modules = HostLook.text("/sys/kernel/security/lsm")
    good("security modules", modules.isEmpty ? "none can be seen" : modules)
    guard HostLook.status("/sys/fs/selinux/enforce") != nil else { return }
    var label: ByteString = ""
    do throws(SyscallError) {
      let file = try Handle.currentDirectory.open("/proc/self/exe", .readOnly)
      label = try file.handle.attribute("security.selinux")
    } catch {}
    note(
      "label of the binary",
      ByteString("container_runtime_exec_t").occurs(in: label) ? nil : "it is " + label,
      [.podman, .kubernetes], remedy: "chcon -t container_runtime_exec_t " + Doctor.binary)
  }

  /// Tried with a file that has no name.
  mutating func askStateRoot() {
    var problem: ByteString?
    var found: ByteString = context.root.path
    do throws(StateError) {
      if let root = try context.root.open() {
        do throws(SyscallError) {
          let file = try root.handle.open(".", [.writeOnly, .temporary], mode: 0o600)
          try file.handle.writeAll([UInt8](repeating: 0, count: 1 << 18))
          if try root.handle.filesystem().type != FilesystemStatus.tmpfs {
            found += ", not a tmpfs: it outlives a boot, as no container does"
          }
        } catch {
          problem = error.message
        }
      } else {
        found += ", made with the first container"
      }
    } catch {
      problem = error.message
    }
    note(
      "state root", problem, .all, remedy: "give --root a directory of your own on a tmpfs",
      good: found)
  }

  static var binary: ByteString { "/usr/bin/apus" }

  mutating func askEngines() {
    let engines: [(name: ByteString, use: Uses, files: [ByteString], remedy: ByteString)] = [
      (
        "podman", .podman,
        ["/etc/containers/containers.conf", "/etc/containers/containers.conf.d/"],
        "set runtime = \"apus\" in /etc/containers/containers.conf.d/apus.conf (docs/engines.md)"
      ),
      (
        "dockerd", .docker, ["/etc/docker/daemon.json"],
        "{\"runtimes\": {\"apus\": {\"path\": \"/usr/bin/apus\"}}} in /etc/docker/daemon.json"
      ),
      (
        "containerd", .kubernetes, ["/etc/containerd/config.toml", "/etc/containerd/conf.d/"],
        "a runtime with BinaryName = \"/usr/bin/apus\" in /etc/containerd/config.toml (docs/engines.md)"
      ),
      (
        "crio", .kubernetes, ["/etc/crio/crio.conf", "/etc/crio/crio.conf.d/"],
        "[crio.runtime.runtimes.apus] in /etc/crio/crio.conf.d/10-apus.conf (docs/engines.md)"
      ),
    ]
    var found: Uses = .none
    for engine in engines where isInstalled(engine.name) {
      found.insert(engine.use)
      let texts = engine.files.flatMap { file -> [ByteString] in
        file.hasSuffix("/")
          ? HostLook.names(file).prefix(64).map { HostLook.text(file + $0) } : [HostLook.text(file)]
      }
      note(
        engine.name,
        texts.contains { ByteString("apus").occurs(in: $0) } ? nil : "apus is not configured",
        engine.use, remedy: engine.remedy, good: "apus is configured")
    }
    for (use, name) in [
      (.podman, "podman"), (.docker, "dockerd"), (.kubernetes, "containerd or crio"),
    ]
      as [(Uses, ByteString)]
    where isFor(use) && !found.contains(use) {
      note(name, "not installed", use, remedy: "install it")
    }
    note(
      "criu", isInstalled("criu") ? nil : "not installed: no checkpoints", .none,
      remedy: "apt install criu")
    let foreign = HostLook.names("/proc/sys/fs/binfmt_misc").filter { $0.hasPrefix("qemu-") }
    good(
      "images of other machines",
      foreign.isEmpty ? "none: binfmt_misc has no interpreter" : foreign.joined(by: " "))
  }

  private func isInstalled(_ name: ByteString) -> Bool {
    (["/usr/bin/", "/usr/sbin/", "/usr/local/bin/", "/usr/local/sbin/"] as [ByteString])
      .contains { HostLook.status($0 + name) != nil }
  }
}
