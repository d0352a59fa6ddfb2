import Bytes
import DBus
import OCISpec
import Testing

@testable import Cgroups

@Suite("Units of systemd")
struct UnitTests {
  @Test("the end of a job is believed of the one who began it, not of anybody else on the bus")
  func sender() {
    var signal = DBusMessage(.signal, serial: 1)
    signal.member = "JobRemoved"
    signal.sender = ":1.3"
    signal.body = [.uint32(7), .objectPath("/job/7"), .string("a.scope"), .string("done")]
    #expect(SystemdBus.tellsEnd(signal, of: "/job/7", by: ":1.3"))
    #expect(!SystemdBus.tellsEnd(signal, of: "/job/8", by: ":1.3"))
    signal.sender = ":1.99"
    #expect(!SystemdBus.tellsEnd(signal, of: "/job/7", by: ":1.3"))
  }

  @Test("`slice:prefix:name` is a scope in a slice, whose name says where it lies")
  func names() throws {
    let unit = try UnitName("machine-web.slice:apus:abc", id: "abc", isRootless: false)
    #expect(unit.name == "apus-abc.scope")
    #expect(unit.components == ["machine.slice", "machine-web.slice", "apus-abc.scope"])
    #expect(try UnitName(":a:b", id: "b", isRootless: false).slice == "system.slice")
    #expect(try UnitName(":a:b", id: "b", isRootless: true).slice == "user.slice")
    #expect(try UnitName("-.slice:a:b", id: "b", isRootless: false).components == ["a-b.scope"])
    #expect(try UnitName(nil, id: "abc", isRootless: false).name == "apus-abc.scope")
    let slice = try UnitName("a.slice:ignored:a-b.slice", id: "b", isRootless: false)
    #expect(slice.isSlice && slice.components == ["a.slice", "a-b.slice"])
  }

  @Test(
    "CG-4: what names no unit is refused",
    arguments: [
      "/machine/abc", "a:b", "a.slice:b:c:d", "a:b:c", "a.slice:b:", "a/b.slice:c:d",
      "a--b.slice:c:d", "-a.slice:c:d", "a.slice:b:c d", "a.slice:../b:c", ".slice:b:c",
    ] as [ByteString])
  func invalid(path: ByteString) {
    #expect(throws: ConfigError.self) { try UnitName(path, id: "c", isRootless: false) }
  }

  private func properties(_ resources: Resources) throws -> [UnitProperty] {
    var warnings = [ByteString]()
    let writes = try ResourceWrites.make(resources, warnings: &warnings)
    return try UnitProperties.make(UnitProperties.adjusted(writes))
  }

  @Test("limits are properties of the types that systemd has for them")
  func limits() throws {
    let made = try properties(
      Resources(
        memory: .init(limit: 64 << 20, reservation: 32 << 20, swap: 80 << 20),
        cpu: .init(shares: 512, quota: 25_050, period: 100_000, cpus: "0-2,9", mems: "0"),
        pids: .init(limit: 0)))
    func value(_ name: ByteString) -> DBusValue? { made.first { $0.name == name }?.value }
    #expect(value("MemoryMax") == .uint64(64 << 20))
    #expect(value("MemoryLow") == .uint64(32 << 20))
    #expect(value("MemorySwapMax") == .uint64(16 << 20))
    #expect(value("CPUWeight") == .uint64(59))
    // In per cent of a processor, rounded up.
    #expect(value("CPUQuotaPerSecUSec") == .uint64(260_000))
    #expect(value("CPUQuotaPeriodUSec") == .uint64(100_000))
    #expect(value("AllowedCPUs") == .bytes([0b0000_0111, 0b10]))
    #expect(value("AllowedMemoryNodes") == .bytes([1]))
    // There is no limit of no tasks.
    #expect(value("TasksMax") == .uint64(1))
  }

  @Test("the cgroup gets what systemd will write, so that the two never disagree")
  func rounding() throws {
    var warnings = [ByteString]()
    let writes = try ResourceWrites.make(
      Resources(cpu: .init(quota: 25_050, period: 100_000), pids: .init(limit: 0)),
      warnings: &warnings)
    let values = UnitProperties.adjusted(writes).map { $0.value }
    #expect(values == ["1", "26000 100000"])
  }

  @Test("no limit is the highest number, and unified overrides what was derived")
  func unlimited() throws {
    let made = try properties(
      Resources(
        memory: .init(limit: -1), pids: .init(limit: 7),
        unified: [Entry("pids.max", "max"), Entry("memory.high", "4096")]))
    #expect(made.filter { $0.name == "TasksMax" }.map { $0.value } == [.uint64(.max)])
    #expect(made.contains { $0.name == "MemoryMax" && $0.value == .uint64(.max) })
    #expect(made.contains { $0.name == "MemoryHigh" && $0.value == .uint64(4096) })
  }

  @Test(
    "annotations are values in the text form of GVariant",
    arguments: [
      ("'a \\'b\\''", .string("a 'b'")), ("true", .boolean(true)), ("uint32 5", .uint32(5)),
      ("uint64 18446744073709551615", .uint64(.max)), ("int64 -5", .int64(-5)),
      ("['a', 'b']", .strings(["a", "b"])), ("-7", .int32(-7)), ("@ax", nil), ("'open", nil),
      ("['a',]", nil), ("int64", nil), ("2147483648", nil),
    ] as [(ByteString, DBusValue?)])
  func values(text: ByteString, value: DBusValue?) {
    #expect(GVariantText.parse(text) == value)
  }

  @Test("seconds are microseconds on the bus, other annotations are nobody's")
  func annotations() throws {
    let made = try UnitAnnotations.properties([
      Entry("org.systemd.property.TimeoutStopSec", "uint64 3"), Entry("other", "1"),
      Entry("org.systemd.property.CollectMode", "'inactive'"),
    ])
    #expect(
      made == [
        UnitProperty(name: "TimeoutStopUSec", value: .uint64(3_000_000)),
        UnitProperty(name: "CollectMode", value: .string("inactive")),
      ])
    for name in ["Ab", "A-b", "Abc.d", ""] as [ByteString] {
      #expect(throws: ConfigError.self) {
        try UnitAnnotations.properties([Entry("org.systemd.property." + name, "1")])
      }
    }
  }

  @Test(
    "an allow-list of devices is systemd's too; what it cannot say is left to our program")
  func devices() throws {
    func policy(_ rules: [Resources.DeviceRule]) throws -> DBusValue? {
      UnitDevices.properties(try ruleList(rules)).first?.value
    }
    let none = Resources.DeviceRule(allow: false, access: "rwm")
    let tun = Resources.DeviceRule(allow: true, type: "c", major: 10, minor: 200, access: "rw")
    #expect(try policy([none, tun]) == .string("strict"))
    #expect(try policy([]) == .string("strict"))
    let minorOfAll = Resources.DeviceRule(allow: true, type: "c", minor: 3, access: "rw")
    #expect(try policy([none, minorOfAll]) == .string("auto"))
    let denied = Resources.DeviceRule(allow: false, type: "c", major: 1, minor: 3, access: "w")
    #expect(try policy([none, tun, denied]) == .string("auto"))
  }
}
