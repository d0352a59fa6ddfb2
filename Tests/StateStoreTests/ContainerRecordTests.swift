import Bytes
import JSON
import Linux
import OCISpec
import TestSupport
import Testing

@testable import StateStore

@Suite("the record of a container")
struct ContainerRecordTests {
  private let temporary: TemporaryDirectory
  private let directory: StateDirectory

  init() throws {
    temporary = try TemporaryDirectory()
    let root = StateRoot(
      explicit: temporary.path + "/root", runtimeDirectory: nil, isRealRoot: true)
    (directory, _) = try StateDirectory.claim(try ContainerID("web"), in: root)
  }

  private var complete: ContainerRecord {
    ContainerRecord(
      id: "web", bundle: "/b", rootfs: "/b/rootfs", createdSeconds: 1_795_226_219,
      createdNanoseconds: 250_000_000,
      initProcess: InitIdentity(pid: 42, startTime: 8_675_309, bootID: "abc"),
      cgroupPath: "/machine/web", cgroupMountPoint: "/sys/fs/cgroup", cgroupManager: "cgroupfs",
      resctrlDirectory: "web", keyring: "_ses.web", ownsPidNamespace: true,
      annotations: [Entry("org.example.a", "1=2"), Entry("empty", "")],
      mounts: [Entry("/data", "/srv/data"), Entry("/proc", "proc")])
  }

  private var planned: ContainerRecord {
    ContainerRecord(
      id: "web", bundle: "/b", rootfs: "/r", createdSeconds: 1, createdNanoseconds: 0,
      cgroupManager: "disabled", ownsPidNamespace: false)
  }

  @Test("what is written is read, before and after init is started")
  func roundTrip() throws {
    #expect(try directory.loadRecord() == nil)
    try directory.save(planned)
    #expect(try directory.loadRecord() == planned)
    try directory.save(complete)
    #expect(try directory.loadRecord() == complete)
    var updated = complete
    updated.cgroupBase = 1
    updated.resources = Resources(memory: .init(limit: -1), pids: .init(limit: 5))
    updated.liveMounts = [
      LiveMount(
        destination: "/t", source: "tmpfs", type: "tmpfs", id: MountID(unique: 1 << 40, number: 7),
        phase: .adding)
    ]
    updated.addedMounts = 2
    try directory.save(updated)
    #expect(try directory.loadRecord() == updated)
    #expect(updated.hasUnsettledMounts && !complete.hasUnsettledMounts)
  }

  /// Where the short reader and the parser could differ.
  private var variants: [ContainerRecord] {
    var (inode, bare, long, quoted, open) = (complete, planned, complete, complete, complete)
    inode.initProcess?.inode = 77
    (inode.startNeedsConfig, inode.deleteNeedsConfig) = (false, false)
    inode.namespaces = [Entry("pid", "0:4:1"), Entry("mount", "0:4:2")]
    (inode.cgroupBase, inode.cgroupInode) = (1, 4711)
    (bare.annotations, bare.mounts) = ([], [])
    long.annotations = (0..<40).map { Entry(ByteString(decimal: $0), "x") }
    quoted.bundle = "/a \"b\" \\ \u{e9}\n"
    open.createdSeconds = -1
    return [complete, planned, inode, bare, long, quoted, open]
  }

