import Bytes
import Linux
import OCISpec

/// The root filesystem, procfs and sysfs, and what of the host is mounted.
enum ExposedFiles {
  static func rows(_ view: ConfigView) -> [Exposure.Row] {
    [root(view)] + procfs(view) + sysfs(view) + propagation(view) + binds(view)
  }

  /// Who on the host can change the container's programs.
  static func owner(_ view: ConfigView, _ root: FileStatus?) -> [Exposure.Row] {
    guard let root else { return [] }
    let pointer: ByteString = "/root/path"
    if root.mode & 0o002 != 0, root.mode & 0o1000 == 0 {
      return [
        Exposure.Row(
          "root-owner", at: pointer, 20, "anybody on the host can change the root filesystem",
          remedy: "chmod o-w")
      ]
    }
    if root.userID != 0, view.ofRoot, !view.isRemapped {
      return [
        Exposure.Row(
          "root-owner", at: pointer, 6,
          "user " + ByteString(decimal: root.userID)
            + " of the host can change what root in the container runs", remedy: "chown root")
      ]
    }
    return [Exposure.Row("root-owner", at: pointer, 0, "the root filesystem belongs to its user")]
  }

  private static func root(_ view: ConfigView) -> Exposure.Row {
    view.config.root.readonly
      ? Exposure.Row("root-writable", at: "/root/readonly", 0, "the root filesystem is read-only")
      : Exposure.Row(
        "root-writable", at: "/root/readonly", 2,
        "the root filesystem can be written: what gets in stays",
        remedy: "set it to true, with a tmpfs where the program writes")
  }

  /// Read-only paths in procfs, and what root of the host can do where they are not.
  private static let writable: [(path: ByteString, points: Int, what: ByteString)] = [
    ("/proc/sys", 40, "settings of the kernel, `core_pattern` among them"),
    ("/proc/sysrq-trigger", 20, "restarts and stops the host"),
    ("/proc/irq", 3, "interrupts of the host"), ("/proc/bus", 4, "buses of the host"),
    ("/proc/fs", 3, "settings of filesystems"),
  ]

  private static let readable: [(path: ByteString, points: Int)] = [
    ("/proc/kcore", 4), ("/proc/keys", 2), ("/proc/timer_list", 1), ("/proc/sched_debug", 1),
    ("/sys/firmware", 2),
  ]

  private static func procfs(_ view: ConfigView) -> [Exposure.Row] {
    let mounts = view.config.mounts.filter { $0.destination.hasPrefix("/proc") }
    guard let proc = mounts.last(where: { path($0.destination) == "/proc" }) else {
      return [Exposure.Row("proc-writable", at: "/mounts", 0, "no procfs")]
    }
    let closed = (view.config.linux.readonlyPaths + view.config.linux.maskedPaths).map(path)
    let masked = view.config.linux.maskedPaths.map(path)
    let isReadOnly = proc.options.contains("ro")
    let open = isReadOnly ? [] : writable.filter { !isCovered($0.path, closed) }
    let seen = readable.filter { !isCovered($0.path, masked) }
    var rows = [Exposure.Row]()
    for entry in open where entry.points >= 10 {
      rows.append(
        Exposure.Row(
          "proc-writable", at: "/linux/readonlyPaths", view.weighed(entry.points),
          shown(entry.path) + " can be written: " + entry.what, remedy: "add it to readonlyPaths"))
    }
    let small = open.filter { $0.points < 10 }
    if !small.isEmpty {
      rows.append(
        Exposure.Row(
          "proc-writable", at: "/linux/readonlyPaths",
          view.weighed(small.reduce(0) { $0 + $1.points }),
          small.map { $0.path }.joined(by: " ") + " can be written",
          remedy: "add them to readonlyPaths"))
    }
    if !seen.isEmpty {
      rows.append(
        Exposure.Row(
          "masks", at: "/linux/maskedPaths", view.weighed(seen.reduce(0) { $0 + $1.points }),
          seen.map { $0.path }.joined(by: " ") + " can be read", remedy: "add them to maskedPaths"))
    }
    if rows.isEmpty {
      rows.append(
        Exposure.Row("proc-writable", at: "/linux/readonlyPaths", 0, "procfs is closed as usual"))
    }
    return rows
  }

  private static func sysfs(_ view: ConfigView) -> [Exposure.Row] {
    var rows = [Exposure.Row]()
    for (index, mount) in view.config.mounts.enumerated() where !mount.options.contains("ro") {
      let pointer = "/mounts/" + ByteString(decimal: index) + "/options"
      if mount.type == "sysfs" {
        rows.append(
          Exposure.Row(
            "sys-writable", at: pointer, view.weighed(30),
            "sysfs can be written: `uevent_helper`, power and devices of the host",
            remedy: "add ro"))
      }
      if mount.type == "cgroup" || mount.type == "cgroup2" {
        let isOwn = view.sharing("cgroup") != .host
        rows.append(
          Exposure.Row(
            "cgroup-writable", at: pointer, isOwn ? view.weighed(4) : view.weighed(20),
            isOwn
              ? "the container's own cgroups can be written: it can lift limits set inside"
              : "cgroups of the host can be written", remedy: "add ro"))
      }
    }
    return rows
  }

