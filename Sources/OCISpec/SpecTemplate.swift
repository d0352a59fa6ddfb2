import Bytes
package import JSON

/// The config that `spec` writes: a shell in a read-only root, with as little else as it needs.
package enum SpecTemplate {
  /// The identity of an unprivileged caller, which becomes root inside (`spec --rootless`).
  package struct Rootless: Equatable, Sendable {
    package var uid: UInt32
    package var gid: UInt32

    package init(uid: UInt32, gid: UInt32) {
      self.uid = uid
      self.gid = gid
    }
  }

  /// The document with one tab a level.
  package static func text(rootless: Rootless? = nil) -> [UInt8] {
    config(rootless: rootless).encoded(indent: "\t") + [0x0a]
  }

  package static func config(rootless: Rootless? = nil) -> JSONValue {
    [
      "ociVersion": .string(SpecVersion.implemented),
      "process": process,
      "root": ["path": "rootfs", "readonly": true],
      "hostname": "apus",
      "mounts": mounts(isRootless: rootless != nil),
      "linux": linux(rootless: rootless),
    ]
  }

  private static var process: JSONValue {
    let capabilities: JSONValue = ["CAP_AUDIT_WRITE", "CAP_KILL", "CAP_NET_BIND_SERVICE"]
    return [
      "terminal": true,
      "user": ["uid": 0, "gid": 0],
      "args": ["sh"],
      "env": ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "TERM=xterm"],
      "cwd": "/",
      "capabilities": [
        "bounding": capabilities, "effective": capabilities, "permitted": capabilities,
      ],
      "rlimits": [["type": "RLIMIT_NOFILE", "hard": 1024, "soft": 1024]],
      "noNewPrivileges": true,
    ]
  }

  private static func mounts(isRootless: Bool) -> JSONValue {
    // Only the caller's own group is mapped, and sysfs belongs to the network namespace's owner.
    let terminals: [ByteString] =
      ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"]
      + (isRootless ? [] : ["gid=5"])
    let shared: [ByteString] = ["nosuid", "noexec", "nodev", "mode=1777", "size=65536k"]
    let plain: [ByteString] = ["nosuid", "noexec", "nodev"]
    return [
      mount("proc", "proc", on: "/proc"),
      mount("tmpfs", "tmpfs", on: "/dev", ["nosuid", "strictatime", "mode=755", "size=65536k"]),
      mount("devpts", "devpts", on: "/dev/pts", terminals),
      mount("tmpfs", "shm", on: "/dev/shm", shared),
      mount("mqueue", "mqueue", on: "/dev/mqueue", plain),
      isRootless
        ? mount("none", "/sys", on: "/sys", ["rbind", "nosuid", "noexec", "nodev", "ro"])
        : mount("sysfs", "sysfs", on: "/sys", plain + ["ro"]),
      mount("cgroup", "cgroup", on: "/sys/fs/cgroup", plain + ["relatime", "ro"]),
    ]
  }

  private static func mount(
    _ type: ByteString, _ source: ByteString, on destination: ByteString,
    _ options: [ByteString] = []
  ) -> JSONValue {
    var object = JSONObject()
    object["destination"] = .string(destination)
    object["type"] = .string(type)
    object["source"] = .string(source)
    object["options"] = options.isEmpty ? nil : .strings(options)
    return .object(object)
  }

  private static func linux(rootless: Rootless?) -> JSONValue {
    var object = JSONObject()
    var namespaces: [ByteString] = ["pid", "ipc", "uts", "mount", "cgroup"]
    if let rootless {
      namespaces.append("user")
      object["uidMappings"] = [["containerID": 0, "hostID": .integer(rootless.uid), "size": 1]]
      object["gidMappings"] = [["containerID": 0, "hostID": .integer(rootless.gid), "size": 1]]
    } else {
      namespaces.append("network")
      object["resources"] = ["devices": [["allow": false, "access": "rwm"]]]
    }
    object["namespaces"] = .array(namespaces.map { ["type": .string($0)] })
    object["maskedPaths"] = [
      "/proc/acpi", "/proc/asound", "/proc/kcore", "/proc/keys", "/proc/latency_stats",
      "/proc/timer_list", "/proc/timer_stats", "/proc/sched_debug", "/sys/firmware", "/proc/scsi",
    ]
    object["readonlyPaths"] = [
      "/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger",
    ]
    return .object(object)
  }
}
