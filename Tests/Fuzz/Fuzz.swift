// Fuzz: any text as the documents that apus reads from others, decoded and planned; with libFuzzer.
//
// What must hold of each text, beside that nothing crashes: what is accepted has no duplicate name,
// no NUL and no number that the schema does not allow; every message is one line; a document that is
// written can be read again, and is the same. `Tests/Fuzz/run` builds and starts it.
import Bytes
import CRIU
import Cgroups
import JSON
import Linux
import OCISpec
import Plan
import Seccomp
import StateStore

private let tables = ProcessArguments.variable("APUS_FUZZ_TABLES") ?? "."
private let ranges = Ranges(table: table("numbers"))
private let words = table("words").split(separator: 0x0a).map { Array($0) }

/// An optimised build would not say why.
func violated(_ text: String) -> Never {
  do throws(SyscallError) {
    try Handle.standardError.writeAll(Array("violated: \(text)\n".utf8))
  } catch {}
  preconditionFailure()
}

private func require(_ holds: Bool, _ text: String) { if !holds { violated(text) } }

private func table(_ name: ByteString) -> [UInt8] {
  do throws(SyscallError) {
    let file = SharedDescriptor(try Handle.currentDirectory.open(tables + "/" + name, .readOnly))
    return try file.handle.readAll(limit: 1 << 20)
  } catch {
    violated("no tables: \(error.message)")
  }
}

/// Root and a user of a kernel of today, and root of one that lacks most.
private let hosts = [
  HostFacts(
    kernel: KernelVersion(6, 12), effectiveUserID: 0, effectiveGroupID: 0, isInUserNamespace: false,
    cgroup: .unified(mountPoint: "/sys/fs/cgroup"), ownCgroup: "/user.slice", lastCapability: 40,
    permittedCapabilities: ~0),
  HostFacts(
    kernel: KernelVersion(6, 12), effectiveUserID: 1000, effectiveGroupID: 1000,
    isInUserNamespace: false, cgroup: .unified(mountPoint: "/sys/fs/cgroup"),
    ownCgroup: "/user.slice/user-1000.slice", lastCapability: 40, permittedCapabilities: 0),
  HostFacts(
    kernel: KernelVersion(5, 4), effectiveUserID: 0, effectiveGroupID: 0, isInUserNamespace: true,
    cgroup: .none, ownCgroup: "/", lastCapability: 37, permittedCapabilities: 0xff),
]

/// One text as every document in turn; which of them it is, it need not say.
private struct Reading {
  let text: [UInt8]
  let value: JSONValue

  func config() throws(ConfigError) {
    let config = try Config.read(value)
    // Some machine and manager, the same each time for the same text.
    let choice = text.reduce(0) { $0 &+ Int($1) }
    let host = hosts[choice % hosts.count]
    let manager: CgroupManagerKind = choice % 2 == 0 ? .cgroupfs : .systemd
    let plan = try CreatePlan.make(
      config, CreateRequest(id: "c", bundle: "/b", cgroupManager: manager), host: host)
    accepted(at: [])
    describe(plan.steps, plan.warnings)
    try compile(plan.exec.seccomp)
    guard let process = config.process else { return }
    let exec = try ExecPlan.make(
      process, config: config, container: "c", keyring: nil, host: host, pointer: "/process")
    describe(exec.steps, exec.warnings)
  }

  func process() throws(ConfigError) {
    let process = try OCISpec.Process.read(value)
    let config = Config(
      root: .init(path: "rootfs"),
      linux: LinuxSection(namespaces: [.init(type: "mount"), .init(type: "pid")]))
    let plan = try ExecPlan.make(
      process, config: config, container: "c", keyring: "k", host: hosts[0], pointer: "")
    accepted(at: ["process"])
    describe(plan.steps, plan.warnings)
  }

  func resources() throws(ConfigError) {
    let change = try Resources.read(value)
    accepted(at: ["linux", "resources"])
    var warnings = [ByteString]()
    let update = try ResourceUpdate(change, recorded: Resources(), warnings: &warnings)
    describe([], warnings)
    // Limits are kept in the record, which every later command reads.
    let again = try Resources.read(update.resources.json)
    require(again == update.resources, "resources that are written are not read again")
    _ = try ResourceUpdate(change, recorded: again, warnings: &warnings)
  }

