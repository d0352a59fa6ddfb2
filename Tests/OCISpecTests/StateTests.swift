import Bytes
import JSON
import OCISpec
import Testing

@Suite("State")
struct StateTests {
  private let state = State(
    id: "a", status: .creating, pid: 12, bundle: "/srv/a",
    annotations: [.init("z", "1"), .init("b", "")])

  private func text(_ value: JSONValue) -> String {
    String(decoding: value.encoded(), as: UTF8.self)
  }

  @Test("ST-1..6: what a hook reads")
  func hookState() {
    #expect(
      text(state.json)
        == #"{"ociVersion":"1.3.0","id":"a","status":"creating","pid":12,"bundle":"/srv/a","annotations":{"z":"1","b":""}}"#
    )
    #expect(state.encoded == state.json.encoded())
  }

  @Test("ST-4 ST-6: no process and no annotations are left out")
  func least() {
    #expect(
      text(State(id: "a", status: .stopped, bundle: "/a").json)
        == #"{"ociVersion":"1.3.0","id":"a","status":"stopped","bundle":"/a"}"#)
  }

  @Test("ST-7: `state` prints what engines read beside")
  func extras() {
    var state = state
    state.annotations = []
    state.extras = .init(rootfs: "/srv/a/rootfs", created: "2026-01-02T03:04:05.000000006Z")
    #expect(
      text(state.json)
        == #"{"ociVersion":"1.3.0","id":"a","status":"creating","pid":12,"bundle":"/srv/a","rootfs":"/srv/a/rootfs","created":"2026-01-02T03:04:05.000000006Z","owner":""}"#
    )
  }

  @Test("ST-3: a state reads back, whatever its status", arguments: State.Status.allCases)
  func roundTrip(status: State.Status) throws {
    var state = state
    state.status = status
    #expect(try State.decode(state.encoded) == state)
    state.extras = .init(rootfs: "/r", created: "c", owner: "o")
    #expect(try State.decode(state.encoded) == state)
  }

  @Test("ST-3: another status is refused")
  func unknownStatus() {
    #expect(
      refusal(of: #"{"id": "a", "status": "zombie", "bundle": "/a"}"#, as: State.self)
        == "config.json /status: unknown status `zombie`")
  }

  @Test("SN-2: the container process state")
  func containerProcessState() {
    let process = ContainerProcessState(
      pid: 13, metadata: "m", state: State(id: "a", status: .running, pid: 12, bundle: "/a"))
    #expect(
      text(process.json)
        == #"{"ociVersion":"1.3.0","fds":["seccompFd"],"pid":13,"metadata":"m","state":{"ociVersion":"1.3.0","id":"a","status":"running","pid":12,"bundle":"/a"}}"#
    )
  }
}

@Suite("Features")
struct FeaturesTests {
  @Test("FT-1 FT-2: an empty list says that there is none of it")
  func json() {
    var features = Features(hooks: ["prestart"], mountOptions: ["ro"])
    features.linux.namespaces = ["pid"]
    features.linux.seccomp = .init(
      enabled: true, actions: ["A"], operators: ["O"], archs: ["R"], knownFlags: ["K", "S"],
      supportedFlags: ["S"])
    features.linux.cgroup.v2 = true
    features.linux.idmapMounts = true
    features.linux.memoryPolicy.modes = ["M"]
    features.annotations = [.init("a", "b")]
    features.potentiallyUnsafeConfigAnnotations = ["org.systemd.property."]
    let expected: JSONValue = [
      "ociVersionMin": "1.0.0", "ociVersionMax": "1.3.0", "hooks": ["prestart"],
      "mountOptions": ["ro"],
      "linux": [
        "namespaces": ["pid"], "capabilities": [],
        "cgroup": ["v1": false, "v2": true, "systemd": false, "systemdUser": false, "rdma": false],
        "seccomp": [
          "enabled": true, "actions": ["A"], "operators": ["O"], "archs": ["R"],
          "knownFlags": ["K", "S"], "supportedFlags": ["S"],
        ], "apparmor": ["enabled": false], "selinux": ["enabled": false],
        "intelRdt": ["enabled": false, "schemata": false, "monitoring": false],
        "memoryPolicy": ["modes": ["M"], "flags": []],
        "mountExtensions": ["idmap": ["enabled": true]], "netDevices": ["enabled": false],
      ],
      "annotations": ["a": "b"],
      "potentiallyUnsafeConfigAnnotations": ["org.systemd.property."],
    ]
    #expect(features.json == expected)
  }
}
