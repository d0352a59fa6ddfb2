import Bytes
import Linux
import OCISpec
import Testing

@testable import Namespaces

@Suite("NetworkDevicePlan")
struct NetworkDeviceTests {
  private let host = HostFacts(
    kernel: KernelVersion(6, 1), effectiveUserID: 0, effectiveGroupID: 0,
    isInUserNamespace: false, cgroup: .none, ownCgroup: "/", lastCapability: 40,
    permittedCapabilities: .max)

  private func make(
    _ devices: [Entry<LinuxSection.NetDevice>],
    _ namespaces: [LinuxSection.Namespace] = [.init(type: "network", path: "/n")],
    rootless: Bool = false
  ) throws(ConfigError) -> [NetworkDevicePlan] {
    var config = config(namespaces)
    config.linux.netDevices = devices
    var plan = try NamespacePlan.make(config: config)
    var host = host
    host.isInUserNamespace = rootless
    let plans = try NetworkDevicePlan.make(config.linux, namespaces: &plan, host: host)
    #expect(plan.joins.first?.foreignFor == (plans.isEmpty ? nil : plans[0].pointer))
    return plans
  }

  @Test("ND-1: the old name, a new one, a template")
  func names() throws {
    let plans = try make([
      Entry("eth0", .init()), Entry("eth1", .init(name: "")), Entry("eth2", .init(name: "lan")),
      Entry("eth3", .init(name: "eth%d")), Entry("eth4", .init(name: "eth%d")),
    ])
    #expect(plans.map(\.newName) == ["eth0", "eth1", "lan", "eth%d", "eth%d"])
    #expect(plans.map(\.isTemplate) == [false, false, false, true, true])
    #expect(try make([]).isEmpty)
  }

  @Test("ND-7: without a network namespace, or without the machine's root")
  func context() {
    let none = failure { () throws(ConfigError) in try make([Entry("eth0", .init())], []) }
    #expect(none?.pointer == "/linux/netDevices")
    let rootless = failure { () throws(ConfigError) in
      try make([Entry("eth0", .init())], rootless: true)
    }
    #expect(rootless?.pointer == "/linux/netDevices")
  }

  @Test(
    "ND-7: what the kernel takes for no name",
    arguments: ["", ".", "..", "a/b", "a:b", "a b", "a\u{9}b", "abcdefghijklmnop", "eth%d"])
  func badNames(name: String) {
    let error = failure { () throws(ConfigError) in
      try make([Entry(ByteString(name), .init(name: "lan"))])
    }
    #expect(error?.pointer.hasPrefix("/linux/netDevices/") == true)
  }

  @Test("ND-2 ND-7: new names", arguments: ["a%b", "%d%d", "%", "a/b", "abcdefghijklmnop"])
  func badNewNames(name: String) {
    let error = failure { () throws(ConfigError) in
      try make([Entry("eth0", .init(name: ByteString(name)))])
    }
    #expect(error?.pointer == "/linux/netDevices/eth0/name")
  }

  @Test("ND-2: two devices cannot have one name")
  func twice() {
    let error = failure { () throws(ConfigError) in
      try make([Entry("eth0", .init(name: "a")), Entry("eth1", .init(name: "a"))])
    }
    #expect(error?.pointer == "/linux/netDevices/eth1/name")
  }

  @Test("a message of rtnetlink keeps its attributes, padded to four bytes")
  func message() {
    var message = NetlinkMessage(type: 16, flags: 0, payload: [1, 2, 3, 4])
    message.append(3, [0x65, 0])
    message.append(28, [UInt8](littleEndian: UInt32(0x0102_0304)))
    #expect(
      message.payload
        == [1, 2, 3, 4, 6, 0, 3, 0, 0x65, 0, 0, 0, 8, 0, 28, 0, 4, 3, 2, 1])
    let attributes = message.attributes(after: 4)
    #expect(attributes.map(\.type) == [3, 28])
    #expect(attributes.map(\.value) == [[0x65, 0], [4, 3, 2, 1]])
    #expect(message.number(2, as: UInt16.self) == 0x0403)
    #expect(message.number(18, as: UInt32.self) == 0x0102)
    message.payload.removeLast()
    #expect(message.attributes(after: 4).count == 1)
  }

  @Test("the kernel answers rtnetlink: there is a loopback device, and no other of that name")
  func kernel() throws {
    let netlink = try Netlink()
    var message = NetlinkMessage(type: 18, flags: 0, payload: [UInt8](repeating: 0, count: 16))
    message.append(3, Array("lo".utf8) + [0])
    let answers = try netlink.request(message, subject: "lo")
    #expect(answers.map { $0.number(4, as: Int32.self) } == [1])
    message = NetlinkMessage(type: 18, flags: 0, payload: [UInt8](repeating: 0, count: 16))
    message.append(3, Array("nowhere".utf8) + [0])
    #expect(throws: SyscallError("netlink", "nowhere", .ENODEV)) {
      try netlink.request(message, subject: "nowhere")
    }
    let dump = NetlinkMessage(type: 18, flags: 0x300, payload: [UInt8](repeating: 0, count: 16))
    #expect(try netlink.request(dump, subject: "links").isEmpty == false)
  }
}
