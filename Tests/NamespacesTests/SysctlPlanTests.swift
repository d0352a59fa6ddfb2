import Bytes
import Linux
import OCISpec
import Testing

@testable import Namespaces

@Suite("SysctlPlan")
struct SysctlPlanTests {
  private let all: [LinuxSection.Namespace] = NamespaceKind.names.map { .init(type: $0) }

  private func make(
    _ entries: [Entry<ByteString>], _ namespaces: [LinuxSection.Namespace]
  ) throws(ConfigError) -> [SysctlPlan] {
    try NamespacePlan.make(config: config(namespaces, sysctl: entries)).sysctls
  }

  @Test("LX-1: a key leads to one file; the first separator says which ones there are")
  func keys() {
    #expect(SysctlPlan.components(of: "net.ipv4.ip_forward") == ["net", "ipv4", "ip_forward"])
    #expect(
      SysctlPlan.components(of: "net/ipv4/conf/eth0.1/forwarding")
        == ["net", "ipv4", "conf", "eth0.1", "forwarding"])
    #expect(
      SysctlPlan.components(of: "net.ipv4.conf.eth0/1.forwarding")
        == ["net", "ipv4", "conf", "eth0.1", "forwarding"])
  }

  @Test(
    "T30: keys that could lead elsewhere are none",
    arguments: [
      "", "kernel", ".", "/", "net..x", "/net/ipv4", "net/", "net.", "net/../kernel/core_pattern",
      "net/./x", "net.ipv4.//.x", "net./.x", "net.a b", "net.ipv4.a+b\u{1}",
    ])
  func noKeys(key: String) {
    #expect(SysctlPlan.components(of: ByteString(key)) == nil, "\(key)")
  }

  @Test("LX-1: what the container's own namespaces have")
  func allowed() throws {
    let entries: [Entry<ByteString>] = [
      Entry("kernel.msgmax", "1"), Entry("kernel.shm_rmid_forced", "1"), Entry("kernel/sem", "2"),
      Entry("fs.mqueue.msg_max", "3"), Entry("net.core.somaxconn", "4"),
      Entry("kernel.domainname", "d"), Entry("user.max_pid_namespaces", "5"),
    ]
    let plans = try make(entries, all)
    #expect(
      plans.map(\.path) == [
        "kernel/msgmax", "kernel/shm_rmid_forced", "kernel/sem", "fs/mqueue/msg_max",
        "net/core/somaxconn", "kernel/domainname", "user/max_pid_namespaces",
      ])
    #expect(plans.map(\.value) == entries.map(\.value))
  }

  @Test(
    "T30: what belongs to the machine is refused",
    arguments: [
      "kernel.core_pattern", "kernel/core_pattern", "net/../kernel/core_pattern",
      "net.ipv4/../../kernel/core_pattern", "kernel.hostname", "kernel.sem.x", "vm.swappiness",
      "fs.file-max", "fs.mqueue", "fs.mqueue.a.b", "user", "user.a.b", "netx.y", "kernel.msgmaxx",
      "dev.cdrom.info", "kernel.shm", "sys.net.x",
    ])
  func refused(key: String) {
    let error = failure { () throws(ConfigError) in
      try make([Entry(ByteString(key), "1")], all)
    }
    #expect(error?.pointer.hasPrefix("/linux/sysctl/") == true)
  }

  @Test(
    "LX-1 T30: without the namespace there is no sysctl of it",
    arguments: [
      ("kernel.msgmax", "ipc"), ("fs.mqueue.msg_max", "ipc"), ("net.core.somaxconn", "network"),
      ("kernel.domainname", "uts"), ("user.max_pid_namespaces", "user"),
    ])
  func missingNamespace(key: String, kind: String) {
    let others = all.filter { $0.type != ByteString(kind) }
    let error = failure { () throws(ConfigError) in
      try make([Entry(ByteString(key), "1")], others)
    }
    #expect(error?.pointer == "/linux/sysctl/" + ByteString(key))
    #expect(error?.reason.description.contains(" \(kind) namespace") == true)
  }

  @Test("a joined namespace counts if it is not the runtime's, which opening it tells")
  func joined() throws {
    let plan = try NamespacePlan.make(
      config: config(
        [.init(type: "network", path: "/n")], sysctl: [Entry("net/core/somaxconn", "1")]))
    #expect(plan.joins.map(\.foreignFor) == ["/linux/sysctl/net~1core~1somaxconn"])
    #expect(
      try NamespacePlan.make(config: config([.init(type: "network", path: "/n")])).joins
        .map(\.foreignFor) == [nil])
  }

  @Test("LX-1: two spellings of one key, and a domain name that is another")
  func contradictions() {
    let twice = failure { () throws(ConfigError) in
      try make([Entry("kernel.sem", "1"), Entry("kernel/sem", "2")], all)
    }
    #expect(twice?.pointer == "/linux/sysctl/kernel~1sem")
    let domain = failure { () throws(ConfigError) in
      try NamespacePlan.make(
        config: config(all, domainname: "a", sysctl: [Entry("kernel.domainname", "b")]))
    }
    #expect(domain?.pointer == "/linux/sysctl/kernel.domainname")
  }
}
