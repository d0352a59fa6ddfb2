package import Bytes
package import JSON

extension State {
  /// Without `extras` the document that hooks read, with them the one that `state` prints.
  package var json: JSONValue {
    var object = JSONObject()
    object["ociVersion"] = .string(SpecVersion.implemented)
    object["id"] = .string(id)
    object["status"] = .string(status.name)
    object["pid"] = pid.map { .integer($0) }
    object["bundle"] = .string(bundle)
    if let extras {
      object["rootfs"] = .string(extras.rootfs)
      if !extras.created.isEmpty { object["created"] = .string(extras.created) }
    }
    object["annotations"] = annotations.json
    object["owner"] = extras.map { .string($0.owner) }
    object["outOfMemory"] = extras?.outOfMemory.map { .string($0) }
    object["end"] = extras?.end
    object["mounts"] = extras?.mounts
    return .object(object)
  }
}

extension State {
  /// `json` as one line of text.
  package var encoded: [UInt8] { json.encoded() }
}

extension State.Status {
  package var name: ByteString {
    switch self {
    case .creating: "creating"
    case .created: "created"
    case .running: "running"
    case .paused: "paused"
    case .stopped: "stopped"
    case .unknown: "unknown"
    }
  }
}

extension ContainerProcessState {
  package var json: JSONValue {
    var object = JSONObject()
    object["ociVersion"] = .string(SpecVersion.implemented)
    object["fds"] = .strings(fds)
    object["pid"] = .integer(pid)
    object["metadata"] = metadata.map { .string($0) }
    object["state"] = state.json
    return .object(object)
  }
}

extension Features {
  package var json: JSONValue {
    var object = JSONObject()
    object["ociVersionMin"] = .string(SpecVersion.oldest)
    object["ociVersionMax"] = .string(SpecVersion.implemented)
    object["hooks"] = .strings(hooks)
    object["mountOptions"] = .strings(mountOptions)
    object["linux"] = linux.json
    object["annotations"] = annotations.json
    object["potentiallyUnsafeConfigAnnotations"] = .strings(potentiallyUnsafeConfigAnnotations)
    return .object(object)
  }
}

extension Features.LinuxFeatures {
  fileprivate var json: JSONValue {
    [
      "namespaces": .strings(namespaces),
      "capabilities": .strings(capabilities),
      "cgroup": [
        "v1": .bool(cgroup.v1),
        "v2": .bool(cgroup.v2),
        "systemd": .bool(cgroup.systemd),
        "systemdUser": .bool(cgroup.systemdUser),
        "rdma": .bool(cgroup.rdma),
      ],
      "seccomp": [
        "enabled": .bool(seccomp.enabled),
        "actions": .strings(seccomp.actions),
        "operators": .strings(seccomp.operators),
        "archs": .strings(seccomp.archs),
        "knownFlags": .strings(seccomp.knownFlags),
        "supportedFlags": .strings(seccomp.supportedFlags),
      ],
      "apparmor": ["enabled": .bool(apparmor)],
      "selinux": ["enabled": .bool(selinux)],
      "intelRdt": [
        "enabled": .bool(intelRdt.enabled),
        "schemata": .bool(intelRdt.schemata),
        "monitoring": .bool(intelRdt.monitoring),
      ],
      "memoryPolicy": [
        "modes": .strings(memoryPolicy.modes), "flags": .strings(memoryPolicy.flags),
      ],
      "mountExtensions": ["idmap": ["enabled": .bool(idmapMounts)]],
      "netDevices": ["enabled": .bool(netDevices)],
    ]
  }
}

extension [Entry<ByteString>] {
  /// An object of strings, nil if there is none: an absent map says the same.
  package var json: JSONValue? {
    if isEmpty { return nil }
    var object = JSONObject()
    for entry in self { object[entry.key] = .string(entry.value) }
    return .object(object)
  }
}
