package import Bytes
package import Linux
package import OCISpec

/// What a container could do to the host, as the configuration alone tells it.
///
/// Each row that is not as closed as it can be takes its points, in per cent, of what the rows before
/// it have left; the score is what is gone in the end. So a single row such as an engine's socket makes
/// a score that no other row can make good, and many small ones add up without ever reaching 100.
package struct Exposure: Equatable, Sendable {
  /// One line of the table.
  package struct Row: Equatable, Sendable {
    /// A stable word for programs.
    package var code: ByteString
    package var pointer: ByteString
    /// 0 for what is as it should be.
    package var points: Int
    package var message: ByteString
    /// What to set; empty at 0 points.
    package var remedy: ByteString

    init(
      _ code: ByteString, at pointer: ByteString, _ points: Int, _ message: ByteString,
      remedy: ByteString = ""
    ) {
      self.code = code
      self.pointer = pointer
      self.points = points
      self.message = message
      self.remedy = points == 0 ? "" : remedy
    }
  }

  package var rows: [Row]

  /// From 0 to 100.
  package var score: Int {
    var left = 1_000_000
    for row in rows { left = left * (100 - row.points) / 100 }
    return (1_000_000 - left + 5000) / 10_000
  }

  package var level: ByteString {
    switch score {
    case ..<25: "low"
    case ..<50: "medium"
    case ..<80: "high"
    default: "severe"
    }
  }

  /// `ofRoot` says whether the caller has root's rights on the host: what gets out has the caller's.
  /// `root` is the directory of the root filesystem, where it is known.
  package init(_ config: Config, ofRoot: Bool = true, root: FileStatus? = nil) {
    let view = ConfigView(config, ofRoot: ofRoot)
    rows =
      ExposedNamespaces.rows(view) + ExposedFiles.owner(view, root) + ExposedRights.rows(view)
      + ExposedCalls.rows(view)
      + ExposedFiles.rows(view) + ExposedDevices.rows(view) + ExposedResources.rows(view)
  }
}

/// A configuration, with the questions that more than one row asks.
struct ConfigView {
  let config: Config
  let ofRoot: Bool
  /// Whether root in the container is another user on the host.
  let isRemapped: Bool

  init(_ config: Config, ofRoot: Bool) {
    self.config = config
    self.ofRoot = ofRoot
    let hasOwn = config.linux.namespaces.contains { $0.type == "user" }
    let mapsRoot = config.linux.uidMappings.contains { $0.hostID == 0 && $0.size > 0 }
    isRemapped = !ofRoot || (hasOwn && !mapsRoot)
  }

  enum Sharing: Equatable {
    /// Made for the container.
    case own
    /// Joined: of another container, as far as a path tells.
    case joined(ByteString)
    case host
  }

  func sharing(_ type: ByteString) -> Sharing {
    guard let namespace = config.linux.namespaces.first(where: { $0.type == type }) else {
      return .host
    }
    guard let path = namespace.path, !path.isEmpty else { return .own }
    return path.hasPrefix("/proc/1/ns/") || path.hasPrefix("/proc/self/ns/") ? .host : .joined(path)
  }

  /// Half or a quarter of what it would be if root in the container were root of the host.
  func weighed(_ points: Int) -> Int { isRemapped ? (points + 3) / 4 : points }
}

enum ExposedNamespaces {
  private static let shared: [(type: ByteString, points: Int, what: ByteString)] = [
    ("mount", 70, "mounts in the container are mounts of the host"),
    ("pid", 15, "sees the processes of the host, and signals those of its user"),
    ("network", 15, "has the network devices, ports and abstract sockets of the host"),
    ("ipc", 5, "has the shared memory and message queues of the host"),
    ("cgroup", 3, "sees the names of the host's cgroups"),
    ("uts", 2, "has the name of the host, and may be able to change it"),
  ]

  static func rows(_ view: ConfigView) -> [Exposure.Row] {
    [user(view)]
      + shared.map { kind in
        let code = "namespace-" + kind.type
        let pointer: ByteString = "/linux/namespaces"
        switch view.sharing(kind.type) {
        case .own: return Exposure.Row(code, at: pointer, 0, kind.type + " namespace of its own")
        case .joined(let path):
          return Exposure.Row(code, at: pointer, 0, kind.type + " namespace of " + shown(path))
        case .host:
          return Exposure.Row(
            code, at: pointer, kind.points, "no " + kind.type + " namespace: " + kind.what,
            remedy: "add {\"type\": \"" + kind.type + "\"}")
        }
      }
  }

  private static func user(_ view: ConfigView) -> Exposure.Row {
    let pointer: ByteString = "/linux/namespaces"
    if !view.ofRoot {
      return Exposure.Row(
        "namespace-user", at: pointer, 2,
        "root in the container is the caller, who is not root of the host",
        remedy: "map other ids of the caller's, with newuidmap")
    }
    if view.isRemapped {
      return Exposure.Row(
        "namespace-user", at: pointer, 0, "root in the container is another user on the host")
    }
    if view.sharing("user") != .host {
      return Exposure.Row(
        "namespace-user", at: "/linux/uidMappings", 20,
        "the user namespace maps root of the host",
        remedy: "map to host ids that own nothing else, such as 100000 and up")
    }
    let isRoot = (view.config.process?.user.uid ?? 0) == 0
    return Exposure.Row(
      "namespace-user", at: pointer, isRoot ? 20 : 8,
      isRoot
        ? "no user namespace: root in the container is root of the host"
        : "no user namespace: a set-user-ID program makes root of the host",
      remedy: "add {\"type\": \"user\"} with uidMappings and gidMappings")
  }
}

enum ExposedResources {
  static func rows(_ view: ConfigView) -> [Exposure.Row] {
    let resources = view.config.linux.resources
    let pids = resources.pids?.limit ?? -1
    let memory = resources.memory?.limit ?? -1
    let unified = resources.unified
    let hasPids = pids > 0 || (unified["pids.max"] ?? "max") != "max"
    let hasMemory = memory > 0 || (unified["memory.max"] ?? "max") != "max"
    return [
      hasPids
        ? Exposure.Row("limit-pids", at: "/linux/resources/pids", 0, "processes are limited")
        : Exposure.Row(
          "limit-pids", at: "/linux/resources/pids", 3,
          "no limit of processes: a fork bomb stops the host",
          remedy: "set /linux/resources/pids/limit, such as 2048"),
      hasMemory
        ? Exposure.Row("limit-memory", at: "/linux/resources/memory", 0, "memory is limited")
        : Exposure.Row(
          "limit-memory", at: "/linux/resources/memory", 3,
          "no limit of memory: the host runs out of it with the container",
          remedy: "set /linux/resources/memory/limit"),
    ]
  }
}