  func state() throws(ConfigError) {
    let state = try State.read(value)
    accepted(at: nil)
    let again = try State.read(state.json)
    require(again == state, "a state that is written is not read again")
  }

  func record() {
    guard let record = ContainerRecord(value) else { return }
    accepted(at: nil)
    // Less is written than is read: what cannot be in a container that exists is left out.
    let json = record.json
    require(ContainerRecord(json)?.json == json, "a record that is written is not read again")
  }

  /// What no acceptance excuses. `place` is where the document would stand in a config, if anywhere.
  private func accepted(at place: [String]?) {
    let scan = Scan.read(text)
    if let fault = scan.fault { violated("accepted: \(fault)") }
    if let place, let number = ranges.violation(in: scan.root, at: place) {
      violated("accepted a number: \(number)")
    }
  }

  private func describe(_ steps: [InitStep], _ warnings: [ByteString]) {
    for step in steps { checkLine(step.title + step.pointer) }
    for warning in warnings { checkLine(warning) }
  }

  private func compile(_ plan: SeccompPlan?) throws(ConfigError) {
    // The library takes long for rules that nobody has.
    guard let plan, plan.rules.count <= 8, plan.rules.allSatisfy({ $0.names.count <= 32 }) else {
      return
    }
    _ = try FilterCompiler.compile(plan)
  }
}

/// No input forges a second line of a log.
private func checkLine(_ text: ByteString) {
  require(!text.contains(0x0a), "a message of two lines: \(text)")
}

/// What criu says and leaves: any bytes at all, of which only a line may become a message.
private func checkCRIU(_ bytes: [UInt8]) {
  do throws(ProtobufError) {
    if let cause = CRIULog.cause(try CRIUResponse(bytes).message) { checkLine(cause) }
  } catch {
    checkLine(error.reason)
  }
  let magic: [UInt8] = [0x19, 0x43, 0x56, 0x54, 0x28, 0x39, 0x56, 0x55]
  do throws(ProtobufError) { _ = try CRIUMount.read(magic + bytes) } catch {
    checkLine(error.reason)
  }
  if let cause = CRIULog.cause(ByteString(bytes)) { checkLine(cause) }
}

private func check(_ text: [UInt8]) {
  checkCRIU(text)
  let value: JSONValue
  do throws(JSONError) { value = try JSONValue.parse(text) } catch {
    checkLine(error.reason)
    return
  }
  do throws(JSONError) {
    let again = try JSONValue.parse(value.encoded(indent: " "))
    require(again == value, "a document that is written is not read again")
  } catch {
    violated("a document that is written is refused: \(error.reason)")
  }
  let reading = Reading(text: text, value: value)
  do throws(ConfigError) { try reading.config() } catch { checkLine(error.message) }
  do throws(ConfigError) { try reading.process() } catch { checkLine(error.message) }
  do throws(ConfigError) { try reading.resources() } catch { checkLine(error.message) }
  do throws(ConfigError) { try reading.state() } catch { checkLine(error.message) }
  reading.record()
}

@_cdecl("LLVMFuzzerTestOneInput")
func testOneInput(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
  check(unsafe Array(UnsafeBufferPointer(start: bytes, count: count)))
  return 0
}

@_silgen_name("LLVMFuzzerMutate")
private func mutateBytes(_ bytes: UnsafeMutablePointer<UInt8>, _ count: Int, _ limit: Int) -> Int

@_cdecl("LLVMFuzzerCustomMutator")
func mutate(
  _ bytes: UnsafeMutablePointer<UInt8>, _ count: Int, _ limit: Int, _ seed: UInt32
) -> Int {
  let text = unsafe Array(UnsafeBufferPointer(start: bytes, count: count))
  // One in four as libFuzzer does it: for the text itself.
  guard seed % 4 != 0 else { return unsafe mutateBytes(bytes, count, limit) }
  do throws(JSONError) { _ = try JSONValue.parse(text) } catch {
    return unsafe mutateBytes(bytes, count, limit)
  }
  var mutator = Mutator(words: words, seed: seed)
  let changed = mutator.change(Scan.read(text).root).text
  guard changed.count <= limit else { return unsafe mutateBytes(bytes, count, limit) }
  for (index, byte) in changed.enumerated() { unsafe bytes[index] = byte }
  return changed.count
}