  @Test("what the short reader takes is what the parser takes, whatever becomes of a byte")
  func plain() throws {
    var (taken, refused) = (0, 0)
    for record in variants {
      let text = record.json.encoded()
      #expect(ContainerRecord(try JSONValue.parse(text)) == record)
      if let plain = ContainerRecord(plain: text) { #expect(plain == record) }
      for index in text.indices {
        for byte: UInt8? in [nil, 0x22, 0x30, 0x39, 0x5c, 0x7d, 0x2c, 0xff, 0x0a] {
          var changed = text
          if let byte { changed[index] = byte } else { changed.remove(at: index) }
          for text in [changed, Array(text[..<index])] {
            guard let plain = ContainerRecord(plain: text) else {
              refused += 1
              continue
            }
            taken += 1
            #expect(ContainerRecord(try JSONValue.parse(text)) == plain)
          }
        }
      }
    }
    #expect(taken > 1000 && refused > taken)
    #expect(variants.filter { ContainerRecord(plain: $0.json.encoded()) != nil }.count == 4)
  }

  @Test("a name that comes twice is refused by the short reader as by the parser")
  func duplicates() throws {
    var record = complete
    record.annotations = [Entry("a", "1"), Entry("b", "2")]
    let text = String(decoding: record.json.encoded(), as: UTF8.self)
    #expect(ContainerRecord(plain: Array(text.utf8)) != nil)
    let twice = Array(text.replacing(#""b":"2""#, with: #""a":"2""#).utf8)
    #expect(twice != Array(text.utf8) && ContainerRecord(plain: twice) == nil)
  }

  @Test("a record of an earlier version says nothing of the configuration, which is read then")
  func earlier() throws {
    guard case .object(var object) = complete.json else { return }
    object["startNeedsConfig"] = nil
    object["deleteNeedsConfig"] = nil
    let text = JSONValue.object(object).encoded()
    #expect(!ByteString(text).bytes.isEmpty && ContainerRecord(plain: text) == nil)
    try temporary.write("root/web/state.json", ByteString(text))
    #expect(try directory.loadRecord() == complete)
    #expect(complete.startNeedsConfig && complete.deleteNeedsConfig)
  }

  @Test("a record that no reader would take is not written")
  func tooLarge() throws {
    var record = complete
    let long = ByteString([UInt8](repeating: 0x78, count: 900_000))
    record.annotations = [Entry("a", long)]
    try directory.save(record)
    #expect(try directory.loadRecord() == record)
    // As a label of other tools it is longer than a string may be.
    record.annotations = [
      Entry(long.prefix(100), ByteString([UInt8](repeating: 0x78, count: 1 << 20)))
    ]
    #expect(throws: StateError.self) { try directory.save(record) }
    record.annotations = []
    record.mounts = (0..<60_000).map { Entry("/" + ByteString(decimal: $0), "x") }
    #expect(throws: StateError.self) { try directory.save(record) }
  }

  @Test("OP-14: who init is can be read without the record")
  func initLink() throws {
    #expect(try directory.loadInit() == nil)
    let identity = InitIdentity(pid: 42, startTime: 7, bootID: "abc")
    try directory.saveInit(identity)
    #expect(try directory.loadInit() == identity)
    try directory.handle.unlink("init")
    for text: ByteString in ["1", "x 7 abc", "0 7 abc", "1 7 abc d"] {
      try directory.handle.makeSymlink("init", to: text)
      #expect(try directory.loadInit() == nil)
      try directory.handle.unlink("init")
    }
  }

  @Test("replaced as a whole, readable by its owner only, no draft left")
  func replaced() throws {
    try temporary.write("root/web/.state.json.new", "left by a create that was killed")
    try directory.save(planned)
    #expect(try temporary.names("root/web") == ["state.json"])
    #expect(try directory.handle.status(ofEntry: "state.json").permissions == 0o600)
  }

  @Test("the keys that third-party tools read")
  func compatibility() throws {
    try directory.save(complete)
    guard
      case .object(let object) = try JSONValue.parse(
        Array(temporary.read("root/web/state.json").bytes))
    else {
      Issue.record("no object")
      return
    }
    #expect(object["id"] == "web")
    #expect(object["init_process_pid"] == 42)
    #expect(object["init_process_start"] == 8_675_309)
    #expect(object["created"] == "2026-11-21T01:56:59.25Z")
    #expect(object["cgroup_paths"] == ["": "/sys/fs/cgroup/machine/web"])
    guard case .object(let namespaces)? = object["namespace_paths"] else {
      Issue.record("no namespace_paths")
      return
    }
    #expect(namespaces["NEWNET"] == "/proc/42/ns/net")
    #expect(namespaces.members.count == 8)
    #expect(
      object["config"] == [
        "rootfs": "/b/rootfs",
        "mounts": [
          ["source": "/srv/data", "destination": "/data"],
          ["source": "proc", "destination": "/proc"],
        ],
        "labels": ["org.example.a=1=2", "empty=", "bundle=/b"],
      ])
  }

  @Test(
    "T29: a damaged record is said to be one",
    arguments: [
      "", "{", "[]", "{}", "null", #"{"apusVersion":2,"id":"web"}"#,
      #"{"apusVersion":1,"id":"web","bundle":"/b"}"#,
    ])
  func damaged(text: String) throws {
    try temporary.write("root/web/state.json", ByteString(text))
    #expect(message().hasPrefix("the record of container `web` is damaged: "))
  }

  /// Every number of a record by its members' names, the last one that of an array's elements.
  private static func numbers(_ value: JSONValue, at path: [ByteString] = []) -> [[ByteString]] {
    switch value {
    case .number: [path]
    case .object(let object):
      object.members.flatMap { numbers($0.value, at: path + [$0.name]) }
    case .array(let elements): elements.first.map { numbers($0, at: path + ["0"]) } ?? []
    case .null, .bool, .string: []
    }
  }

  private static func changed(_ value: JSONValue, _ path: ArraySlice<ByteString>, _ new: JSONValue)
    -> JSONValue
  {
    guard let name = path.first else { return new }
    switch value {
    case .object(var object):
      if let member = object[name] { object[name] = changed(member, path.dropFirst(), new) }
      return .object(object)
    case .array(let elements):
      return .array(
        [changed(elements[0], path.dropFirst(), new)] + elements.dropFirst())
    case .null, .bool, .number, .string: return value
    }
  }

  @Test("T29: whatever a number in a record is, the record is read or said to be damaged")
  func extremes() throws {
    var record = complete
    record.initProcess?.inode = 77
    (record.cgroupBase, record.cgroupInode) = (1, 4711)
    record.resources = Resources(memory: .init(limit: -1), pids: .init(limit: 5))
    record.liveMounts = [
      LiveMount(
        destination: "/t", source: "tmpfs", type: "tmpfs", id: MountID(unique: 1 << 40, number: 7),
        phase: .removing)
    ]
    record.addedMounts = 2
    let numbers = Self.numbers(record.json)
    #expect(numbers.count == 14)
    var damaged = 0
    for path in numbers {
      for text: ByteString in [
        "-1", "257", "2147483648", "4294967297", "1000000000", "9223372036854775808",
        "18446744073709551615", "18446744073709551616", "-9223372036854775808", "1e3", "0.5",
      ] {
        let json = Self.changed(record.json, path[...], .number(text))
        try temporary.write("root/web/state.json", ByteString(json.encoded()))
        do throws(StateError) {
          let read = try directory.loadRecord()
          #expect(read.map { _ = $0.json.encoded() } != nil)
        } catch {
          #expect(error.message.hasPrefix("the record of container `web` is damaged: "))
          damaged += 1
        }
      }
    }
    #expect(damaged > 70)
  }

  @Test("T29: a record that leads to the root of a hierarchy, or out of it, is damaged")
  func roots() throws {
    for path: ByteString in ["", "/", "//", "/.", "/..", "/a/../..", "a", "/a/", "/a//b"] {
      var record = complete
      record.cgroupPath = path
      try temporary.write("root/web/state.json", ByteString(record.json.encoded()))
      #expect(message().hasPrefix("the record of container `web` is damaged: "))
    }
    for group: ByteString in ["", ".", "..", "/", "/a", "a/../..", "a/"] {
      var record = complete
      record.resctrlDirectory = group
      try temporary.write("root/web/state.json", ByteString(record.json.encoded()))
      #expect(message().hasPrefix("the record of container `web` is damaged: "))
    }
    for path: ByteString in ["/a", "/a/b", "/...", "/..a"] {
      var record = complete
      record.cgroupPath = path
      record.resctrlDirectory = "mon_groups/web"
      try directory.save(record)
      #expect(try directory.loadRecord() == record)
    }
  }

  @Test("T29: a phase that the last byte only makes one is none")
  func phases() throws {
    var record = complete
    record.liveMounts = [
      LiveMount(
        destination: "/t", source: "s", type: "bind", id: MountID(unique: 1, number: 1),
        phase: .adding)
    ]
    let text = String(decoding: record.json.encoded(), as: UTF8.self)
    let other = text.replacing("\"phase\":1", with: "\"phase\":257")
    #expect(other != text)
    try temporary.write("root/web/state.json", ByteString(Array(other.utf8)))
    #expect(message().hasPrefix("the record of container `web` is damaged: "))
  }

  @Test("T29: a pid that is none makes the container one without an init")
  func wrongPid() throws {
    var record = complete
    for pid: Int32 in [0, -1] {
      record.initProcess?.pid = pid
      try directory.save(record)
      #expect(try directory.loadRecord()?.initProcess == nil)
    }
  }

  @Test("T29: a link, a fifo or a gigabyte in its place is not read")
  func wrongFiles() throws {
    try temporary.write("elsewhere", "{}")
    try directory.handle.makeSymlink("state.json", to: "../../elsewhere")
    #expect(message() != "read")
    try directory.handle.unlink("state.json")
    try directory.handle.makeNode("state.json", .fifo, mode: 0o600)
    #expect(message() != "read")
    try directory.handle.unlink("state.json")
    let file = SharedDescriptor(
      try directory.handle.open("state.json", [.writeOnly, .create], mode: 0o600))
    try file.handle.truncate(to: 1 << 30)
    #expect(message() != "read")
  }

  private func message() -> ByteString {
    do throws(StateError) {
      _ = try directory.loadRecord()
      return "read"
    } catch {
      return error.message
    }
  }
}