  private static func propagation(_ view: ConfigView) -> [Exposure.Row] {
    var rows = [Exposure.Row]()
    let shared: [ByteString] = ["shared", "rshared"]
    if shared.contains(view.config.linux.rootfsPropagation ?? "") {
      rows.append(
        Exposure.Row(
          "propagation", at: "/linux/rootfsPropagation", view.weighed(8),
          "mounts in the container appear on the host", remedy: "rslave or rprivate"))
    }
    for (index, mount) in view.config.mounts.enumerated()
    where mount.options.contains(where: { shared.contains($0) }) {
      rows.append(
        Exposure.Row(
          "propagation", at: "/mounts/" + ByteString(decimal: index), view.weighed(8),
          "mounts below " + shown(mount.destination) + " appear on the host",
          remedy: "rslave or rprivate"))
    }
    return rows
  }

  private static func binds(_ view: ConfigView) -> [Exposure.Row] {
    var rows = [Exposure.Row]()
    var others = [ByteString]()
    for (index, mount) in view.config.mounts.enumerated() {
      guard mount.options.contains("bind") || mount.options.contains("rbind"),
        let source = mount.source, source.hasPrefix("/")
      else { continue }
      let isReadOnly = mount.options.contains("ro") || mount.options.contains("rro")
      let pointer = "/mounts/" + ByteString(decimal: index)
      guard let place = HostPlace.find(path(source)) else {
        if !isReadOnly { others.append(source) }
        continue
      }
      let points = isReadOnly ? place.readable : place.writable
      if points == 0 { continue }
      rows.append(
        Exposure.Row(
          place.isSocket ? "engine-socket" : "host-path", at: pointer, points,
          shown(source) + ": " + place.what + (isReadOnly && !place.isSocket ? ", to be read" : ""),
          remedy: place.isSocket
            ? "leave it out: read-only does not close a socket"
            : isReadOnly ? "mount only what is needed of it" : "leave it out, or add ro"))
    }
    if !others.isEmpty {
      rows.append(
        Exposure.Row(
          "host-path", at: "/mounts", min(others.count, 5),
          "can write " + others.map { $0.escaped(limit: 100) }.joined(by: " "),
          remedy: "add ro where the program only reads"))
    }
    return rows
  }

  private static func isCovered(_ path: ByteString, _ by: [ByteString]) -> Bool {
    by.contains { $0 == path || path.hasPrefix($0 + "/") }
  }

  private static func path(_ text: ByteString) -> ByteString {
    "/" + text.pathComponents.joined(by: "/")
  }
}

/// Places of a host that a container has no business in.
struct HostPlace {
  var what: ByteString
  var writable: Int
  var readable: Int
  var isSocket = false

  private static let sockets: [ByteString] = [
    "docker.sock", "podman.sock", "containerd.sock", "crio.sock", "buildkitd.sock",
    "dockershim.sock",
    "cri-dockerd.sock", "lxd.sock", "incus.sock", "unix.socket", "io.podman",
    "system_bus_socket",
  ]

  /// Longest first: `/var/run` before `/var`.
  private static let trees: [(path: ByteString, what: ByteString, writable: Int, readable: Int)] = [
    ("/var/lib/docker", "the containers and images of an engine", 80, 20),
    ("/var/lib/containers", "the containers and images of an engine", 80, 20),
    ("/var/lib/containerd", "the containers and images of an engine", 80, 20),
    ("/var/lib/kubelet", "the pods and secrets of a node", 80, 30),
    ("/var/spool/cron", "commands that root runs", 90, 2),
    ("/lib/modules", "modules of the kernel", 70, 0),
    ("/usr/lib/modules", "modules of the kernel", 70, 0),
    ("/var/run", "the sockets of the host's services", 80, 80),
    ("/run", "the sockets of the host's services", 80, 80),
    ("/etc", "the configuration and passwords of the host", 90, 15),
    ("/root", "the files of root", 85, 20),
    ("/boot", "the kernel and its boot loader", 85, 3),
    ("/home", "the files of users", 40, 15),
    ("/usr", "the programs of the host", 90, 1),
    ("/bin", "the programs of the host", 90, 1),
    ("/sbin", "the programs of the host", 90, 1),
    ("/lib", "the libraries of the host", 90, 1),
    ("/lib64", "the libraries of the host", 90, 1),
    ("/dev", "the devices of the host", 70, 60),
    ("/proc", "the processes of the host", 60, 20),
    ("/sys", "devices and settings of the host", 40, 3),
    ("/var", "the data of the host", 60, 20),
    ("/", "all files of the host", 95, 40),
  ]

  /// Below `/run` and `/dev` a file is one thing, and not all of it: only the trees themselves.
  private static let wholeOnly: [ByteString] = [
    "/run", "/var/run", "/var", "/dev", "/proc", "/sys", "/",
  ]

  static func find(_ source: ByteString) -> HostPlace? {
    let name = source.baseName
    if sockets.contains(name) {
      return HostPlace(
        what: "who can talk to it is root of the host", writable: 90, readable: 90, isSocket: true)
    }
    for tree in trees {
      // Engines keep what they make for a container below their own directories.
      let isEngine = tree.path.hasPrefix("/var/lib/")
      let isWhole = isEngine || wholeOnly.contains(tree.path)
      guard source == tree.path || (!isWhole && source.hasPrefix(tree.path + "/")) else { continue }
      return HostPlace(what: tree.what, writable: tree.writable, readable: tree.readable)
    }
    return nil
  }
}
